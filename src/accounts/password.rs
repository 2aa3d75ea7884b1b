//! Passwords: hashed by Argon2id, off the async threads, few at a time.

use std::net::IpAddr;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, generate_salt};
use argon2::{Algorithm, Argon2, Params, Version};

use super::checked::Pair;
use super::turn::{Turn, note_hash};
use super::verify;
use crate::error::{Error, Result};

/// OWASP's first recommendation for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The least that zxcvbn must think of a password: 2 of 4, as on PyPI.
const WEAKEST: zxcvbn::Score = zxcvbn::Score::Two;

/// Shortest password.
pub const SHORTEST: usize = 8;
/// Longest password: more is not a password but an attempt to keep the server busy.
pub const LONGEST: usize = 4096;

/// Whether a password is the one that a hash was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// It is another one.
    Wrong,
    /// It is.
    Right,
    /// It is, and the hash was made with other parameters than new ones are.
    Outdated,
}

/// A password in the clear. No `Debug`.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Takes what a person chose as a new password. `about` is what others know of that person
    /// (user name, addresses, names): it makes a password no stronger.
    pub fn choose(text: &str, about: &[&str]) -> Result<Self> {
        let length = text.chars().count();
        if !(SHORTEST..=LONGEST).contains(&length) || text.contains('\0') {
            return Err(unacceptable(format!(
                "A password has {SHORTEST} to {LONGEST} characters and no NUL among them."
            )));
        }
        let about: Vec<&str> = about.iter().flat_map(|text| pieces(text)).collect();
        let strength = zxcvbn::zxcvbn(text, &about);
        if strength.score() < WEAKEST {
            return Err(unacceptable(advice(&strength)));
        }
        Ok(Self(text.to_owned()))
    }

    /// The same off the async threads, for who must not hold them up: judging a password that is
    /// made to be hard to judge takes many milliseconds.
    pub async fn choose_apart(text: &str, about: Vec<String>) -> Result<Self> {
        let text = text.to_owned();
        let choose = move || {
            let about: Vec<&str> = about.iter().map(String::as_str).collect();
            Self::choose(&text, &about)
        };
        tokio::task::spawn_blocking(choose).await.map_err(failed)?
    }

    /// Takes what somebody claims to be the password; `None` where it cannot be one.
    pub fn claimed(text: &str) -> Option<Self> {
        (text.len() <= LONGEST * 4).then(|| Self(text.to_owned()))
    }

    /// Its hash in PHC form, with a fresh salt.
    pub async fn hash(self) -> Result<String> {
        self.hash_in(Turn::take().await?).await.map(|(hash, _)| hash)
    }

    /// The same for somebody who has a turn already.
    pub(super) async fn hash_in(self, turn: Turn) -> Result<(String, Turn)> {
        turn.spend(move || self.hashed()).await
    }

    /// The same on the thread that the turn is spent on.
    pub(super) fn hash_again(self, turn: &Turn) -> Result<String> {
        Turn::hash(turn, move || self.hashed())
    }

    /// Whether `hash` was made from it. Without a hash the answer is no, after the same time: how
    /// long this takes must not tell which accounts exist. On the thread that the turn is spent on.
    pub(super) fn matches(&self, hash: Option<&str>, turn: &Turn) -> Result<Match> {
        Turn::hash(turn, || {
            let Some(hash) = hash else {
                return verify::pretend(&self.0, params()?).map(|()| Match::Wrong);
            };
            let is_right = verify::is_right(&self.0, hash)?;
            Ok(match (is_right, is_outdated(hash)) {
                (false, _) => Match::Wrong,
                (true, true) => Match::Outdated,
                (true, false) => Match::Right,
            })
        })
    }

    /// What stands for it and a hash among those that were right a moment ago.
    pub(super) fn pair(&self, hash: &str, network: Option<IpAddr>) -> Pair {
        Pair::of(&self.0, hash, network)
    }

    fn hashed(self) -> Result<String> {
        note_hash();
        let hash = argon2()?.hash_password(self.0.as_bytes());
        hash.map(|hash| hash.to_string()).map_err(failed)
    }
}

/// Whether a hash was made with other parameters than new ones are.
fn is_outdated(hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return true };
    let params = Params::try_from(&hash);
    let is_current = |params: Params| {
        (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES)
    };
    hash.algorithm != Algorithm::Argon2id.ident() || !params.is_ok_and(is_current)
}

/// Hashes several secrets with one salt, so that one of them is found again by one hash.
pub(super) async fn hash_alike(secrets: Vec<String>, turn: Turn) -> Result<Vec<String>> {
    let salt = generate_salt();
    let hashes = turn.spend(move || {
        let argon2 = argon2()?;
        let hash = |secret: String| -> Result<String> {
            note_hash();
            let hash = argon2.hash_password_with_salt(secret.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(failed)
        };
        secrets.into_iter().map(hash).collect::<Result<Vec<_>>>()
    });
    hashes.await.map(|(hashes, _)| hashes)
}

/// Hashes a secret as `like` was: with its salt and parameters.
pub(super) async fn hash_like(secret: String, like: String, turn: Turn) -> Result<(String, Turn)> {
    turn.spend(move || {
        note_hash();
        let like = PasswordHash::new(&like).map_err(failed)?;
        let salt = like.salt.ok_or_else(|| failed("the stored hash has no salt"))?;
        let params = Params::try_from(&like).map_err(failed)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hash = argon2.hash_password_with_salt(secret.as_bytes(), salt.as_ref());
        hash.map(|hash| hash.to_string()).map_err(failed)
    })
    .await
}

/// The words in a name or address, and all of it: `ada.lovelace@example.org` is known as `ada`.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2);
    std::iter::once(text).chain(words)
}

fn unacceptable(detail: String) -> Error {
    Error::invalid("The password is not acceptable", detail)
}

/// What is wrong with a weak password, and what would help.
fn advice(strength: &zxcvbn::Entropy) -> String {
    let mut words = "This password is too easy to guess.".to_owned();
    let Some(feedback) = strength.feedback() else { return words };
    let warning = feedback.warning().map(|it| it.to_string());
    let hints = feedback.suggestions().iter().map(ToString::to_string);
    for hint in warning.into_iter().chain(hints) {
        words.push(' ');
        words.push_str(&hint);
    }
    words
}

fn params() -> Result<Params> {
    Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| Error::internal("setting up Argon2", error.to_string()))
}

fn argon2() -> Result<Argon2<'static>> {
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params()?))
}

pub(super) fn failed(error: impl std::fmt::Display) -> Error {
    let words = format!("{error}");
    Error::internal("hashing a password", words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() -> Result<()> {
        let password = Password::choose("correct horse battery", &[])?;
        let hash = password.clone().hash().await?;
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(!is_outdated(&hash));
        let other = Password::choose("correct horse batterz", &[])?;
        let compared = Turn::take().await?.spend_on(move |turn| {
            let own = password.matches(Some(&hash), turn)?;
            let other = other.matches(Some(&hash), turn)?;
            let nobody = password.matches(None, turn)?;
            Ok((own, other, nobody, password.hash_again(turn)?))
        });
        let (own, other, nobody, again) = compared.await?;
        assert_eq!((own, other, nobody), (Match::Right, Match::Wrong, Match::Wrong));
        assert!(again.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{again}");
        Ok(())
    }

    #[tokio::test]
    async fn secrets_that_share_a_salt_are_found_by_one_hash() -> Result<()> {
        let secrets = vec!["one".to_owned(), "two".to_owned()];
        let hashes = hash_alike(secrets, Turn::take().await?).await?;
        let first = hashes.first().cloned().unwrap_or_default();
        let (again, _) = hash_like("two".to_owned(), first, Turn::take().await?).await?;
        assert_eq!(hashes.iter().position(|hash| *hash == again), Some(1));
        Ok(())
    }

    #[test]
    fn passwords_have_a_sensible_length() {
        for bad in ["q7!xZ", "q7!xZ9w\0", &"x".repeat(LONGEST + 1)] {
            assert!(Password::choose(bad, &[]).is_err());
        }
    }

    #[test]
    fn what_is_easy_to_guess_is_refused_with_advice() {
        let about = ["grace", "grace.hopper@navy.example", "Grace Hopper"];
        for bad in ["password", "12345678", "qwertyuiop", "gracehopper", "aaaaaaaaaaaa"] {
            let refused = Password::choose(bad, &about).err().map(|it| it.detail().to_owned());
            assert!(refused.is_some_and(|words| words.len() > 60), "{bad}");
        }
        for good in ["correct horse battery", "Kx7#mPq2", &"long enough ".repeat(300)] {
            assert!(Password::choose(good, &about).is_ok(), "{good}");
        }
    }

    #[test]
    fn hashes_of_old_are_made_anew() {
        let weak = "$argon2id$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$\
                    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assert!(is_outdated(weak));
        assert!(is_outdated("nonsense"));
    }
}
