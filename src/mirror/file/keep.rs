//! Keeping a file that was fetched: bytes first, row last.

use std::sync::Arc;

use super::Files;
use super::fault::Fault;
use super::metadata;
use super::promise::Taken;
use super::stored::{NewStored, StoredFile, hold_to};
use super::wanted::Wanted;
use crate::catalog::journal;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::packaging::digest::Digester;
use crate::storage::{SpoolFile, Storage};
use crate::time::{self, Time};

/// A file that is here and verified.
pub(super) struct Fetched {
    pub(super) file: SpoolFile,
    pub(super) taken: Taken,
    pub(super) size: u64,
}

/// Stores a file, and the metadata in it where upstream has none, and notes it.
pub(super) async fn keep(
    files: &Files,
    wanted: &Wanted,
    fetched: Fetched,
) -> Result<Arc<StoredFile>, Fault> {
    files.db().check_writable()?;
    let storage = files.storage();
    let Fetched { mut file, taken, size } = fetched;
    let mut metadata = None;
    if wanted.lacks_metadata {
        let filename = wanted.filename.clone();
        let found = super::blocking(move || {
            let found = metadata::find(file.reader()?, &filename);
            Ok((file, found))
        });
        let (same, found) = found.await?;
        file = same;
        if let Some(bytes) = found {
            let digests = Digester::of(&bytes);
            storage.put_bytes(bytes.into(), &digests.blake2_256).await?;
            metadata = Some((digests.blake2_256, digests.sha256));
        }
    }
    storage.put(file, &taken.blake2_256).await?;
    let size = i64::try_from(size)
        .map_err(|error| Error::internal("counting the bytes of a file", error))?;
    let Taken { sha256, blake2_256, .. } = taken;
    let new = NewStored { wanted: wanted.clone(), sha256, blake2_256, size, metadata };
    let storage = storage.clone();
    let kept = files.db().write(move |c| enter(c, &new, &storage, time::now())).await?;
    kept.map(Arc::new).ok_or(Fault::Changed)
}

/// The transaction; `None` where other bytes are known under that path. That another process was
/// faster is no fault.
fn enter(
    c: &mut Conn,
    new: &NewStored,
    storage: &Storage,
    now: Time,
) -> Result<Option<StoredFile>> {
    // Under this lock alone blobs are removed: what is there stays.
    journal::lock(c)?;
    let metadata = new.metadata.as_ref().map(|(blake2, _)| blake2);
    for blob in [Some(&new.blake2_256), metadata].into_iter().flatten() {
        if !storage.has(blob)? {
            return Err(Error::unavailable("The file got lost in storage; ask for it again."));
        }
    }
    if new.wanted.promise.is_none() && !hold_to(c, &new.wanted.path, &new.sha256)? {
        return Ok(None);
    }
    match StoredFile::by_path(c, &new.wanted.path)? {
        Some(known) if known.sha256 == new.sha256 => Ok(Some(known)),
        Some(_) => Ok(None),
        None => {
            StoredFile::create(c, new, now)?;
            Ok(StoredFile::by_path(c, &new.wanted.path)?)
        }
    }
}
