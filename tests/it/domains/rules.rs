//! What answers mean: the rules alone.

use std::time::Duration;

use cheeseshop::accounts::unverify::Why;
use cheeseshop::domains::answer::{Answer, DnsState, Finding};
use cheeseshop::domains::decide::{Moment, decide, unanswered};
use cheeseshop::domains::domain::{Domain, Queue};
use cheeseshop::time;

use super::DAY;

const INTERVAL: Duration = Duration::from_hours(24 * 30);

fn moment(hours: u32) -> Moment {
    let run = time::from_unix(1_800_000_000) + Duration::from_hours(u64::from(hours));
    Moment { run, now: run + Duration::from_secs(90) }
}

fn new() -> Domain {
    Domain::new("example.com".to_owned(), moment(0).run)
}

fn answer(finding: Finding) -> Answer {
    Answer { said: "x".to_owned(), finding, registered_at: None }
}

fn after(before: &Domain, finding: Finding, dns: Option<DnsState>, hours: u32) -> Domain {
    let since = Some(moment(0).run - DAY);
    decide(before, &answer(finding), dns, since, INTERVAL, moment(hours))
}

#[test]
fn what_is_conclusive_counts_at_once() {
    let held = after(&new(), Finding::Held, None, 0);
    assert_eq!((held.why(), held.next_due), (None, moment(0).now + INTERVAL));
    assert_eq!(after(&new(), Finding::Lapsed, None, 0).why(), Some(Why::Lapsed));
    // Nobody loses anything where no address is verified.
    let idle = decide(&new(), &answer(Finding::Lapsed), None, None, INTERVAL, moment(0));
    assert_eq!(idle.why(), None);
}

#[test]
fn doubts_count_when_seen_twice_a_day_apart() {
    use DnsState::{Bare, InUse, Unknown};
    let first = after(&new(), Finding::Doubtful, None, 0);
    assert_eq!(first.why(), None);
    assert_eq!((first.queue, first.next_due), (Queue::Again.number(), moment(24).run));
    for (finding, dns, hours, expected) in [
        (Finding::Doubtful, None, 23, None),
        (Finding::Doubtful, Some(Bare), 23, None),
        (Finding::Doubtful, Some(Bare), 24, Some(Why::Lapsed)),
        (Finding::Doubtful, Some(Unknown), 24, Some(Why::Lapsed)),
        (Finding::Doubtful, Some(InUse), 24, None),
        (Finding::Doubtful, None, 24, None),
        (Finding::Held, None, 24, None),
        // Doubts of another kind are new ones.
        (Finding::NotCheckable, Some(Unknown), 24, None),
    ] {
        let second = after(&first, finding, dns, hours);
        assert_eq!(second.why(), expected, "{finding:?} {dns:?} {hours}");
    }
    // Without an answer of the DNS it is asked again a day later; in use, with all others.
    assert_eq!(after(&first, Finding::Doubtful, None, 24).next_due, moment(48).run);
    let settled = after(&first, Finding::Doubtful, Some(InUse), 24);
    assert_eq!(settled.queue, Queue::Regular.number());
    assert_eq!(after(&settled, Finding::Doubtful, Some(Bare), 48).why(), Some(Why::Lapsed));
    // Good news ends them.
    let held = after(&first, Finding::Held, None, 24);
    assert_eq!(held.doubtful_since, None);
    assert_eq!(after(&held, Finding::Doubtful, Some(Bare), 48).why(), None);
    // No news are no news.
    let silent = unanswered(&first, "no answer", moment(24));
    assert_eq!((silent.failures, silent.doubtful_since), (1, first.doubtful_since));
    assert_eq!(after(&silent, Finding::Doubtful, Some(Bare), 48).why(), Some(Why::Lapsed));
}

#[test]
fn where_nobody_can_be_asked_only_an_unknown_name_counts() {
    use DnsState::{Bare, InUse, Unknown};
    for dns in [Some(Bare), Some(InUse), None] {
        let first = after(&new(), Finding::NotCheckable, dns, 0);
        assert_eq!((first.why(), first.doubtful_since), (None, None), "{dns:?}");
    }
    let first = after(&new(), Finding::NotCheckable, Some(Unknown), 0);
    assert_eq!((first.why(), first.queue), (None, Queue::Again.number()));
    for (dns, hours, expected) in [
        (Some(Unknown), 23, None),
        (Some(Unknown), 24, Some(Why::Lapsed)),
        (Some(Bare), 24, None),
        (None, 24, None),
    ] {
        assert_eq!(after(&first, Finding::NotCheckable, dns, hours).why(), expected, "{dns:?}");
    }
}

#[test]
fn a_registration_after_the_verification_is_another_owner() {
    let since = moment(0).run;
    let second = Duration::from_secs(1);
    for (at, expected) in
        [(since - second, None), (since, None), (since + second, Some(Why::ChangedHands))]
    {
        let answer = Answer { registered_at: Some(at), ..answer(Finding::Held) };
        let found = decide(&new(), &answer, None, Some(since), INTERVAL, moment(1));
        assert_eq!(found.why(), expected);
    }
}
