//! How it stands with an index: whether it answers, and when it is asked again where it does not.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::error::UpstreamError;
use crate::time::{self, Time};

/// How long an index is left alone that did not answer; each further time twice as long.
const FIRST_REST: Duration = Duration::from_secs(2);
/// But not longer, whatever it says itself: readers wait for what it has.
const LONGEST_REST: Duration = Duration::from_mins(1);

/// What is known of an index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// When it last answered.
    pub answered_at: Option<Time>,
    /// Since when it does not.
    pub failing_since: Option<Time>,
    /// Why it did not, or not with what can be used, the last time that this was so, and when.
    pub trouble: Option<(String, Time)>,
}

/// How it stands with an index.
#[derive(Debug, Default)]
pub(super) struct Health(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    standing: Standing,
    resting: Option<Rest>,
}

#[derive(Debug, Clone, Copy)]
struct Rest {
    until: Instant,
    /// How long it was.
    span: Duration,
}

impl Health {
    /// How long it is still left alone after this moment.
    pub(super) fn rest(&self, at: Instant) -> Option<Duration> {
        let rest = self.state(|state| state.resting)?;
        let left = rest.until.saturating_duration_since(at);
        (!left.is_zero()).then_some(left)
    }

    /// What is known of it.
    pub(super) fn standing(&self) -> Standing {
        self.state(|state| state.standing.clone())
    }

    /// Notes that it answered. Whether it had not before.
    pub(super) fn answered(&self) -> bool {
        self.state(|state| {
            state.resting = None;
            state.standing.answered_at = Some(time::now());
            state.standing.failing_since.take().is_some()
        })
    }

    /// Notes that it did not, or not with what can be used. Whether it does not answer any more.
    pub(super) fn failed(&self, error: &UpstreamError, at: Instant) -> bool {
        self.state(|state| {
            let now = time::now();
            state.standing.trouble = Some((error.to_string(), now));
            if !error.is_of_all() {
                return false;
            }
            // Many who were asking at the same time fail at the same time.
            if state.resting.is_none_or(|rest| rest.until <= at) {
                let longer = state.resting.map_or(FIRST_REST, |rest| rest.span.saturating_mul(2));
                let span = error.wait().unwrap_or(longer).clamp(FIRST_REST, LONGEST_REST);
                state.resting = Some(Rest { until: at + span, span });
            }
            let is_new = state.standing.failing_since.is_none();
            state.standing.failing_since.get_or_insert(now);
            is_new
        })
    }

    fn state<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::{OutboundError, StatusCode};

    fn slow() -> UpstreamError {
        UpstreamError::Outbound(OutboundError::Slow("x".to_owned(), 10))
    }

    #[test]
    fn an_index_that_does_not_answer_is_left_alone_longer_and_longer() {
        let (health, mut at) = (Health::default(), Instant::now());
        assert_eq!(health.rest(at), None);
        assert!(health.failed(&slow(), at));
        for seconds in [2, 4, 8, 16, 32, 60, 60] {
            let rest = Duration::from_secs(seconds);
            assert_eq!(health.rest(at), Some(rest));
            assert!(!health.failed(&slow(), at));
            at += rest;
            assert_eq!(health.rest(at), None);
            assert!(!health.failed(&slow(), at));
        }
        assert!(health.standing().failing_since.is_some());
        assert!(health.answered() && !health.answered());
        assert_eq!((health.rest(at), health.standing().failing_since), (None, None));
    }

    #[test]
    fn trouble_with_one_page_is_no_trouble_with_all() {
        let (health, at) = (Health::default(), Instant::now());
        let odd = UpstreamError::Status("x".to_owned(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!health.failed(&odd, at) && health.rest(at).is_none());
        assert_eq!(health.standing().failing_since, None);
        assert!(health.standing().trouble.is_some());
    }

    #[test]
    fn an_index_is_left_alone_as_long_as_it_wants_within_limits() {
        for (asked, given) in [(0, 2), (30, 30), (86_400, 60)] {
            let (health, at) = (Health::default(), Instant::now());
            let wait = Some(Duration::from_secs(asked));
            let busy = UpstreamError::Busy("x".to_owned(), StatusCode::TOO_MANY_REQUESTS, wait);
            health.failed(&busy, at);
            assert_eq!(health.rest(at), Some(Duration::from_secs(given)));
        }
    }
}
