//! What is in the storage, listed instead of asked for one by one.

use std::future::ready;
use std::pin::Pin;
use std::time::SystemTime;

use futures_util::stream::{Stream, StreamExt};
use object_store::path::Path as Key;

use super::{BLOBS, Storage, digest_of};
use crate::error::Result;

/// A blob as a listing shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stored {
    /// The bytes of its digest: a million of these fit where as many texts would not.
    pub digest: [u8; 32],
    /// Bytes.
    pub size: u64,
    /// When it was stored last.
    pub modified: SystemTime,
}

/// Blobs in no order.
pub type Listing = Pin<Box<dyn Stream<Item = Result<Stored>> + Send>>;

/// The blobs whose digests begin with one byte: a 256th of all, so that what is known of them can
/// be held in memory however many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part(u8);

impl Part {
    /// How many there are.
    pub const COUNT: u64 = 256;

    /// All of them, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map(Self)
    }

    /// The two digits with which its digests begin.
    pub fn digits(self) -> String {
        hex::encode([self.0])
    }

    /// What stands behind all of its digests in the order of their digits.
    pub fn end(self) -> String {
        /// Behind all hexadecimal digits.
        const LAST: &str = "g";
        self.0.checked_add(1).map_or_else(|| LAST.to_owned(), |next| hex::encode([next]))
    }
}

impl Storage {
    /// All blobs by one listing.
    pub fn list(&self) -> Listing {
        self.list_below(&Key::from(BLOBS))
    }

    /// The blobs of a part.
    pub fn list_part(&self, part: Part) -> Listing {
        self.list_below(&Key::from(format!("{BLOBS}/{}", part.digits())))
    }

    fn list_below(&self, prefix: &Key) -> Listing {
        let storage = self.clone();
        let found = self.store.list(Some(prefix)).filter_map(move |entry| {
            let stored = match entry {
                Ok(meta) => digest_of(meta.location.as_ref()).map(|digest| {
                    let (size, modified) = (meta.size, meta.last_modified.into());
                    Ok(Stored { digest: digest.to_bytes(), size, modified })
                }),
                Err(error) => Some(Err(storage.failed("listing the blobs", error))),
            };
            ready(stored)
        });
        Box::pin(found)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt;

    use super::*;
    use crate::config::{Aws, StorageUrl};
    use crate::error::Doing;
    use crate::packaging::digest::Digester;

    #[tokio::test]
    async fn a_listing_has_every_blob_once_whole_or_in_parts() -> Result<()> {
        let folder = tempfile::tempdir().doing(|| "a folder".to_owned())?;
        let url = StorageUrl::Folder(folder.path().to_owned());
        let storage = Storage::open(&url, folder.path(), &Aws::default())?;
        let mut expected = Vec::new();
        for n in 0..40_usize {
            let bytes = vec![7; n];
            let digest = Digester::of(&bytes).blake2_256;
            storage.put_bytes(bytes.into(), &digest).await?;
            expected.push((digest.to_bytes(), n as u64));
        }
        expected.sort_unstable();
        std::fs::write(folder.path().join("blake2b/stranger"), "x").doing(|| "x".to_owned())?;
        let mut whole: Vec<_> =
            storage.list().map_ok(|it| (it.digest, it.size)).try_collect().await?;
        whole.sort_unstable();
        assert_eq!(whole, expected);
        let mut parts = Vec::new();
        for part in Part::all() {
            let mut some: Vec<Stored> = storage.list_part(part).try_collect().await?;
            some.sort_unstable();
            parts.extend(some.into_iter().map(|it| (it.digest, it.size)));
        }
        assert_eq!(parts, expected);
        assert_eq!(Part::all().count() as u64, Part::COUNT);
        assert_eq!(Part::all().last().map(Part::end).as_deref(), Some("g"));
        Ok(())
    }
}
