//! `/admin/log/`: what administrators did.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;
use serde_json::Value;

use super::{cut, in_query};
use crate::accounts::act::{self, Act, Entry, Filter};
use crate::app::App;
use crate::db::ActId;
use crate::error::Result;
use crate::http::guard::Admin;
use crate::http::visitor::Visitor;
use crate::time;
use crate::web::form::refuse;
use crate::web::page::Frame;

/// Acts on one page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "admin/log.html")]
struct LogPage {
    frame: Frame,
    here: &'static str,
    who: String,
    target: String,
    acts: Vec<(&'static str, &'static str, bool)>,
    lines: Vec<Line>,
    older: Option<String>,
    is_first: bool,
}

/// An act as a page shows it.
pub(super) struct Line {
    pub(super) at: String,
    pub(super) actor: String,
    pub(super) ip: String,
    pub(super) words: String,
    pub(super) target: String,
    pub(super) detail: String,
    pub(super) reason: String,
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    who: String,
    #[serde(default)]
    act: String,
    #[serde(default)]
    target: String,
    #[serde(default)]
    before: String,
}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    _who: Admin,
    wanted: Query<Wanted>,
) -> Result<HttpResponse> {
    let Wanted { who, act, target, before } = wanted.into_inner();
    let text = |text: &str| Some(text.trim().replace('\0', "")).filter(|text| !text.is_empty());
    // What is no number is no act: the first page.
    let before: Option<i64> = before.parse().ok();
    let filter = Filter {
        actor: text(&who),
        act: Act::ALL.iter().copied().find(|known| known.as_str() == act),
        target: text(&target),
        before: before.map(ActId::new),
    };
    let chosen = filter.act;
    let mut entries = app.db.read(move |c| Ok(act::list(c, &filter, PAGE + 1)?)).await?;
    let has_more = cut(&mut entries, PAGE);
    let query = format!(
        "?who={}&act={}&target={}&before=",
        in_query(&who),
        chosen.map_or("", Act::as_str),
        in_query(&target)
    );
    let last = entries.last().filter(|_| has_more);
    let page = LogPage {
        frame: Frame::of(&app, &visitor),
        here: "log",
        who,
        target,
        acts: choices(chosen),
        older: last.map(|entry| format!("{query}{}", entry.id.get())),
        lines: entries.into_iter().map(line).collect(),
        is_first: before.is_none(),
    };
    refuse(&app, &visitor, None, &page)
}

fn choices(chosen: Option<Act>) -> Vec<(&'static str, &'static str, bool)> {
    Act::ALL.iter().map(|act| (act.as_str(), act.words(), Some(*act) == chosen)).collect()
}

/// One act.
pub(super) fn line(entry: Entry) -> Line {
    let known = Act::ALL.iter().find(|act| act.as_str() == entry.act);
    Line {
        at: time::for_people(entry.at),
        words: known.map_or_else(|| entry.act.clone(), |act| act.words().to_owned()),
        detail: detail(&entry.detail()),
        actor: entry.actor,
        ip: entry.ip.unwrap_or_else(|| "by a command on the server".to_owned()),
        target: entry.target,
        reason: entry.reason,
    }
}

/// What else there is to say: names and plain values.
fn detail(value: &Value) -> String {
    let Some(fields) = value.as_object() else { return String::new() };
    let words = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(all) if all.iter().all(Value::is_string) => {
            all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        Value::Null => "default".to_owned(),
        other => other.to_string(),
    };
    let one =
        |(name, value): (&String, &Value)| format!("{}: {}", name.replace('_', " "), words(value));
    fields.iter().map(one).collect::<Vec<_>>().join("; ")
}
