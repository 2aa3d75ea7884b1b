//! Small blobs in memory: most of what installers fetch is the metadata of wheels and wheels of a
//! few kilobytes, where opening and reading the file is most of the work.

use bytes::Bytes;
use futures_util::StreamExt;
use moka::sync::Cache;

use super::Storage;
use crate::error::{Error, Result};
use crate::packaging::Blake2b256;

/// Blobs up to this length are kept.
const LONGEST: u64 = 128 * 1024;
/// Bytes of all of them together. The system keeps files in memory as well; this is for those
/// asked for all the time.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// What one weighs beside its bytes.
const OVERHEAD: usize = 256;

/// The small blobs that were read last. A blob never changes, so none is ever wrong.
pub(super) type SmallBlobs = Cache<Blake2b256, Bytes>;

pub(super) fn cache() -> SmallBlobs {
    Cache::builder()
        .max_capacity(MOST_BYTES)
        .weigher(|_: &Blake2b256, bytes: &Bytes| {
            u32::try_from(bytes.len() + OVERHEAD).unwrap_or(u32::MAX)
        })
        .build()
}

impl Storage {
    /// The bytes of a small blob if it was read before.
    pub fn at_hand(&self, digest: &Blake2b256) -> Option<Bytes> {
        self.small.get(digest)
    }

    /// Whether a blob of that length counts as small.
    pub fn is_small(&self, length: u64) -> bool {
        length <= LONGEST
    }

    /// The bytes of a small blob; `None` where it is not there or not small.
    pub async fn small(&self, digest: &Blake2b256) -> Result<Option<Bytes>> {
        if let Some(bytes) = self.at_hand(digest) {
            return Ok(Some(bytes));
        }
        let Some(blob) = self.get(digest, None).await? else { return Ok(None) };
        if blob.size() > LONGEST {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(blob.size()).unwrap_or_default());
        let mut pieces = blob.into_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece
                .map_err(|error| Error::internal(format!("reading the blob {digest}"), error))?;
            bytes.extend_from_slice(&piece);
        }
        let bytes = Bytes::from(bytes);
        self.small.insert(digest.clone(), bytes.clone());
        Ok(Some(bytes))
    }
}
