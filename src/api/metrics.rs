//! `/metrics`: figures for Prometheus, in its text format
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

mod mirror_files;
mod process;
mod requests;
mod stores;

use std::fmt::{Display, Write};
use std::time::Duration;

use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, ServiceConfig, get, resource};
use actix_web::{HttpRequest, HttpResponse};

use crate::accounts;
use crate::app::App;
use crate::db::Conn;
use crate::domains::totals::{Standing, Totals};
use crate::error::{Error, Result};
use crate::jobs::figures::Figures;
use crate::mirror::Mirror;
use crate::time::{self, Time};

/// How long the database is waited for: less than who collects figures waits for all of them.
const PATIENCE: Duration = Duration::from_secs(2);
/// Headers by which proxies say that they are some.
const FORWARDED: [&str; 4] = ["forwarded", "via", "x-forwarded-for", "x-real-ip"];
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(resource("/metrics").route(get().to(show)));
}

async fn show(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    if !may_read(&app, &request) {
        return Err(refusal(&app));
    }
    let mut text = String::new();
    let age = app.pages.age().unwrap_or_default().as_secs_f64();
    let about = "Seconds for which changes by others could not be seen, 0 while all is well.";
    gauge(&mut text, "cheeseshop_pages_age_seconds", about, age);
    let kept = app.pages.kept();
    let about = "Project pages that are kept ready.";
    gauge(&mut text, "cheeseshop_pages_kept", about, kept.pages);
    let about = "Bytes of the project pages that are kept ready.";
    gauge(&mut text, "cheeseshop_pages_kept_bytes", about, kept.bytes);
    let about = "Project pages that were not ready and were made.";
    counter(&mut text, "cheeseshop_pages_made_total", about, kept.made);
    let about = "Serial of the last change that the list of all projects shows.";
    gauge(&mut text, "cheeseshop_root_serial", about, kept.root_serial);
    let about = "How often passwords and recovery codes were hashed, to check or to keep them.";
    counter(&mut text, "cheeseshop_password_hashes_total", about, accounts::hashes());
    let about = "Processor seconds that this hashing took.";
    let seconds = accounts::hashing_time().as_secs_f64();
    counter(&mut text, "cheeseshop_password_hashing_cpu_seconds_total", about, seconds);
    let about = "Downloads of files.";
    counter(&mut text, "cheeseshop_downloads_total", about, app.downloads.total());
    let about = "Downloads that could not be kept, because the database took none for long.";
    counter(&mut text, "cheeseshop_downloads_lost_total", about, app.downloads.lost());
    requests::write(&mut text);
    stores::write(&app, &mut text);
    process::write(&app, &mut text).await;
    if let Some(mirror) = &app.mirror {
        mirrored(mirror, &mut text);
        mirror_files::write(&mut text, &mirror.files);
    }
    // Where the database does not answer, all else is wanted more than ever.
    if let Ok(Ok(stored)) = tokio::time::timeout(PATIENCE, stored(&app)).await {
        text.push_str(&stored);
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, TEXT))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text))
}

/// What became of the pages of upstream indexes.
fn mirrored(mirror: &Mirror, text: &mut String) {
    let figures = &mirror.figures;
    let about = "Pages that upstream indexes were asked for.";
    counter(text, "cheeseshop_mirror_pages_asked_total", about, figures.asked.get());
    let about = "Pages that had not changed when upstream indexes were asked for them.";
    counter(text, "cheeseshop_mirror_pages_not_modified_total", about, figures.not_modified.get());
    let about = "Pages that upstream indexes did not answer with, or not so that they can be used.";
    counter(text, "cheeseshop_mirror_pages_failed_total", about, figures.failed.get());
    let about = "Pages that became stale because upstream indexes could not be asked for them.";
    counter(text, "cheeseshop_mirror_pages_stale_total", about, figures.stale.get());
    let about = "Questions for unknown projects that were answered without asking anybody.";
    counter(text, "cheeseshop_mirror_unknown_remembered_total", about, figures.remembered.get());
    let about = "Whether an upstream index answers: 1, or 0 where it does not.";
    let name = "cheeseshop_mirror_upstream_up";
    head(text, ("gauge", name), about);
    for upstream in mirror.client.upstreams() {
        let is_up = u8::from(upstream.standing().failing_since.is_none());
        // (Writing to a String does not fail. A URL has no quotes and backslashes.)
        let _ = writeln!(text, "{name}{{upstream=\"{}\"}} {is_up}", upstream.base());
    }
}

/// The figures that the database keeps.
async fn stored(app: &App) -> Result<String> {
    let mut text = String::new();
    domains(app, &mut text).await?;
    jobs(app, &mut text).await?;
    stores::stored(app, &mut text).await?;
    if app.mirror.is_some() {
        mirror_files::stored(app, &mut text).await?;
    }
    Ok(text)
}

/// What sweeps of mail domains did, and how it stands with the answers.
async fn domains(app: &App, text: &mut String) -> Result<()> {
    let now = time::now();
    let read = move |c: &mut Conn| Ok((Totals::read(c)?, Standing::read(c, now)?));
    let (totals, standing) = app.db.read(read).await?;
    let about = "Mail domains that were asked about.";
    counter(text, "cheeseshop_domains_asked_total", about, totals.asked);
    let about = "Mail domains about which nobody answered when asked.";
    counter(text, "cheeseshop_domains_failed_total", about, totals.failed);
    let about = "Addresses that lost their verification with their domain.";
    counter(text, "cheeseshop_domains_unverified_total", about, totals.unverified);
    gauge(text, "cheeseshop_domains", "Mail domains that are asked about.", standing.domains);
    let about = "Mail domains whose time to be asked about has passed.";
    gauge(text, "cheeseshop_domains_overdue", about, standing.overdue);
    let about = "Mail domains that the brake keeps from being acted on, 0 while all is well.";
    gauge(text, "cheeseshop_domains_held_back", about, standing.held_back);
    let age = standing.oldest.map_or(0, |oldest| (now - oldest).num_seconds().max(0));
    let about = "Age of the oldest answer about a mail domain, 0 without any.";
    gauge(text, "cheeseshop_domains_oldest_answer_seconds", about, age);
    Ok(())
}

/// What became of the periodic jobs.
async fn jobs(app: &App, text: &mut String) -> Result<()> {
    let all = app.db.read(|c| Ok(Figures::read(c)?)).await?;
    let mut lines = |kind, name, about, value: &dyn Fn(&Figures) -> Option<i64>| {
        head(text, (kind, name), about);
        for (job, figures) in &all {
            if let Some(value) = value(figures) {
                // (Writing to a String does not fail.)
                let _ = writeln!(text, "{name}{{job=\"{job}\"}} {value}");
            }
        }
    };
    let seconds = |at: Option<Time>| at.map(|at| at.and_utc().timestamp());
    let about = "Runs of a periodic job that were begun.";
    lines("counter", "cheeseshop_job_runs_total", about, &|it| Some(it.begun));
    let about = "Runs of a periodic job that failed or died, among those whose records are kept.";
    lines("gauge", "cheeseshop_job_runs_failed", about, &|it| Some(it.failed));
    let about = "When the last run of a periodic job ended, well or not.";
    lines("gauge", "cheeseshop_job_ended_timestamp_seconds", about, &|it| seconds(it.ended_at));
    let about = "When a run of a periodic job last did its work.";
    lines("gauge", "cheeseshop_job_done_timestamp_seconds", about, &|it| seconds(it.done_at));
    Ok(())
}

/// Whoever has the token of the configuration; without one, this machine.
fn may_read(app: &App, request: &HttpRequest) -> bool {
    if let Some(token) = app.metrics_token() {
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let sent = header.and_then(|header| header.split_once(' '));
        return sent.is_some_and(|(scheme, sent)| {
            scheme.eq_ignore_ascii_case("bearer") && token.is(sent.trim())
        });
    }
    // What comes through a proxy on this machine is not from this machine.
    // (Who connects to a Unix socket has no address.)
    let is_near = request.peer_addr().is_none_or(|peer| peer.ip().is_loopback());
    is_near && !FORWARDED.iter().any(|name| request.headers().contains_key(*name))
}

/// The answer to everybody else.
fn refusal(app: &App) -> Error {
    if app.metrics_token().is_some() {
        let words = "The figures need the bearer token of the configuration (metrics.token).";
        return Error::forbidden("The figures need a bearer token", words);
    }
    let words = "The figures are for this machine; metrics.token opens them to others.";
    Error::forbidden("The figures are for this machine", words)
}

fn gauge(text: &mut String, name: &str, about: &str, value: impl Display) {
    figure(text, ("gauge", name), about, value);
}

fn counter(text: &mut String, name: &str, about: &str, value: impl Display) {
    figure(text, ("counter", name), about, value);
}

/// (Writing to a String does not fail.)
fn figure(text: &mut String, what: (&str, &str), about: &str, value: impl Display) {
    head(text, what, about);
    let (_, name) = what;
    let _ = writeln!(text, "{name} {value}");
}

/// One line of a figure that has several.
fn line(text: &mut String, name: &str, labels: &[(&str, &str)], value: impl Display) {
    text.push_str(name);
    for (place, (label, content)) in labels.iter().enumerate() {
        let content = content.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let before = if place == 0 { '{' } else { ',' };
        // (Writing to a String does not fail.)
        let _ = write!(text, "{before}{label}=\"{content}\"");
    }
    let _ = writeln!(text, "{} {value}", if labels.is_empty() { "" } else { "}" });
}

fn head(text: &mut String, (kind, name): (&str, &str), about: &str) {
    let _ = write!(text, "# HELP {name} {about}\n# TYPE {name} {kind}\n");
}
