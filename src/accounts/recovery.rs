//! Recovery codes: what lets in who has lost the authenticator app. Eight of 16 hexadecimal
//! digits, as on PyPI, each good once.
//!
//! They are hashed like passwords, and the codes of one set share their salt: so a code that is
//! typed in costs one hash, and not one for each of the eight.

use diesel::prelude::*;

use super::password::{hash_alike, hash_like};
use super::turn::Turn;
use crate::db::schema::recovery_codes as codes;
use crate::db::{Conn, UserId};
use crate::error::Result;
use crate::time::Time;

const CODES: usize = 8;
const CODE_BYTES: usize = 8;
const CODE_DIGITS: usize = 2 * CODE_BYTES;

/// New codes in the clear, to be shown once. No `Debug`.
pub struct RecoveryCodes(Vec<String>);

impl RecoveryCodes {
    /// A new set from the system's random source.
    pub fn generate() -> Self {
        let code = || hex::encode(rand::random::<[u8; CODE_BYTES]>());
        Self(std::iter::repeat_with(code).take(CODES).collect())
    }

    /// The codes themselves.
    pub fn reveal(&self) -> &[String] {
        &self.0
    }

    pub(super) async fn hash(&self, turn: Turn) -> Result<Vec<String>> {
        hash_alike(self.0.clone(), turn).await
    }
}

/// How an account stands with its codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// How many were made.
    pub made: usize,
    /// How many are left.
    pub left: usize,
}

impl State {
    /// Whether the owner has shown to have kept them, by typing one in.
    pub fn is_confirmed(self) -> bool {
        self.left < self.made
    }
}

/// The form under which a code is hashed: without blanks, lower case; `None` where it is none.
pub fn normal(code: &str) -> Option<String> {
    let kept = code.chars().filter(|c| !c.is_whitespace()).take(CODE_DIGITS + 1);
    let code: String = kept.map(|c| c.to_ascii_lowercase()).collect();
    let fits = code.len() == CODE_DIGITS && code.bytes().all(|b| b.is_ascii_hexdigit());
    fits.then_some(code)
}

/// Hashes a code that somebody typed in, as those of the account's set are. `None` where it has
/// no set.
pub(super) async fn hash_typed(
    like: Option<String>,
    code: String,
    turn: Turn,
) -> Result<Option<String>> {
    let Some(like) = like else { return Ok(None) };
    hash_like(code, like, turn).await.map(|(hash, _)| Some(hash))
}

/// The hash of any code of the account's set.
pub(super) fn any_hash(c: &mut Conn, user: UserId) -> QueryResult<Option<String>> {
    codes::table.filter(codes::user_id.eq(user)).select(codes::hash).first(c).optional()
}

/// Puts a new set in the place of the old one. Returns how many codes there were before.
pub(super) fn replace(
    c: &mut Conn,
    user: UserId,
    hashes: &[String],
    now: Time,
) -> QueryResult<usize> {
    let before = remove_all(c, user)?;
    for hash in hashes {
        let new = (codes::user_id.eq(user), codes::hash.eq(hash), codes::created_at.eq(now));
        diesel::insert_into(codes::table).values(new).execute(c)?;
    }
    Ok(before)
}

/// Takes all codes of an account away. Returns how many.
pub(super) fn remove_all(c: &mut Conn, user: UserId) -> QueryResult<usize> {
    diesel::delete(codes::table.filter(codes::user_id.eq(user))).execute(c)
}

/// Uses a code up. Returns whether it was there and unused: of several who try, one is told yes.
pub(super) fn spend(c: &mut Conn, user: UserId, hash: &str, now: Time) -> QueryResult<bool> {
    let unused = codes::table
        .filter(codes::user_id.eq(user).and(codes::hash.eq(hash)))
        .filter(codes::used_at.is_null());
    Ok(diesel::update(unused).set(codes::used_at.eq(now)).execute(c)? == 1)
}

/// Whether a code was there and is used up.
pub(super) fn is_spent(c: &mut Conn, user: UserId, hash: &str) -> QueryResult<bool> {
    let row = codes::table.filter(codes::user_id.eq(user).and(codes::hash.eq(hash)));
    let used = row.filter(codes::used_at.is_not_null()).select(codes::id);
    used.first::<i64>(c).optional().map(|id| id.is_some())
}

/// How an account stands with its codes.
pub fn state(c: &mut Conn, user: UserId) -> QueryResult<State> {
    let all = codes::table.filter(codes::user_id.eq(user)).select(codes::used_at);
    let used: Vec<Option<Time>> = all.load(c)?;
    let left = used.iter().filter(|at| at.is_none()).count();
    Ok(State { made: used.len(), left })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_eight_of_sixteen_digits_and_differ() {
        let codes = RecoveryCodes::generate();
        let distinct: std::collections::BTreeSet<_> = codes.reveal().iter().collect();
        assert_eq!(distinct.len(), CODES);
        assert!(codes.reveal().iter().all(|code| normal(code).as_ref() == Some(code)));
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        assert_eq!(normal(" 0123 4567 89AB CDEF\n").as_deref(), Some("0123456789abcdef"));
        for bad in ["", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeg", "\0"] {
            assert_eq!(normal(bad), None, "{bad:?}");
        }
    }
}
