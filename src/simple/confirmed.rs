//! When this process last saw the journal: how old its pages may be.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Longer than this is late: the journal is read more than twice a second.
const LATE: Duration = Duration::from_millis(1_500);

/// When the journal was last read to its end.
#[derive(Debug)]
pub(super) struct Confirmed {
    begun: Instant,
    /// Milliseconds after `begun`.
    last: AtomicU64,
}

impl Default for Confirmed {
    fn default() -> Self {
        Self { begun: Instant::now(), last: AtomicU64::new(0) }
    }
}

impl Confirmed {
    pub(super) fn now(&self) {
        self.last.store(self.elapsed(), Ordering::Relaxed);
    }

    /// For how long it could not be read; none while all is well.
    pub(super) fn age(&self) -> Option<Duration> {
        let last = self.last.load(Ordering::Relaxed);
        let age = Duration::from_millis(self.elapsed().saturating_sub(last));
        (age > LATE).then_some(age)
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
