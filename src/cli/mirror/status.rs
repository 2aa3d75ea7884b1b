//! `cheeseshop mirror status`

use clap::Args;
use serde::Serialize;

use super::super::{Failure, out};
use crate::config::{Config, size_for_people};
use crate::error::Result;
use crate::mirror::Mirror;
use crate::mirror::rule::Rule;
use crate::mirror::state::{Probed, State};
use crate::time;

#[derive(Args)]
pub(in crate::cli) struct Status {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Shown {
    /// Whether nobody is asked.
    offline: bool,
    upstreams: Vec<Upstream>,
    /// Pages that are kept.
    pages: i64,
    /// Files that are stored.
    files: i64,
    /// Of these, those that never leave to make room.
    pinned: i64,
    /// Bytes that are there for the mirror alone.
    bytes: i64,
    /// null: all are kept.
    max_bytes: Option<u64>,
    min_age_days: u32,
    rules: Vec<Entry>,
}

#[derive(Serialize)]
struct Upstream {
    url: String,
    pages: i64,
    /// Those that are asked for again when somebody needs them.
    overdue_pages: i64,
    /// When it last answered about a page that is kept.
    last_checked: Option<String>,
    /// null: it was not asked now.
    answers: Option<bool>,
    /// Why it does not.
    error: Option<String>,
}

#[derive(Serialize)]
struct Entry {
    id: i64,
    /// quarantine or release_early
    action: &'static str,
    /// null: any, for a digest.
    project: Option<String>,
    version: Option<String>,
    file: Option<String>,
    sha256: Option<String>,
    reason: String,
    until: Option<String>,
    by: String,
    created: String,
}

impl Status {
    pub(super) async fn run(self, config: &Config) -> Result<(), Failure> {
        let mirror = super::open(config)?;
        let (probed, state) = (mirror.probe().await?, mirror.state().await?);
        let shown = shown(&mirror, probed, state);
        if self.json {
            return out::json(&shown);
        }
        show(shown);
        Ok(())
    }
}

fn shown(mirror: &Mirror, probed: Vec<Probed>, state: State) -> Shown {
    let now = time::now();
    let State { holdings, rules } = state;
    let upstream = |Probed { upstream, answer }: Probed| {
        let pages = holdings.pages.iter().find(|pages| pages.upstream == upstream);
        Upstream {
            pages: pages.map_or(0, |pages| pages.count),
            overdue_pages: pages.map_or(0, |pages| pages.overdue),
            last_checked: pages.and_then(|pages| Some(time::iso(pages.checked?.1))),
            answers: answer.as_ref().map(Result::is_ok),
            error: answer.and_then(Result::err).map(|error| error.to_string()),
            url: upstream,
        }
    };
    Shown {
        offline: mirror.config.offline,
        upstreams: probed.into_iter().map(upstream).collect(),
        pages: holdings.all_pages(),
        files: holdings.files,
        pinned: holdings.pinned,
        bytes: holdings.bytes,
        max_bytes: mirror.config.max_bytes.map(|size| size.0),
        min_age_days: mirror.config.min_age_days,
        rules: rules.into_iter().filter(|rule| rule.holds(now)).map(entry).collect(),
    }
}

fn entry(rule: Rule) -> Entry {
    Entry {
        id: rule.id.get(),
        action: rule.action().as_str(),
        project: Some(rule.project).filter(|project| !project.is_empty()),
        version: rule.version,
        file: rule.filename,
        sha256: rule.sha256,
        reason: rule.reason,
        until: rule.until.map(time::iso),
        by: rule.actor,
        created: time::iso(rule.created_at),
    }
}

fn show(shown: Shown) {
    let size = |bytes: i64| size_for_people(bytes.unsigned_abs());
    let cap = shown.max_bytes.map(|most| format!(" of {}", size_for_people(most)));
    let offline = if shown.offline { "; offline: nobody is asked" } else { "" };
    out::line(format!(
        "{} pages, {} files ({} pinned), {}{}{offline}",
        shown.pages,
        shown.files,
        shown.pinned,
        size(shown.bytes),
        cap.unwrap_or_default()
    ));
    let rows: Vec<_> = shown.upstreams.into_iter().map(upstream_row).collect();
    out::line("");
    out::table(["UPSTREAM", "PAGES", "OVERDUE", "LAST CHECKED", "NOW"], &rows);
    if shown.rules.is_empty() {
        return;
    }
    let rows: Vec<_> = shown.rules.into_iter().map(rule_row).collect();
    out::line("");
    out::table(["RULE", "ACTION", "ABOUT", "UNTIL", "BY", "WHY"], &rows);
}

fn upstream_row(upstream: Upstream) -> [String; 5] {
    let now = match (upstream.answers, upstream.error) {
        (_, Some(error)) => error,
        (Some(_), None) => "answers".to_owned(),
        (None, None) => "not asked".to_owned(),
    };
    [
        upstream.url,
        upstream.pages.to_string(),
        upstream.overdue_pages.to_string(),
        upstream.last_checked.unwrap_or_else(|| "never".to_owned()),
        now,
    ]
}

fn rule_row(rule: Entry) -> [String; 6] {
    let parts = [rule.project, rule.version, rule.file, rule.sha256];
    let about = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let until = rule.until.unwrap_or_else(|| "it is lifted".to_owned());
    [rule.id.to_string(), rule.action.to_owned(), about, until, rule.by, rule.reason]
}
