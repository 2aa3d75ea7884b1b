//! Passwords: hashed by Argon2id, off the async threads, few at a time.

use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::error::{Error, Result};

/// OWASP's first recommendation for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Shortest password.
pub const SHORTEST: usize = 8;
/// Longest password: more is not a password but an attempt to keep the server busy.
pub const LONGEST: usize = 4096;

/// How many hash at the same time; each takes [`MEMORY_KIB`] and a core.
static HASHING: Semaphore = Semaphore::const_new(2);

/// How long one may wait for its turn: a flood must not keep others waiting for minutes.
const PATIENCE: Duration = Duration::from_secs(5);

/// A password in the clear, of a length that is worth hashing. No `Debug`.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Takes what a person chose as a new password.
    pub fn choose(text: &str) -> Result<Self> {
        let length = text.chars().count();
        if !(SHORTEST..=LONGEST).contains(&length) || text.contains('\0') {
            return Err(Error::invalid(
                "The password is not acceptable",
                format!("A password has {SHORTEST} to {LONGEST} characters and no NUL among them."),
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes what somebody claims to be the password; `None` where it cannot be one.
    pub fn claimed(text: &str) -> Option<Self> {
        (text.len() <= LONGEST * 4).then(|| Self(text.to_owned()))
    }

    /// Its hash in PHC form, with a fresh salt.
    pub async fn hash(self) -> Result<String> {
        hashing(move || {
            let hash = argon2()?.hash_password(self.0.as_bytes());
            hash.map(|hash| hash.to_string()).map_err(failed)
        })
        .await
    }

    /// Whether `hash` was made from it. Without a hash the answer is no, after the same time: how
    /// long this takes must not tell which accounts exist.
    pub async fn matches(self, hash: Option<String>) -> Result<bool> {
        hashing(move || match hash {
            Some(hash) => {
                let hash = PasswordHash::new(&hash).map_err(failed)?;
                Ok(argon2()?.verify_password(self.0.as_bytes(), &hash).is_ok())
            }
            None => argon2()?.hash_password(self.0.as_bytes()).map(|_| false).map_err(failed),
        })
        .await
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| Error::internal("setting up Argon2", error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: impl std::fmt::Display) -> Error {
    let words = format!("{error}");
    Error::internal("hashing a password", words)
}

async fn hashing<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let permit = timeout(PATIENCE, HASHING.acquire()).await;
    let permit = permit.map_err(|_| Error::too_many("Too many logins at once"))?;
    let permit = permit.map_err(failed)?;
    let done = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    });
    done.await.map_err(failed)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() -> Result<()> {
        let password = Password::choose("correct horse battery")?;
        let hash = password.clone().hash().await?;
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(password.clone().matches(Some(hash.clone())).await?);
        let other = Password::choose("correct horse batterz")?;
        assert!(!other.matches(Some(hash)).await?);
        assert!(!password.matches(None).await?);
        Ok(())
    }

    #[test]
    fn passwords_have_a_sensible_length() {
        assert!(Password::choose("12345678").is_ok());
        for bad in ["1234567", "1234567\0", &"x".repeat(LONGEST + 1)] {
            assert!(Password::choose(bad).is_err());
        }
    }
}
