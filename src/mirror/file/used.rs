//! When files were last asked for, noted in batches: what nobody uses makes room first.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use super::stored::StoredFile;
use crate::catalog::journal;
use crate::db::Db;
use crate::error::Result;
use crate::packaging::Blake2b256;
use crate::time;

/// How exact the time of the last use is: a file that is asked for all the time is written down
/// once in so long.
const EXACT_TO: Duration = Duration::from_hours(1);
/// How long uses are gathered before they are written. A crash loses no more than these.
pub(super) const GATHERED_FOR: Duration = Duration::from_secs(30);
/// Files whose use is known to be written, and that may wait to be, at most: some 20 MiB.
const MOST: usize = 100_000;
/// Files that are noted in one transaction: uploads wait for it.
const AT_ONCE: usize = 500;

/// Uses of the last time, by where the bytes are kept.
pub(super) struct Used {
    noted: Cache<Blake2b256, ()>,
    waiting: Mutex<HashSet<Blake2b256>>,
}

impl Default for Used {
    fn default() -> Self {
        let noted = Cache::builder().max_capacity(MOST as u64).time_to_live(EXACT_TO).build();
        Self { noted, waiting: Mutex::default() }
    }
}

impl Used {
    /// Notes a use. Whether it is the first that waits: then somebody has to write it.
    pub(super) fn note(&self, blob: &Blake2b256) -> bool {
        if self.noted.contains_key(blob) {
            return false;
        }
        self.noted.insert(blob.clone(), ());
        let mut waiting = self.waiting();
        // What is too much is noted when it is used again.
        let is_new = waiting.len() < MOST && waiting.insert(blob.clone());
        is_new && waiting.len() == 1
    }

    /// Writes what was noted.
    pub(super) async fn write(&self, db: &Db) -> Result<()> {
        let waiting: Vec<_> = std::mem::take(&mut *self.waiting()).into_iter().collect();
        if !db.is_writable() {
            return Ok(());
        }
        for some in waiting.chunks(AT_ONCE) {
            let some = some.to_vec();
            let work = move |c: &mut _| {
                // Whoever makes room takes it too: so neither waits for the other in a circle.
                journal::lock(c)?;
                Ok(StoredFile::touch(c, &some, time::now())?)
            };
            db.write(work).await?;
        }
        Ok(())
    }

    fn waiting(&self) -> MutexGuard<'_, HashSet<Blake2b256>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
