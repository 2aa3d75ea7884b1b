//! Figures of the mirror in this process.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// One more.
    pub fn one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// So many more.
    pub fn add(&self, number: u64) {
        self.0.fetch_add(number, Ordering::Relaxed);
    }

    /// The number so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What was done about pages since the process started.
#[derive(Debug, Default)]
pub struct Figures {
    /// Pages that upstream indexes were asked for.
    pub asked: Count,
    /// Of these, pages that had not changed.
    pub not_modified: Count,
    /// Of these, pages that they did not answer with, or not so that it could be used.
    pub failed: Count,
    /// Pages that became stale because they could not be asked for again.
    pub stale: Count,
    /// Questions for unknown names that were answered from memory.
    pub remembered: Count,
}
