//! Blob storage: bytes by their BLAKE2b-256 digest, over `object_store`.
//!
//! A blob is complete or absent: it is written under a temporary name, flushed to disk, and moved
//! into place. Whatever names a blob in the database comes after that.

mod batch;
mod bucket;
mod buffer;
mod cached;
mod engine;
pub mod figures;
mod folder;
mod list;
mod multipart;
mod read;
mod small;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::StreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{GetOptions, GetRange, ObjectStore};

pub use folder::SpoolFile;
pub use list::{Listing, Part, Stored};
pub use read::{Blob, BlobStream, Growing};

use bucket::Bucket;
use figures::Operation;

use crate::config::{Aws, StorageUrl};
use crate::error::{Doing, Error, Result};
use crate::packaging::Blake2b256;

/// The storage of one index. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    /// Where the blobs are, unless they are in a bucket; temporary files in any case.
    folder: Arc<PathBuf>,
    bucket: Option<Arc<Bucket>>,
    small: small::SmallBlobs,
}

impl Storage {
    /// Opens the storage and makes its folders. `data` is where temporary files lie that are on
    /// their way to or from a bucket, and `aws` says how one is reached. A bucket is not asked
    /// anything yet. Blocks.
    pub fn open(url: &StorageUrl, data: &Path, aws: &Aws) -> Result<Self> {
        let (folder, bucket) = match url {
            StorageUrl::Folder(folder) => (folder.clone(), None),
            StorageUrl::S3(url) => (data.join(SPOOL), Some(Arc::new(Bucket::open(url, aws)?))),
        };
        folder::prepare(&folder)?;
        let store: Arc<dyn ObjectStore> = match &bucket {
            Some(bucket) => bucket.store(),
            None => Arc::new(LocalFileSystem::new_with_prefix(&folder).map_err(|error| {
                Error::internal(format!("opening the storage folder {}", folder.display()), error)
            })?),
        };
        Ok(Self { store, folder: Arc::new(folder), bucket, small: small::cache() })
    }

    /// A temporary file to write a blob into before its digest is known. It is deleted when
    /// dropped. Blocks.
    pub fn spool(&self) -> Result<SpoolFile> {
        match self.bucket {
            Some(_) => SpoolFile::nameless(&self.folder),
            None => SpoolFile::create(&self.folder),
        }
    }

    /// Keeps a spooled file under its digest. When this returns, the bytes have reached the disk
    /// under their final name, or the bucket has them. A blob that is there already is replaced by
    /// its equal, which renews its age.
    pub async fn put(&self, file: SpoolFile, digest: &Blake2b256) -> Result<()> {
        Operation::Put.counted(self.keep(file, digest).await)
    }

    async fn keep(&self, file: SpoolFile, digest: &Blake2b256) -> Result<()> {
        if let Some(bucket) = &self.bucket {
            return bucket.put(file, Key::from(key_text(digest))).await;
        }
        let target = self.folder.join(key_text(digest));
        blocking(move || file.keep(&target)).await
    }

    /// Keeps bytes under their digest.
    pub async fn put_bytes(&self, bytes: Bytes, digest: &Blake2b256) -> Result<()> {
        if let Some(bucket) = &self.bucket {
            let put = bucket.put_bytes(bytes, Key::from(key_text(digest))).await;
            return Operation::Put.counted(put);
        }
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
        let found = match self.store.get_opts(&Key::from(key_text(digest)), options).await {
            Ok(found) => Ok(Some(Blob::from_store(found))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed(&format!("reading the blob {digest}"), error)),
        };
        Operation::Get.counted(found)
    }

    /// The file that holds a blob, for readers that go back and forth in it; `None` where it is
    /// not there. What is in a bucket is copied to this machine first, so few at a time should be
    /// asked for. Blocks.
    pub fn open_file(&self, digest: &Blake2b256) -> Result<Option<std::fs::File>> {
        if let Some(bucket) = &self.bucket {
            let copy = folder::nameless(&self.folder)?;
            return bucket.fetch(copy, Key::from(key_text(digest)));
        }
        match std::fs::File::open(self.folder.join(key_text(digest))) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).doing(|| format!("reading the blob {digest}")),
        }
    }

    /// Forgets a blob that has lain there for longer than `age`. Returns whether it was there and
    /// so old. Blocks.
    pub fn remove_if_older(&self, digest: &Blake2b256, age: Duration) -> Result<bool> {
        if let Some(bucket) = &self.bucket {
            return bucket.remove_if_older(Key::from(key_text(digest)), age);
        }
        folder::remove_if_older(&self.folder.join(key_text(digest)), age)
    }

    /// All blobs that have lain there for longer than `age`.
    pub async fn older_than(&self, age: Duration) -> Result<Vec<Blake2b256>> {
        let now = SystemTime::now();
        let mut old = Vec::new();
        let mut listing = self.store.list(Some(&Key::from(BLOBS)));
        while let Some(entry) = listing.next().await {
            let entry = entry.map_err(|error| self.failed("listing the blobs", error))?;
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
        if let Some(bucket) = &self.bucket {
            return bucket.has(Key::from(key_text(digest)));
        }
        self.folder.join(key_text(digest)).try_exists().doing(|| format!("looking for {digest}"))
    }

    /// Whether something can be written.
    pub async fn probe(&self) -> Result<()> {
        let storage = self.clone();
        let written = blocking(move || storage.spool()?.write(b"?")).await;
        let taken = match (&self.bucket, written) {
            (Some(bucket), Ok(())) => bucket.probe().await,
            (_, written) => written,
        };
        taken.map_err(|error| {
            Error::unavailable("The storage does not take anything.").because(error)
        })
    }

    /// A link by which a client gets a blob from the bucket itself, to be kept under this name;
    /// `None` where it is in no bucket. Whoever has the link gets the blob, for a few minutes.
    pub async fn link(&self, digest: &Blake2b256, filename: &str) -> Result<Option<String>> {
        let Some(bucket) = &self.bucket else { return Ok(None) };
        bucket.link(&Key::from(key_text(digest)), filename).await.map(Some)
    }

    /// Bytes that are free on the disk of its folder: that of the blobs, or of what is on its way to
    /// the bucket. Blocks.
    pub fn free_bytes(&self) -> Option<u64> {
        let disk = rustix::fs::statvfs(&*self.folder).ok()?;
        disk.f_bavail.checked_mul(disk.f_frsize)
    }

    fn failed(&self, doing: &str, error: object_store::Error) -> Error {
        match self.bucket {
            Some(_) => bucket::failed(doing, error),
            None => Error::internal(doing, error),
        }
    }
}

/// The folder in the data folder for what is on its way to or from a bucket.
const SPOOL: &str = "spool";

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
