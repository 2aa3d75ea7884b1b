//! What a domain's record says (RFC 9083 section 5.3).

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime};
use serde::Deserialize;
use serde_json::Value;
use url::Host;

use crate::domains::answer::{Answer, AskError, Finding};
use crate::domains::reply::one_line;
use crate::time::Time;

/// How long after its expiration a domain still counts as held: most registries renew by
/// themselves and take that back within this time.
const GRACE: Days = Days::new(30);
/// The statuses of a domain that its holder has lost or is losing (RFC 8056), without blanks.
const LOSING: [&str; 2] = ["redemptionperiod", "pendingdelete"];
/// The events by which somebody becomes the holder (RFC 9083 section 10.2.3). A transfer is one
/// between registrars and leaves the holder as he is.
const REGISTRATIONS: [&str; 2] = ["registration", "reregistration"];
const EXPIRATION: &str = "expiration";

/// The record of a domain, as far as it matters here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    object_class_name: Option<String>,
    ldh_name: Option<String>,
    unicode_name: Option<String>,
    status: Option<Vec<String>>,
    events: Option<Vec<Event>>,
    error_code: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_action: Option<String>,
    event_date: Option<String>,
}

/// What a record means, if it is that of the domain.
pub(super) fn read(domain: &str, record: Record, now: Time) -> Result<Answer, AskError> {
    check(domain, &record)?;
    let events = record.events.unwrap_or_default();
    let expired = latest(&events, &[EXPIRATION])
        .filter(|expired| expired.checked_add_days(GRACE).is_some_and(|end| end < now));
    let status = record.status.unwrap_or_default();
    let is_lost = status.iter().any(|status| is_losing(status)) || expired.is_some();
    let words = if status.is_empty() { "registered".to_owned() } else { status.join(", ") };
    let said = match expired {
        Some(expired) => format!("expired on {}; {words}", expired.date()),
        None => words,
    };
    Ok(Answer {
        said: one_line(&said),
        finding: if is_lost { Finding::Lapsed } else { Finding::Held },
        // Nobody can have registered it later than now: clocks differ.
        registered_at: latest(&events, &REGISTRATIONS).map(|time| time.min(now)),
    })
}

/// Whether this is a record at all, and that of the domain.
fn check(domain: &str, record: &Record) -> Result<(), AskError> {
    let failed = |words: String| Err(AskError::Failed(one_line(&words)));
    if let Some(code) = &record.error_code {
        return failed(format!("the registry answers error {code} with success"));
    }
    let class = record.object_class_name.as_deref();
    if class.is_some_and(|class| class != "domain") {
        return failed(format!("the registry answers a record of {}", class.unwrap_or_default()));
    }
    match record.ldh_name.as_ref().or(record.unicode_name.as_ref()) {
        Some(name) if !is_name_of(name, domain) => {
            failed(format!("the registry answers about {name}"))
        }
        None if class.is_none() => failed("the registry answers something else".to_owned()),
        _ => Ok(()),
    }
}

fn is_name_of(name: &str, domain: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.eq_ignore_ascii_case(domain)
        || matches!(Host::parse(name), Ok(Host::Domain(name)) if name == domain)
}

/// Registries write RDAP's words (`pending delete`) or EPP's (`pendingDelete`).
fn is_losing(status: &str) -> bool {
    let squeezed: String = status.chars().filter(char::is_ascii_alphanumeric).collect();
    let squeezed = squeezed.to_ascii_lowercase();
    LOSING.iter().any(|losing| squeezed.contains(losing))
}

/// The latest date of events of these kinds. One that cannot be read is as good as none.
fn latest(events: &[Event], actions: &[&str]) -> Option<Time> {
    let is_meant = |event: &&Event| {
        let action = event.event_action.as_deref().unwrap_or_default().trim();
        actions.iter().any(|wanted| wanted.eq_ignore_ascii_case(action))
    };
    let meant = events.iter().filter(is_meant);
    meant.filter_map(|event| read_date(event.event_date.as_deref()?.trim())).max()
}

/// A date with its time zone (RFC 3339), or as some registries write it: without one, or without
/// any time.
fn read_date(text: &str) -> Option<Time> {
    let zoned = DateTime::parse_from_rfc3339(text).ok().map(|time| time.naive_utc());
    let bare = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok();
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    zoned.or_else(bare).or_else(day)
}

#[cfg(test)]
mod tests;
