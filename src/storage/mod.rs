//! Blob storage: bytes by their BLAKE2b-256 digest, over `object_store`.
//!
//! A blob is complete or absent: it is written under a temporary name, flushed to disk, and moved
//! into place. Whatever names a blob in the database comes after that.

mod batch;
mod cached;
mod folder;
mod list;
mod read;
mod small;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::StreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{GetOptions, GetRange, ObjectStore};

pub use folder::SpoolFile;
pub use list::{Listing, Part, Stored};
pub use read::{Blob, BlobStream};

use crate::config::StorageUrl;
use crate::error::{Doing, Error, Result};
use crate::packaging::Blake2b256;

/// The storage of one index. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    folder: Arc<PathBuf>,
    small: small::SmallBlobs,
}

impl Storage {
    /// Opens the storage and makes its folders. Blocks.
    pub fn open(url: &StorageUrl) -> Result<Self> {
        let StorageUrl::Folder(folder) = url;
        folder::prepare(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| {
            Error::internal(format!("opening the storage folder {}", folder.display()), error)
        })?;
        let folder = Arc::new(folder.clone());
        Ok(Self { store: Arc::new(store), folder, small: small::cache() })
    }

    /// A temporary file to write a blob into before its digest is known. It is deleted when
    /// dropped. Blocks.
    pub fn spool(&self) -> Result<SpoolFile> {
        SpoolFile::create(&self.folder)
    }

    /// Keeps a spooled file under its digest. When this returns, the bytes have reached the disk
    /// under their final name. A blob that is there already is replaced by its equal, which
    /// renews its age.
    pub async fn put(&self, file: SpoolFile, digest: &Blake2b256) -> Result<()> {
        let target = self.folder.join(key_text(digest));
        blocking(move || file.keep(&target)).await
    }

    /// Keeps bytes under their digest.
    pub async fn put_bytes(&self, bytes: Bytes, digest: &Blake2b256) -> Result<()> {
        let storage = self.clone();
        let file = blocking(move || {
            let mut file = storage.spool()?;
            file.write(&bytes)?;
            Ok(file)
        });
        let file = file.await?;
        self.put(file, digest).await
    }

    /// Opens a blob, whole or from byte `range.start` up to but without `range.end`; `None` where
    /// it is not there.
    pub async fn get(
        &self,
        digest: &Blake2b256,
        range: Option<std::ops::Range<u64>>,
    ) -> Result<Option<Blob>> {
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        match self.store.get_opts(&Key::from(key_text(digest)), options).await {
            Ok(found) => Ok(Some(Blob::from_store(found))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::internal(format!("reading the blob {digest}"), error)),
        }
    }

    /// The file that holds a blob, for readers that go back and forth in it; `None` where it is
    /// not there. Blocks.
    pub fn open_file(&self, digest: &Blake2b256) -> Result<Option<std::fs::File>> {
        match std::fs::File::open(self.folder.join(key_text(digest))) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).doing(|| format!("reading the blob {digest}")),
        }
    }

    /// Forgets a blob that has lain there for longer than `age`. Returns whether it was there and
    /// so old. Blocks.
    pub fn remove_if_older(&self, digest: &Blake2b256, age: Duration) -> Result<bool> {
        folder::remove_if_older(&self.folder.join(key_text(digest)), age)
    }

    /// All blobs that have lain there for longer than `age`.
    pub async fn older_than(&self, age: Duration) -> Result<Vec<Blake2b256>> {
        let now = SystemTime::now();
        let mut old = Vec::new();
        let mut listing = self.store.list(Some(&Key::from(BLOBS)));
        while let Some(entry) = listing.next().await {
            let entry = entry.map_err(|error| Error::internal("listing the blobs", error))?;
            let since = now.duration_since(entry.last_modified.into()).unwrap_or_default();
            if since > age
                && let Some(digest) = digest_of(entry.location.as_ref())
            {
                old.push(digest);
            }
        }
        Ok(old)
    }

    /// Removes temporary files that nobody has written to for longer than `age`. Returns how many.
    pub async fn remove_temporary(&self, age: Duration) -> Result<usize> {
        let folder = self.folder.clone();
        blocking(move || folder::remove_temporary(&folder, age)).await
    }

    /// Whether a blob is there. Blocks.
    pub fn has(&self, digest: &Blake2b256) -> Result<bool> {
        self.folder.join(key_text(digest)).try_exists().doing(|| format!("looking for {digest}"))
    }

    /// Whether something can be written.
    pub async fn probe(&self) -> Result<()> {
        let storage = self.clone();
        let written = blocking(move || storage.spool()?.write(b"?")).await;
        written.map_err(|error| {
            Error::unavailable("The storage does not take anything.").because(error)
        })
    }
}

/// The folder of all blobs.
const BLOBS: &str = "blake2b";

/// `blake2b/aa/bb/…`: the cut that the URLs have too.
fn key_text(digest: &Blake2b256) -> String {
    let [first, second, rest] = digest.cut();
    format!("{BLOBS}/{first}/{second}/{rest}")
}

/// The digest that a key stands for.
fn digest_of(key: &str) -> Option<Blake2b256> {
    let digits = key.strip_prefix(BLOBS)?.replace('/', "");
    Blake2b256::parse(&digits)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::internal("running a storage task", error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packaging::digest::Digester;

    async fn read(
        storage: &Storage,
        digest: &Blake2b256,
        range: Option<std::ops::Range<u64>>,
    ) -> Option<Vec<u8>> {
        let blob = storage.get(digest, range).await.ok()??;
        let mut stream = blob.into_stream();
        let mut out = Vec::new();
        while let Some(part) = stream.next().await {
            out.extend_from_slice(&part.ok()?);
        }
        Some(out)
    }

    #[tokio::test]
    async fn a_blob_is_kept_read_in_parts_and_forgotten() -> Result<()> {
        let folder = tempfile::tempdir().map_err(|error| Error::internal("tempdir", error))?;
        let url = StorageUrl::Folder(folder.path().join("x"));
        let storage = Storage::open(&url)?;
        let bytes: Vec<u8> = (0..600_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let digest = Digester::of(&bytes).blake2_256;
        assert_eq!(read(&storage, &digest, None).await, None);
        storage.put_bytes(bytes.clone().into(), &digest).await?;
        storage.put_bytes(bytes.clone().into(), &digest).await?;
        assert_eq!(read(&storage, &digest, None).await.as_ref(), Some(&bytes));
        assert_eq!(read(&storage, &digest, Some(5..8)).await, Some(vec![5, 6, 7]));
        storage.probe().await?;
        let hour = Duration::from_hours(1);
        assert_eq!(storage.older_than(hour).await?, []);
        assert!(!storage.remove_if_older(&digest, hour)?);
        assert_eq!(storage.older_than(Duration::ZERO).await?, std::slice::from_ref(&digest));
        assert!(storage.has(&digest)?);
        assert!(storage.remove_if_older(&digest, Duration::ZERO)?);
        assert!(!storage.remove_if_older(&digest, Duration::ZERO)?);
        assert!(!storage.has(&digest)?);
        assert_eq!(read(&storage, &digest, None).await, None);
        let left = std::fs::read_dir(folder.path().join("x/incoming")).map(Iterator::count);
        assert_eq!(left.ok(), Some(0));
        Ok(())
    }
}
