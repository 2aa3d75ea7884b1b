//! The right to hash: few have it at a time, a short queue waits for it, and one account never
//! fills that queue.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread::available_parallelism;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::hasher::{hash, timed};
use super::password::failed;
use crate::db::UserId;
use crate::error::{Error, Result};

/// Where hashing is done: never much at once, and with a short queue before it.
struct Pool {
    /// How many hash at the same time; each takes 19 MiB and a core.
    hashing: Semaphore,
    /// How many may be hashing or waiting for it.
    places: Semaphore,
    /// How many of these places one account may have.
    share: usize,
    /// How many each has at the moment.
    held: Mutex<BTreeMap<Whose, usize>>,
}

/// The only one. A core hashes 20 to 60 passwords a second and rests for half of the time, so more
/// than its places would wait for longer than they have patience; and each of them keeps a request in
/// memory. One account has at most three quarters of them: a build may upload much at once by
/// password, and places are left for others, who then wait no longer than they would for all.
static POOL: LazyLock<Pool> = LazyLock::new(|| Pool::new(at_a_time(), 128, 96));

/// Half of the cores hash at most, and no more than two: the others keep answering who only reads
/// while a flood of logins is on.
pub(super) fn at_a_time() -> usize {
    let cores = available_parallelism().map_or(1, std::num::NonZero::get);
    (cores / 2).clamp(1, 2)
}

/// How long one may wait for its turn: a flood must not keep others waiting for minutes.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often this process has computed Argon2.
static HASHES: AtomicU64 = AtomicU64::new(0);

/// How often this process has computed Argon2, for whatever reason.
pub fn hashes() -> u64 {
    HASHES.load(Ordering::Relaxed)
}

/// Counts one computation of Argon2.
pub(super) fn note_hash() {
    HASHES.fetch_add(1, Ordering::Relaxed);
}

/// Whose password or code is to be hashed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Whose(String);

impl Whose {
    /// That of a name, which nobody may have. Of the text, which may be long, a digest is kept.
    pub(super) fn named(username: &str) -> Self {
        Self(hex::encode(Sha256::digest(username.trim().to_lowercase().as_bytes())))
    }

    /// That of an account.
    pub(super) fn account(user: UserId) -> Self {
        Self(user.get().to_string())
    }
}

/// The right to hash: few have one at a time. Whoever holds it may look at the limits again and
/// count a failure before it lets go, so that no burst of attempts gets past them.
pub(super) struct Turn {
    _share: Option<Share>,
    _place: SemaphorePermit<'static>,
    _permit: SemaphorePermit<'static>,
}

/// A place that is an account's; given back when this goes.
struct Share {
    pool: &'static Pool,
    whose: Whose,
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.pool.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.whose) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                held.remove(&self.whose);
            }
        }
    }
}

impl Pool {
    const fn new(hashing: usize, places: usize, share: usize) -> Self {
        Self {
            hashing: Semaphore::const_new(hashing),
            places: Semaphore::const_new(places),
            share,
            held: Mutex::new(BTreeMap::new()),
        }
    }

    async fn turn(&'static self, whose: Option<Whose>) -> Result<Turn> {
        let share = whose.map(|whose| self.share(whose)).transpose()?;
        let place = self.places.try_acquire().map_err(|_| busy())?;
        let permit = timeout(PATIENCE, self.hashing.acquire()).await.map_err(|_| busy())?;
        Ok(Turn { _share: share, _place: place, _permit: permit.map_err(failed)? })
    }

    /// A turn that nobody has to be waited for, if there is one.
    fn turn_at_once(&'static self, whose: &Whose) -> Result<Option<Turn>> {
        let share = Some(self.share(whose.clone())?);
        let place = self.places.try_acquire().map_err(|_| busy())?;
        // (This does not get in before those who wait: what is given back is theirs at once.)
        let permit = self.hashing.try_acquire().ok();
        Ok(permit.map(|permit| Turn { _share: share, _place: place, _permit: permit }))
    }

    fn share(&'static self, whose: Whose) -> Result<Share> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(whose.clone()).or_default();
        if *count >= self.share {
            return Err(busy());
        }
        *count += 1;
        Ok(Share { pool: self, whose })
    }
}

fn busy() -> Error {
    Error::too_many("Too many logins at once")
}

impl Turn {
    /// Waits for one for somebody who has no account yet, or for the operator; refused where too
    /// many wait already, or where it takes too long.
    pub(super) async fn take() -> Result<Self> {
        POOL.turn(None).await
    }

    /// The same on behalf of an account: refused also where others wait for the same one who
    /// together have its share of the places.
    pub(super) async fn of(whose: Whose) -> Result<Self> {
        POOL.turn(Some(whose)).await
    }

    /// One on behalf of an account, if it needs no waiting. Refused as with [`Turn::of`].
    pub(super) fn at_once(whose: &Whose) -> Result<Option<Self>> {
        POOL.turn_at_once(whose)
    }

    /// Hashes off the async threads. The turn goes along, so that it lasts as long as the work,
    /// also where nobody waits for it any more.
    pub(super) async fn spend<T: Send + 'static>(
        self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<(T, Self)> {
        hash(move || Ok((timed(work)?, self))).await
    }

    /// The same for work that hashes by [`Turn::hash`], and does other things before and behind.
    pub(super) async fn spend_on<T: Send + 'static>(
        self,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        hash(move || work(&self)).await
    }

    /// Hashes, for whom this turn is, on the thread that it is spent on.
    pub(super) fn hash<T>(_: &Self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        timed(work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn kind<T>(result: Result<T>) -> Option<Kind> {
        result.err().map(|error| error.kind())
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_turned_away_and_nobody_waits_long() -> Result<()> {
        static POOL: Pool = Pool::new(1, 2, 2);
        let first = POOL.turn(None).await?;
        let second = tokio::spawn(POOL.turn(None));
        tokio::task::yield_now().await;
        assert_eq!(kind(POOL.turn(None).await), Some(Kind::TooMany));
        // The clock of the test jumps to the end of the second one's patience.
        assert_eq!(kind(second.await.map_err(failed)?), Some(Kind::TooMany));
        drop(first);
        assert!(POOL.turn(None).await.is_ok());
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_at_once_is_nobody_elses() -> Result<()> {
        static POOL: Pool = Pool::new(1, 3, 3);
        let ada = Whose::named("ada");
        let first = POOL.turn_at_once(&ada)?;
        assert!(first.is_some());
        assert!(POOL.turn_at_once(&ada)?.is_none());
        let waiting = tokio::spawn(POOL.turn(None));
        tokio::task::yield_now().await;
        drop(first);
        // It belongs to the one who waited, though that one has not run yet.
        assert!(POOL.turn_at_once(&ada)?.is_none());
        drop(waiting.await.map_err(failed)??);
        assert!(POOL.turn_at_once(&ada)?.is_some());
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn one_account_leaves_places_for_others() -> Result<()> {
        static POOL: Pool = Pool::new(8, 8, 2);
        let (ada, bob) = (Whose::named("ada"), Whose::named("bob"));
        let one = POOL.turn(Some(ada.clone())).await?;
        let two = POOL.turn(Some(Whose::named(" ADA "))).await?;
        assert_eq!(kind(POOL.turn(Some(ada.clone())).await), Some(Kind::TooMany));
        assert!(POOL.turn(Some(bob)).await.is_ok());
        drop(one);
        assert!(POOL.turn(Some(ada)).await.is_ok());
        drop(two);
        assert!(POOL.held.lock().unwrap_or_else(PoisonError::into_inner).is_empty());
        Ok(())
    }
}
