//! Bringing what was counted to the database: in batches, and at a clean stop.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::store;
use super::tally::{MOST_PULLS, Pull, Tally};
use crate::db::Db;
use crate::error::Result;
use crate::time::{self, Time};

/// How often it is written: a crash loses less than a minute.
pub const EVERY: Duration = Duration::from_secs(30);
/// Counts, and single downloads, that are written in one transaction: uploads wait for it.
const AT_ONCE: usize = 200;
/// Counts that wait while the database does not answer: about 10 MiB.
const MOST_WAITING: usize = 100_000;
/// How long a stop waits for the database.
const PATIENCE: Duration = Duration::from_secs(10);
const DAY: Duration = Duration::from_hours(24);

/// What writes the counts of this process.
pub struct Follower {
    stop: Arc<Notify>,
    task: JoinHandle<()>,
}

/// What was counted and is not written yet.
struct Waiting {
    db: Db,
    tally: Arc<Tally>,
    /// By day and file.
    counts: BTreeMap<(Time, i64), i64>,
    pulls: Vec<Pull>,
    /// The day on which what is in the tally was counted.
    day: Time,
}

impl Follower {
    /// Begins to write what is counted, so often. An index that is read-only writes nothing.
    pub fn start(db: Db, tally: Arc<Tally>, every: Duration) -> Self {
        let stop = Arc::new(Notify::new());
        let task = tokio::spawn(follow(Waiting::new(db, tally), stop.clone(), every));
        Self { stop, task }
    }

    /// Writes what is left, and ends.
    pub async fn stop(self) {
        self.stop.notify_one();
        if tokio::time::timeout(PATIENCE, self.task).await.is_err() {
            tracing::warn!("the last downloads could not be written: the database is slow");
        }
    }
}

async fn follow(mut waiting: Waiting, stop: Arc<Notify>, every: Duration) {
    let mut failing = false;
    loop {
        let tally = waiting.tally.clone();
        let is_last = tokio::select! {
            () = stop.notified() => true,
            () = tally.full() => false,
            () = tokio::time::sleep(until_next(time::now(), every)) => false,
        };
        waiting.collect(time::now());
        match waiting.write().await {
            Ok(()) => failing = false,
            Err(error) if failing && !is_last => {
                tracing::debug!(error = error.chain(), "downloads still cannot be written");
            }
            Err(error) => {
                failing = true;
                tracing::warn!(error = error.chain(), "downloads cannot be written");
            }
        }
        if is_last {
            return;
        }
    }
}

/// How long to wait: never beyond the end of the day, whose downloads are its own.
fn until_next(now: Time, every: Duration) -> Duration {
    let midnight = time::day_of(now) + DAY;
    (midnight - now).to_std().unwrap_or_default().min(every)
}

impl Waiting {
    fn new(db: Db, tally: Arc<Tally>) -> Self {
        let day = time::day_of(time::now());
        Self { db, tally, counts: BTreeMap::new(), pulls: Vec::new(), day }
    }

    /// Takes over what was counted; what is too much is lost.
    fn collect(&mut self, now: Time) {
        let taken = self.tally.take();
        let day = std::mem::replace(&mut self.day, time::day_of(now));
        if !self.db.is_writable() {
            return;
        }
        for (file, count) in taken.files {
            let place = (day, file.get());
            if self.counts.len() >= MOST_WAITING && !self.counts.contains_key(&place) {
                self.tally.lose(count.unsigned_abs());
                continue;
            }
            *self.counts.entry(place).or_default() += count;
        }
        let room = MOST_PULLS.saturating_sub(self.pulls.len());
        self.tally.lose(taken.pulls.len().saturating_sub(room) as u64);
        self.pulls.extend(taken.pulls.into_iter().take(room));
    }

    /// Writes what waits, counts first: they note the files of the single downloads. What is
    /// written waits no more, so that nothing is written twice.
    async fn write(&mut self) -> Result<()> {
        while !self.counts.is_empty() {
            let some: Vec<_> =
                self.counts.iter().take(AT_ONCE).map(|(place, count)| (*place, *count)).collect();
            let written: Vec<_> = some.iter().map(|(place, _)| *place).collect();
            self.db.write(move |c| Ok(store::add(c, &some)?)).await?;
            for place in written {
                self.counts.remove(&place);
            }
        }
        while !self.pulls.is_empty() {
            let some: Vec<_> = self.pulls.iter().take(AT_ONCE).cloned().collect();
            let number = some.len();
            self.db.write(move |c| Ok(store::keep(c, &some)?)).await?;
            self.pulls.drain(..number);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::DatabaseUrl;
    use crate::db::FileId;
    use crate::error::Error;

    #[test]
    fn a_day_ends_at_midnight() {
        let at = |seconds| until_next(time::from_unix(seconds), EVERY);
        assert_eq!(at(0), EVERY);
        assert_eq!(at(86_400 - 5), Duration::from_secs(5));
        assert_eq!(at(86_400), EVERY);
    }

    #[tokio::test]
    async fn what_is_counted_before_midnight_belongs_to_that_day() -> Result<()> {
        let folder = tempfile::tempdir().map_err(|error| Error::internal("tempdir", error))?;
        let db = Db::open(&DatabaseUrl::Sqlite(folder.path().join("x.db")), false)?;
        let tally = Arc::new(Tally::default());
        let mut waiting = Waiting::new(db, tally.clone());
        let (today, tomorrow) = (waiting.day, waiting.day + DAY);
        tally.count(FileId::new(7));
        waiting.collect(tomorrow);
        tally.count(FileId::new(7));
        tally.count(FileId::new(7));
        waiting.collect(tomorrow);
        assert_eq!(waiting.counts, BTreeMap::from([((today, 7), 1), ((tomorrow, 7), 2)]));
        // Of files that are gone nothing is kept, and nothing waits for ever.
        waiting.write().await?;
        assert!(waiting.counts.is_empty());
        Ok(())
    }
}
