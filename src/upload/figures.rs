//! What became of uploads in this process.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::Outcome;
use crate::count::Count;
use crate::error::{Error, Result};

static PUBLISHED: Count = Count::new();
static AGAIN: Count = Count::new();
static BYTES: Count = Count::new();
/// By reason. Reasons are fixed phrases, so there are only so many.
static REFUSED: Mutex<BTreeMap<&'static str, u64>> = Mutex::new(BTreeMap::new());

/// Counts what became of an upload.
pub fn note(outcome: &Result<Outcome>) {
    match outcome {
        Ok(Outcome::Published(_)) => PUBLISHED.one(),
        Ok(Outcome::AlreadyThere) => AGAIN.one(),
        Err(error) => note_refusal(error),
    }
}

/// Counts the bytes of a file that arrived whole.
pub fn note_bytes(bytes: u64) {
    BYTES.add(bytes);
}

fn note_refusal(error: &Error) {
    *REFUSED.lock().unwrap_or_else(PoisonError::into_inner).entry(error.reason()).or_default() += 1;
}

/// Files that were published.
pub fn published() -> u64 {
    PUBLISHED.get()
}

/// Files that were there already.
pub fn again() -> u64 {
    AGAIN.get()
}

/// Bytes of the files that arrived whole, whatever became of them.
pub fn bytes() -> u64 {
    BYTES.get()
}

/// Uploads that were refused, by reason.
pub fn refused() -> BTreeMap<&'static str, u64> {
    REFUSED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
