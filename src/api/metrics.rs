//! `/metrics`: figures for Prometheus, in its text format
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use std::fmt::{Display, Write};

use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, ServiceConfig, get, resource};
use actix_web::{HttpRequest, HttpResponse};

use crate::accounts;
use crate::app::App;
use crate::db::Conn;
use crate::domains::totals::{Standing, Totals};
use crate::error::{Error, Result};
use crate::time;

/// Headers by which proxies say that they are some.
const FORWARDED: [&str; 4] = ["forwarded", "via", "x-forwarded-for", "x-real-ip"];
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(resource("/metrics").route(get().to(show)));
}

async fn show(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    if !may_read(&app, &request) {
        // Not told apart from a path where nothing is.
        return Err(Error::not_found("There is no page at this address."));
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
    let about = "Serial of the last change that the list of all projects shows.";
    gauge(&mut text, "cheeseshop_root_serial", about, kept.root_serial);
    let about = "How often passwords and recovery codes were hashed, to check or to keep them.";
    counter(&mut text, "cheeseshop_password_hashes_total", about, accounts::hashes());
    domains(&app, &mut text).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, TEXT))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text))
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

/// Whoever has the token of the configuration; without one, this machine.
fn may_read(app: &App, request: &HttpRequest) -> bool {
    if let Some(token) = &app.config.metrics_token {
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let sent = header.and_then(|header| header.strip_prefix("Bearer "));
        return sent.is_some_and(|sent| token.is(sent));
    }
    // What comes through a proxy on this machine is not from this machine.
    let is_near = request.peer_addr().is_some_and(|peer| peer.ip().is_loopback());
    is_near && !FORWARDED.iter().any(|name| request.headers().contains_key(*name))
}

fn gauge(text: &mut String, name: &str, about: &str, value: impl Display) {
    figure(text, ("gauge", name), about, value);
}

fn counter(text: &mut String, name: &str, about: &str, value: impl Display) {
    figure(text, ("counter", name), about, value);
}

/// (Writing to a String does not fail.)
fn figure(text: &mut String, (kind, name): (&str, &str), about: &str, value: impl Display) {
    let _ = write!(text, "# HELP {name} {about}\n# TYPE {name} {kind}\n{name} {value}\n");
}
