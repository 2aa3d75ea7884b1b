//! Removing left-over temporary files and blobs that nothing refers to, neither a hosted file nor a
//! mirrored one.
//!
//! An upload stores its bytes before the row that names them, so a blob without a row may be one
//! whose row is about to come. Two things keep it: only blobs older than a day are looked at, and
//! storing a blob again renews its age; and a blob is removed while the journal is locked, under
//! which lock every upload makes sure that its blobs are there before it commits.

use std::time::Duration;

use crate::catalog::file::File;
use crate::catalog::journal;
use crate::db::Db;
use crate::error::Result;
use crate::mirror::file::StoredFile;
use crate::packaging::Blake2b256;
use crate::storage::Storage;

/// How old something is before it counts as left over: no upload takes so long.
pub const LEFT_OVER_AFTER: Duration = Duration::from_hours(24);
/// Blobs that are looked at under one lock: uploads wait for it.
const AT_ONCE: usize = 100;

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Temporary files.
    pub temporary: usize,
    /// Blobs.
    pub blobs: usize,
}

/// Removes what is left over from more than `age` ago. Can be stopped at any moment and may run
/// twice at the same time.
pub async fn clean(db: &Db, storage: &Storage, age: Duration) -> Result<Cleaned> {
    db.check_writable()?;
    let temporary = storage.remove_temporary(age).await?;
    let mut blobs = 0;
    let old = storage.older_than(age).await?;
    for some in old.chunks(AT_ONCE) {
        blobs += remove_unreferenced(db, storage, some.to_vec(), age).await?;
    }
    Ok(Cleaned { temporary, blobs })
}

async fn remove_unreferenced(
    db: &Db,
    storage: &Storage,
    old: Vec<Blake2b256>,
    age: Duration,
) -> Result<usize> {
    let storage = storage.clone();
    let work = move |c: &mut crate::db::Conn| {
        journal::lock(c)?;
        let mut removed = 0;
        for digest in &old {
            // Looked at again under the lock: it may have been stored anew meanwhile.
            let is_needed = File::refers_to(c, digest)? || StoredFile::refers_to(c, digest)?;
            if !is_needed && storage.remove_if_older(digest, age)? {
                removed += 1;
            }
        }
        Ok(removed)
    };
    db.write(work).await
}
