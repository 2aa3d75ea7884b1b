//! What became of fetches since the process began.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::fault::Fault;

/// Counters of this process.
#[derive(Debug, Default)]
pub struct Figures {
    fetched: AtomicU64,
    bytes: AtomicU64,
    evicted: AtomicU64,
    failed: Mutex<BTreeMap<&'static str, u64>>,
}

impl Figures {
    /// Files, and metadata beside them, that were fetched and stored.
    pub fn fetched(&self) -> u64 {
        self.fetched.load(Ordering::Relaxed)
    }

    /// Bytes that came from upstream, those in vain included.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Files that made room for others.
    pub fn evicted(&self) -> u64 {
        self.evicted.load(Ordering::Relaxed)
    }

    /// How often a fetch failed, for each reason.
    pub fn failed(&self) -> Vec<(&'static str, u64)> {
        self.failures().iter().map(|(reason, count)| (*reason, *count)).collect()
    }

    pub(super) fn count_bytes(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn count_fetched(&self) {
        self.fetched.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_failed(&self, fault: &Fault) {
        *self.failures().entry(fault.label()).or_default() += 1;
    }

    pub(super) fn count_evicted(&self, files: u64) {
        self.evicted.fetch_add(files, Ordering::Relaxed);
    }

    fn failures(&self) -> MutexGuard<'_, BTreeMap<&'static str, u64>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
