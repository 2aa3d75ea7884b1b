//! Making room: what was not asked for the longest leaves first.
//!
//! Rows leave first and in a transaction of their own; then the blobs that nothing refers to any
//! more. Both happen under the lock under which files are noted, so that no row is left without its
//! bytes.

use std::fmt;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::stored::{StoredFile, own_bytes};
use super::{Files, METADATA_SUFFIX};
use crate::catalog::file::File;
use crate::catalog::journal;
use crate::config::ByteSize;
use crate::db::Conn;
use crate::downloads;
use crate::error::Result;
use crate::jobs::Lease;
use crate::packaging::Blake2b256;
use crate::storage::Storage;

/// The job that makes room.
pub const JOB: &str = "mirror-evict";
/// What it says where nothing is mirrored.
pub const OFF: &str = "nothing is mirrored";
/// Rows that leave in one transaction: uploads wait for it.
const AT_ONCE: i64 = 100;

/// What left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Evicted {
    /// Files, and metadata beside them.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl fmt::Display for Evicted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} mirrored files of {} bytes were removed", self.files, self.bytes)
    }
}

impl Files {
    /// Makes room where more is kept than may be. `lease` is that of the job, if this is it. Can be
    /// stopped at any moment and may run twice at the same time.
    pub async fn make_room(&self, lease: Option<&Lease>) -> Result<Evicted> {
        self.0.used.write(self.db()).await?;
        let mut evicted = Evicted::default();
        let Some(ByteSize(most)) = self.0.means.max_bytes else { return Ok(evicted) };
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        loop {
            let lease = lease.cloned();
            let work = move |c: &mut Conn| {
                if let Some(lease) = &lease {
                    lease.check(c)?;
                }
                take_rows(c, most)
            };
            let (gone, kept) = self.db().write(work).await?;
            self.0.kept.store(kept, Ordering::Relaxed);
            if gone.is_empty() {
                return Ok(evicted);
            }
            evicted.files += gone.len() as u64;
            evicted.bytes += gone.iter().map(|it| it.size.unsigned_abs()).sum::<u64>();
            self.after(gone).await?;
        }
    }

    /// Notes that so many bytes more are kept, and makes room in the background where these are
    /// too many.
    pub(super) fn make_room_for(&self, bytes: i64) {
        let Some(ByteSize(most)) = self.0.means.max_bytes else { return };
        let before = self.0.kept.fetch_add(bytes, Ordering::Relaxed);
        let is_room = before.checked_add(bytes).is_some_and(|now| now.unsigned_abs() <= most);
        if is_room || self.0.is_making_room.swap(true, Ordering::AcqRel) {
            return;
        }
        let files = self.clone();
        self.0.runtime.spawn(async move {
            // What is stored from now on may be missed by this run.
            files.0.is_making_room.store(false, Ordering::Release);
            if let Err(error) = files.make_room(None).await {
                tracing::warn!(error = error.chain(), "no room can be made for fetched files");
            }
        });
    }

    /// Forgets files that left, and removes the blobs that nothing refers to.
    async fn after(&self, gone: Vec<StoredFile>) -> Result<()> {
        self.figures().count_evicted(gone.len() as u64);
        for file in &gone {
            // Its page says where its bytes are.
            self.page_changed(&file.project);
        }
        let both = |file: StoredFile| [Some(file.blake2_256), file.metadata_blake2_256];
        let blobs: Vec<_> = gone.into_iter().flat_map(both).flatten().collect();
        let storage = self.storage().clone();
        self.db().write(move |c| remove_unreferenced(c, &storage, &blobs)).await
    }
}

/// Takes away the rows of some files until no more is kept than may be. Those that it took, and how
/// many bytes are kept now.
fn take_rows(c: &mut Conn, most: i64) -> Result<(Vec<StoredFile>, i64)> {
    journal::lock(c)?;
    let mut kept = own_bytes(c)?;
    let mut gone = Vec::new();
    if kept <= most {
        return Ok((gone, kept));
    }
    for file in StoredFile::least_used(c, AT_ONCE)? {
        if kept <= most {
            break;
        }
        file.leave(c)?;
        if !StoredFile::refers_to(c, &file.blake2_256)? {
            kept -= file.size;
        }
        gone.push(file);
    }
    Ok((gone, kept))
}

impl StoredFile {
    /// Takes its row away.
    pub(super) fn leave(&self, c: &mut Conn) -> Result<()> {
        if !self.path.ends_with(METADATA_SUFFIX) {
            // Who has got it is asked also when it is gone.
            downloads::note(c, self.file_id())?;
        }
        Self::delete(c, self.id)?;
        Ok(())
    }
}

/// Forgets the files that have these bytes, or this metadata, because they are damaged; the bytes go
/// too, unless a hosted file has them. They are fetched again when somebody asks for them.
pub fn forget(c: &mut Conn, storage: &Storage, blob: &Blake2b256) -> Result<()> {
    journal::lock(c)?;
    for file in StoredFile::with_blob(c, blob)? {
        file.leave(c)?;
    }
    remove_unreferenced(c, storage, std::slice::from_ref(blob))
}

fn remove_unreferenced(c: &mut Conn, storage: &Storage, blobs: &[Blake2b256]) -> Result<()> {
    journal::lock(c)?;
    for blob in blobs {
        if !File::refers_to(c, blob)? && !StoredFile::refers_to(c, blob)? {
            storage.remove_if_older(blob, Duration::ZERO)?;
        }
    }
    Ok(())
}
