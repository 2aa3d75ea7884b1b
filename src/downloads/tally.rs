//! What was downloaded since the last writing, in memory.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::db::{FileId, TokenId};
use crate::time::Time;

/// Places to count in: each thread has one for itself as long as there are no more threads, so
/// that none waits for another.
const SHARDS: usize = 16;
/// Different files in one place after which all are written early.
const EARLY_FILES: usize = 4_096;
/// Different files in one place beyond which others are not counted: about 4 MiB in all places.
const MOST_FILES: usize = 8_192;
/// Single downloads after which all are written early.
const EARLY_PULLS: usize = 5_000;
/// Single downloads that are kept at most, some 30 MiB, while the database does not take them.
pub(super) const MOST_PULLS: usize = 50_000;

/// A single download by a known caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pull {
    /// What was downloaded.
    pub file: FileId,
    /// By which account.
    pub username: String,
    /// With which API token; none: with a password or in a session.
    pub token: Option<TokenId>,
    /// When.
    pub at: Time,
    /// From which address.
    pub ip: Option<String>,
    /// With which program.
    pub agent: Option<String>,
}

/// Counts downloads.
#[derive(Debug, Default)]
pub struct Tally {
    shards: [Shard; SHARDS],
    pulls: Mutex<Vec<Pull>>,
    lost: AtomicU64,
    full: Notify,
}

/// Apart from its neighbours in the caches of the processor.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    files: HashMap<FileId, i64>,
    /// Since the process began.
    total: u64,
}

/// What was counted since the last time.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// How often each file was downloaded.
    pub(super) files: HashMap<FileId, i64>,
    /// The single downloads that are kept.
    pub(super) pulls: Vec<Pull>,
}

impl Tally {
    /// Counts a download of a file. Allocates nothing for a file that was counted a moment ago.
    pub fn count(&self, file: FileId) {
        let Some(shard) = self.shards.get(own_shard()) else { return };
        let mut counts = locked(&shard.0);
        counts.total += 1;
        if let Some(count) = counts.files.get_mut(&file) {
            *count += 1;
            return;
        }
        if counts.files.len() >= MOST_FILES {
            drop(counts);
            self.lose(1);
            return;
        }
        counts.files.insert(file, 1);
        if counts.files.len() == EARLY_FILES {
            self.full.notify_one();
        }
    }

    /// Keeps a single download; beside counting it.
    pub fn keep(&self, pull: Pull) {
        let mut pulls = locked(&self.pulls);
        if pulls.len() >= MOST_PULLS {
            drop(pulls);
            self.lose(1);
            return;
        }
        pulls.push(pull);
        if pulls.len() == EARLY_PULLS {
            self.full.notify_one();
        }
    }

    /// Downloads since the process began.
    pub fn total(&self) -> u64 {
        self.shards.iter().map(|shard| locked(&shard.0).total).sum()
    }

    /// Counts and single downloads that could not be kept since the process began, because the
    /// database took none for long.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    pub(super) fn lose(&self, number: u64) {
        self.lost.fetch_add(number, Ordering::Relaxed);
    }

    /// Waits until so much was counted that it should be written.
    pub(super) async fn full(&self) {
        self.full.notified().await;
    }

    /// Takes out what was counted.
    pub(super) fn take(&self) -> Taken {
        let mut taken =
            Taken { pulls: std::mem::take(&mut *locked(&self.pulls)), ..Taken::default() };
        for shard in &self.shards {
            let files = std::mem::take(&mut locked(&shard.0).files);
            for (file, count) in files {
                *taken.files.entry(file).or_default() += count;
            }
        }
        taken
    }
}

/// The place of this thread.
fn own_shard() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static OWN: Cell<Option<usize>> = const { Cell::new(None) });
    OWN.with(|own| {
        own.get().unwrap_or_else(|| {
            let shard = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS;
            own.set(Some(shard));
            shard
        })
    })
}

/// What a thread that panicked left is counts all the same.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time;

    fn pull() -> Pull {
        let (file, username) = (FileId::new(1), "ada".to_owned());
        Pull { file, username, token: None, at: time::from_unix(0), ip: None, agent: None }
    }

    #[test]
    fn threads_add_up() {
        let tally = Tally::default();
        std::thread::scope(|scope| {
            for _ in 0..2 * SHARDS {
                scope.spawn(|| (0..100).for_each(|file| tally.count(FileId::new(file % 2))));
            }
        });
        let each = i64::try_from(SHARDS * 100).unwrap_or_default();
        let taken = tally.take();
        assert_eq!(taken.files, HashMap::from([(FileId::new(0), each), (FileId::new(1), each)]));
        assert!(tally.take().files.is_empty());
        assert_eq!(tally.total(), each.unsigned_abs() * 2);
    }

    #[test]
    fn memory_is_bounded() {
        let tally = Tally::default();
        let many = i64::try_from(MOST_FILES).unwrap_or_default();
        (0..=many).for_each(|file| tally.count(FileId::new(file)));
        // What is in already is counted on.
        tally.count(FileId::new(0));
        assert_eq!((tally.take().files.len(), tally.lost()), (MOST_FILES, 1));
        (0..=MOST_PULLS).for_each(|_| tally.keep(pull()));
        assert_eq!((tally.take().pulls.len(), tally.lost()), (MOST_PULLS, 2));
    }

    #[tokio::test]
    async fn much_is_written_early() {
        let tally = Tally::default();
        let many = i64::try_from(EARLY_FILES).unwrap_or_default();
        (0..many).for_each(|file| tally.count(FileId::new(file)));
        tally.full().await;
        (0..EARLY_PULLS).for_each(|_| tally.keep(pull()));
        tally.full().await;
    }
}
