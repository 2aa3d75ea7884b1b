//! How long a run waits for the database.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Adds up times, in microseconds.
#[derive(Debug, Default)]
pub(in crate::domains) struct Stopwatch(AtomicU64);

impl Stopwatch {
    /// Waits for work and adds how long it took.
    pub(in crate::domains) async fn time<T>(&self, work: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let done = work.await;
        let took = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.0.fetch_add(took, Ordering::Relaxed);
        done
    }

    /// All of it.
    pub(in crate::domains) fn total(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }
}
