//! Since when this process asks for the journal in vain: how old its pages may be.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::db::news::LOOKS;

/// Longer than this is late: the journal is read within milliseconds of a look.
const LATE: Duration = Duration::from_millis(1_500);
/// While nobody waits for an answer.
const NEVER: u64 = u64::MAX;

/// The question that was not answered yet.
#[derive(Debug)]
pub(super) struct Confirmed {
    begun: Instant,
    /// Milliseconds after `begun`, or [`NEVER`].
    asked: AtomicU64,
}

impl Default for Confirmed {
    fn default() -> Self {
        Self { begun: Instant::now(), asked: AtomicU64::new(NEVER) }
    }
}

impl Confirmed {
    /// The journal is asked for, perhaps not for the first time since it was read.
    pub(super) fn begin(&self) {
        let now = self.elapsed();
        let _ = self.asked.compare_exchange(NEVER, now, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// It was read to its end.
    pub(super) fn end(&self) {
        self.asked.store(NEVER, Ordering::Relaxed);
    }

    /// For how long it could not be read; none while all is well.
    pub(super) fn age(&self) -> Option<Duration> {
        let asked = self.asked.load(Ordering::Relaxed);
        if asked == NEVER {
            return None;
        }
        // What was not seen may have been written right after the look before.
        let age = Duration::from_millis(self.elapsed().saturating_sub(asked)) + LOOKS;
        (age > LATE).then_some(age)
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(NEVER - 1)
    }
}
