//! The page itself.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

use crate::app::App;
use crate::config::size_for_people;
use crate::error::{Error, Result};
use crate::http::guard::Admin;
use crate::http::visitor::Visitor;
use crate::mirror::Mirror;
use crate::mirror::rule::{Action, Rule};
use crate::mirror::state::State;
use crate::mirror::upstream::Upstream;
use crate::time::{self, Time};
use crate::web::form::{problem, refuse};
use crate::web::page::Frame;

#[derive(Template)]
#[template(path = "admin/mirror.html")]
struct MirrorPage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    /// What there is to show; none: nothing is mirrored.
    shown: Option<Shown>,
}

struct Shown {
    is_offline: bool,
    min_age_days: u32,
    upstreams: Vec<UpstreamRow>,
    figures: Vec<(&'static str, String)>,
    rules: Vec<RuleRow>,
}

struct UpstreamRow {
    url: String,
    is_failing: bool,
    /// What is known of it, a sentence each.
    facts: Vec<String>,
}

struct RuleRow {
    id: i64,
    is_quarantine: bool,
    has_ended: bool,
    about: String,
    /// The project, for links; empty: none.
    project: String,
    digest: String,
    until: String,
    actor: String,
    at: String,
    reason: String,
}

/// `GET /admin/mirror/`
pub(super) async fn show(app: Data<App>, visitor: Visitor, _who: Admin) -> Result<HttpResponse> {
    again(&app, &visitor, None).await
}

/// The page, with what was wrong with a form above it.
pub(super) async fn again(
    app: &App,
    visitor: &Visitor,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let shown = match &app.mirror {
        Some(mirror) => Some(shown(mirror, mirror.state().await?)),
        None => None,
    };
    let frame = Frame::of(app, visitor);
    let page = MirrorPage { frame, here: "mirror", problem: problem(error), shown };
    refuse(app, visitor, error, &page)
}

fn shown(mirror: &Mirror, state: State) -> Shown {
    let now = time::now();
    let upstreams = mirror.client.upstreams().iter();
    Shown {
        is_offline: mirror.config.offline,
        min_age_days: mirror.config.min_age_days,
        upstreams: upstreams.map(|upstream| upstream_row(upstream, &state)).collect(),
        figures: figures(mirror, &state),
        rules: state.rules.into_iter().map(|rule| rule_row(rule, now)).collect(),
    }
}

fn upstream_row(upstream: &Upstream, state: &State) -> UpstreamRow {
    let (url, standing) = (upstream.base().to_string(), upstream.standing());
    let mut facts = Vec::new();
    match (standing.failing_since, standing.answered_at) {
        (Some(since), _) => facts.push(format!(
            "It does not answer since {}; what is kept of it is served.",
            time::for_people(since)
        )),
        (None, Some(at)) => facts.push(format!("It answered at {}.", time::for_people(at))),
        (None, None) => facts.push("This process has not asked it yet.".to_owned()),
    }
    if let Some((words, at)) = standing.trouble {
        facts.push(format!("The last trouble, at {}: {words}.", time::for_people(at)));
    }
    if let Some(rest) = upstream.rest() {
        facts.push(format!("It is asked again in {}.", time::span_for_people(rest)));
    }
    if let Some(pages) = state.holdings.pages.iter().find(|pages| pages.upstream == url) {
        facts.push(format!(
            "{} of its pages are kept; {} of them are due to be asked for again.",
            pages.count, pages.overdue
        ));
    }
    UpstreamRow { url, is_failing: standing.failing_since.is_some(), facts }
}

fn figures(mirror: &Mirror, state: &State) -> Vec<(&'static str, String)> {
    let (holdings, figures, files) = (&state.holdings, &mirror.figures, mirror.files.figures());
    let room = match mirror.config.max_bytes {
        Some(most) => format!(" of {}", size_for_people(most.0)),
        None => String::new(),
    };
    let bytes = size_for_people(holdings.bytes.unsigned_abs());
    let failed: u64 = files.failed().iter().map(|(_, count)| count).sum();
    vec![
        ("Pages kept", holdings.all_pages().to_string()),
        ("Files stored", holdings.files.to_string()),
        ("Of these pinned", holdings.pinned.to_string()),
        ("Their size", format!("{bytes}{room}")),
        ("Pages asked for *", figures.asked.get().to_string()),
        ("Not modified *", figures.not_modified.get().to_string()),
        ("Questions in vain *", figures.failed.get().to_string()),
        ("Stale pages served *", figures.stale.get().to_string()),
        ("Files fetched *", files.fetched().to_string()),
        ("Fetches in vain *", failed.to_string()),
        ("Under way *", mirror.files.running().to_string()),
    ]
}

fn rule_row(rule: Rule, now: Time) -> RuleRow {
    let has_ended = !rule.holds(now);
    let about = match (&rule.version, &rule.filename, &rule.sha256) {
        (_, _, Some(digest)) => format!("SHA-256 {digest}"),
        (Some(version), ..) => format!("{} {version}", rule.project),
        (_, Some(filename), _) => format!("{}: {filename}", rule.project),
        _ => rule.project.clone(),
    };
    RuleRow {
        id: rule.id.get(),
        is_quarantine: rule.action() == Action::Quarantine,
        has_ended,
        about,
        until: rule.until.map(time::for_people).unwrap_or_default(),
        at: time::for_people(rule.created_at),
        project: rule.project,
        digest: rule.sha256.unwrap_or_default(),
        actor: rule.actor,
        reason: rule.reason,
    }
}
