//! The places for uploads that arrive at the same time, of which no account has all.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::db::UserId;
use crate::error::{Error, Result};

/// Uploads that arrive at the same time: each holds a thread of the blocking pool, which has more
/// of them for everything else.
const MOST: usize = 256;
/// How many of them may be those of one account, whichever of its tokens: a build may send much at
/// once, and whoever holds connections open keeps nobody else out.
const SHARE: usize = MOST / 2;

static PLACES: Semaphore = Semaphore::const_new(MOST);
/// How many each account has at the moment.
static HELD: Mutex<BTreeMap<i64, usize>> = Mutex::new(BTreeMap::new());

/// A place, until it is dropped.
pub(super) struct Place {
    user: i64,
    _permit: SemaphorePermit<'static>,
}

impl Place {
    /// Takes one for an account; an error where none is left, or none for this account.
    pub(super) fn take(user: UserId) -> Result<Self> {
        let full = |_| Error::too_many("Too many uploads at once");
        let permit = PLACES.try_acquire().map_err(full)?;
        let user = user.get();
        let mut held = held();
        let count = held.entry(user).or_default();
        if *count >= SHARE {
            return Err(Error::too_many("Too many uploads of this account at once"));
        }
        *count += 1;
        Ok(Self { user, _permit: permit })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = held();
        if let Some(count) = held.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.user);
            }
        }
    }
}

fn held() -> MutexGuard<'static, BTreeMap<i64, usize>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_account_has_all() {
        let (one, other) = (UserId::new(1), UserId::new(2));
        let own: Vec<_> = (0..SHARE).map(|_| Place::take(one)).collect();
        assert!(own.iter().all(Result::is_ok));
        assert!(Place::take(one).is_err());
        assert!(Place::take(other).is_ok());
        drop(own);
        assert!(Place::take(one).is_ok());
        assert!(held().is_empty());
    }
}
