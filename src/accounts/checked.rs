//! Passwords that were found right a moment ago, so that an install of two hundred packages from
//! a private index, or an upload of fifty files, does not hash as many times.

use std::net::IpAddr;
use std::sync::LazyLock;
use std::time::Duration;

use moka::sync::Cache;
use rand::Rng;
use sha2::{Digest, Sha256};

/// How long a right password is remembered: about as long as an install takes.
const REMEMBERED: Duration = Duration::from_mins(5);
/// Passwords that are remembered at a time.
const MOST: u64 = 10_000;

/// Keyed digests of the right passwords. The key never leaves this process and dies with it.
static CHECKED: LazyLock<Checked> = LazyLock::new(|| {
    let mut key = [0; 32];
    rand::rng().fill_bytes(&mut key);
    Checked { key, right: Cache::builder().max_capacity(MOST).time_to_live(REMEMBERED).build() }
});

struct Checked {
    key: [u8; 32],
    right: Cache<[u8; 32], ()>,
}

/// Stands for a password together with the hash that it matched and the network that it came from.
/// A changed password has another hash, so what was remembered of the old one is never asked for
/// again; and who guesses from elsewhere learns nothing here, where no guess is counted.
pub(super) struct Pair([u8; 32]);

impl Pair {
    pub(super) fn of(password: &str, hash: &str, network: Option<IpAddr>) -> Self {
        let mut digest = Sha256::new();
        digest.update(CHECKED.key);
        digest.update(Sha256::digest(network.map_or_else(String::new, |ip| ip.to_string())));
        digest.update(Sha256::digest(hash.as_bytes()));
        digest.update(password.as_bytes());
        Self(digest.finalize().into())
    }

    /// Whether this password was right a moment ago.
    pub(super) fn was_right(&self) -> bool {
        CHECKED.right.get(&self.0).is_some()
    }

    /// Remembers that it is right.
    pub(super) fn remember(self) {
        CHECKED.right.insert(self.0, ());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_password_for_the_same_hash_from_the_same_network_is_remembered() {
        let (here, there) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        Pair::of("password", "hash", Some(here)).remember();
        assert!(Pair::of("password", "hash", Some(here)).was_right());
        assert!(!Pair::of("password", "other", Some(here)).was_right());
        assert!(!Pair::of("other", "hash", Some(here)).was_right());
        assert!(!Pair::of("password", "hash", Some(there)).was_right());
        assert!(!Pair::of("password", "hash", None).was_right());
    }
}
