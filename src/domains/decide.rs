//! What an answer means for the addresses of a domain: the rules, and nothing else.

use std::time::Duration;

use super::answer::{Answer, DnsState, Finding};
use super::domain::{Domain, Queue, verdict_word};
use crate::accounts::unverify::Why;
use crate::time::Time;

/// Doubts count when they are seen twice, so far apart.
pub const APART: Duration = Duration::from_hours(24);

/// When something was seen.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// When the run began, to the minute: two daily runs are a day apart, whatever the second at
    /// which each comes to a domain.
    pub run: Time,
    /// When the answer came.
    pub now: Time,
}

/// Whether the DNS must be asked, too, before an answer can be weighed.
pub fn needs_dns(before: &Domain, answer: &Answer, moment: Moment) -> bool {
    match answer.finding {
        Finding::Held | Finding::Lapsed => false,
        Finding::Doubtful => seen_before(before, answer.finding, moment),
        Finding::NotCheckable => true,
    }
}

/// Whether it matters for an answer when the addresses were verified. For most it does not: a domain
/// that is held, by whom it always was as far as anybody says, takes nothing.
pub fn needs_verified_since(answer: &Answer) -> bool {
    answer.finding != Finding::Held || answer.registered_at.is_some()
}

/// The row of a domain after an answer. `dns` is what the DNS says, where it was asked and did
/// answer; `verified_since` the moment at which the first of its verified addresses became so.
pub fn decide(
    before: &Domain,
    answer: &Answer,
    dns: Option<DnsState>,
    verified_since: Option<Time>,
    interval: Duration,
    moment: Moment,
) -> Domain {
    let doubt = doubt(before, answer, dns, moment);
    let why = verified_since.and_then(|since| {
        if answer.finding == Finding::Lapsed || doubt == Doubt::Confirmed {
            return Some(Why::Lapsed);
        }
        answer.registered_at.filter(|at| *at > since).map(|_| Why::ChangedHands)
    });
    let since = doubtful_since(before, answer.finding);
    let (queue, next_due) = match doubt {
        Doubt::Open => {
            let since = since.filter(|since| *since + APART > moment.run).unwrap_or(moment.run);
            (Queue::Again, since + APART)
        }
        _ => (Queue::Regular, moment.now + interval),
    };
    let doubtful_since = match doubt {
        Doubt::None => None,
        _ => since.or(Some(moment.run)),
    };
    Domain {
        name: before.name.clone(),
        queue: queue.number(),
        next_due,
        asked_at: Some(moment.now),
        answered_at: Some(moment.now),
        said: Some(answer.said.clone()),
        finding: Some(answer.finding.as_str().to_owned()),
        registered_at: answer.registered_at.or(before.registered_at),
        doubtful_since,
        failures: 0,
        last_error: None,
        verdict: why.map(|why| verdict_word(why).to_owned()),
        held_back_at: before.held_back_at.filter(|_| why.is_some()),
        acted_at: before.acted_at,
        action: before.action.clone(),
    }
}

/// The row of a domain about which nobody could be asked: nothing is known that was not known
/// before.
pub fn unanswered(before: &Domain, why: &str, moment: Moment) -> Domain {
    Domain {
        queue: Queue::Failing.number(),
        asked_at: Some(moment.now),
        failures: before.failures.saturating_add(1),
        last_error: Some(why.to_owned()),
        ..before.clone()
    }
}

/// How it stands with doubts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    /// There are none.
    None,
    /// They are asked about again in a day.
    Open,
    /// They stay, but the domain is in use: nothing follows, and it need not be asked every day.
    Settled,
    /// They were seen twice: the domain has lapsed.
    Confirmed,
}

fn doubt(before: &Domain, answer: &Answer, dns: Option<DnsState>, moment: Moment) -> Doubt {
    let again = seen_before(before, answer.finding, moment);
    let is_gone = match (answer.finding, dns) {
        (Finding::Held | Finding::Lapsed, _)
        | (Finding::NotCheckable, Some(DnsState::Bare | DnsState::InUse)) => return Doubt::None,
        (Finding::Doubtful, Some(DnsState::InUse)) if again => return Doubt::Settled,
        // Nobody said that the name is gone; what was seen before is kept, and nothing is added.
        (Finding::NotCheckable, None) => {
            let is_open = doubtful_since(before, answer.finding).is_some();
            return if is_open { Doubt::Open } else { Doubt::None };
        }
        (Finding::NotCheckable, Some(DnsState::Unknown)) => true,
        (Finding::Doubtful, dns) => dns.is_some(),
    };
    if again && is_gone { Doubt::Confirmed } else { Doubt::Open }
}

/// Since when there are doubts of the same kind.
fn doubtful_since(before: &Domain, finding: Finding) -> Option<Time> {
    before.doubtful_since.filter(|_| before.finding.as_deref() == Some(finding.as_str()))
}

/// Whether the same doubts were seen long enough before.
fn seen_before(before: &Domain, finding: Finding, moment: Moment) -> bool {
    doubtful_since(before, finding).is_some_and(|since| since + APART <= moment.run)
}
