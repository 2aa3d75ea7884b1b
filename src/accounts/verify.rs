//! Comparing passwords with Argon2id in memory that is used again.
//!
//! Each hash fills 19 MiB. Taken from the heap and given back for each, that memory is torn into
//! pieces by whatever else is kept meanwhile, and a flood of logins grew the process to 160 MB.

use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use super::password::failed;
use super::turn::note_hash;
use crate::error::Result;

/// Memory that nobody uses at the moment: never more pieces than passwords are hashed at once.
static SPARE: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());
/// Bytes of a hash, as new ones have them.
const LENGTH: usize = 32;

/// Whether a password is the one that `hash` was made from.
pub(super) fn is_right(password: &str, hash: &str) -> Result<bool> {
    let hash = PasswordHash::new(hash).map_err(failed)?;
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else {
        return Err(failed("the stored hash is incomplete"));
    };
    if hash.algorithm != Algorithm::Argon2id.ident() {
        return Err(failed("the stored hash is not Argon2id"));
    }
    let version = hash.version.map_or(Ok(Version::V0x13), Version::try_from).map_err(failed)?;
    let params = Params::try_from(&hash).map_err(failed)?;
    let mut out = vec![0; expected.as_ref().len()];
    fill(password, salt.as_ref(), (version, params), &mut out)?;
    // This comparison takes the same time wherever the bytes differ.
    Ok(Output::new(&out).map_err(failed)? == *expected)
}

/// Takes the time that [`is_right`] takes, for an account that is not there.
pub(super) fn pretend(password: &str, params: Params) -> Result<()> {
    fill(password, b"nobody's salt...", (Version::V0x13, params), &mut [0; LENGTH])
}

fn fill(
    password: &str,
    salt: &[u8],
    (version, params): (Version, Params),
    out: &mut [u8],
) -> Result<()> {
    note_hash();
    let spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let mut memory = spare.unwrap_or_default();
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::default());
    }
    let argon2 = Argon2::new(Algorithm::Argon2id, version, params);
    let filled = argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, &mut memory);
    SPARE.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    filled.map_err(failed)
}
