//! Whether the database still answers anybody.
//!
//! A server that is frozen, or a network that swallows everything, breaks no connection: whoever
//! waits for an answer would wait until it is well again. But not every answer that takes long
//! means that; some questions do. What tells them apart is that a sound database answers others
//! meanwhile.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Without an answer to anybody for so long, nobody waits any more. Somebody asks a small question
/// several times a second.
const SILENCE: Duration = Duration::from_secs(5);

/// When the database last answered.
#[derive(Debug)]
pub(super) struct Pulse {
    begun: Instant,
    /// Milliseconds after `begun`.
    last: AtomicU64,
    is_felt: AtomicBool,
}

impl Default for Pulse {
    fn default() -> Self {
        Self { begun: Instant::now(), last: AtomicU64::new(0), is_felt: AtomicBool::new(false) }
    }
}

impl Pulse {
    /// From now on somebody asks several times a second.
    pub(super) fn feel(&self) {
        self.is_felt.store(true, Ordering::Relaxed);
    }

    /// It has answered.
    pub(super) fn beat(&self) {
        self.last.store(self.now(), Ordering::Relaxed);
    }

    /// Waits until it has answered nobody for long, from now on; for ever where nobody asks all the
    /// time.
    pub(super) async fn lost(&self) {
        if !self.is_felt.load(Ordering::Relaxed) {
            return std::future::pending().await;
        }
        let begun = self.now();
        loop {
            let last = self.last.load(Ordering::Relaxed).max(begun);
            let silent = Duration::from_millis(self.now().saturating_sub(last));
            let Some(left) = SILENCE.checked_sub(silent).filter(|left| !left.is_zero()) else {
                return;
            };
            tokio::time::sleep(left).await;
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
