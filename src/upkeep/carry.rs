//! Carrying blobs from one storage to another, their digests taken on the way.

use futures_util::{StreamExt, stream};

use super::hash::{Hasher, at_once, each_piece, on_thread};
use super::progress::Progress;
use super::references::Reference;
use crate::error::{Error, Result};
use crate::packaging::Blake2b256;
use crate::storage::{SpoolFile, Storage};

/// Blobs that are flushed and named together: no more, as each keeps a file open.
const TOGETHER: usize = 128;

/// What became of the blobs that were to be carried.
#[derive(Debug, Default)]
pub(super) struct Carried {
    /// How many there are now that were not there.
    pub(super) blobs: u64,
    /// Their bytes.
    pub(super) bytes: u64,
    /// What is not in the source.
    pub(super) missing: Vec<Blake2b256>,
    /// What has other bytes in the source than its name says, and was left there.
    pub(super) altered: Vec<Blake2b256>,
}

impl Carried {
    pub(super) fn add(&mut self, other: Self) {
        self.blobs += other.blobs;
        self.bytes += other.bytes;
        self.missing.extend(other.missing);
        self.altered.extend(other.altered);
    }
}

/// What became of one.
enum One {
    Spooled(SpoolFile, u64),
    Missing,
    Altered,
}

/// From where to where.
#[derive(Clone, Copy)]
pub(super) struct Route<'a> {
    pub(super) source: &'a Storage,
    pub(super) target: &'a Storage,
    pub(super) progress: &'a dyn Progress,
}

/// Copies blobs, several at a time. A blob is in the target whole and flushed, or not at all.
pub(super) async fn carry(route: Route<'_>, wanted: Vec<Reference>) -> Result<Carried> {
    let mut carried = Carried::default();
    let mut batches = stream::iter(wanted)
        .map(|reference| spool(route, reference))
        .buffer_unordered(at_once())
        .chunks(TOGETHER);
    while let Some(batch) = batches.next().await {
        let mut files = Vec::new();
        for one in batch {
            route.progress.step(1);
            match one? {
                (digest, One::Spooled(file, size)) => {
                    carried.bytes += size;
                    files.push((file, digest));
                }
                (digest, One::Missing) => carried.missing.push(digest),
                (digest, One::Altered) => carried.altered.push(digest),
            }
        }
        carried.blobs += files.len() as u64;
        route.target.put_all(files).await?;
    }
    Ok(carried)
}

async fn spool(route: Route<'_>, reference: Reference) -> Result<(Blake2b256, One)> {
    let (source, target) = (route.source.clone(), route.target.clone());
    on_thread(async move {
        let digest = Blake2b256::from(reference.digest);
        let Some(blob) = source.get(&digest, None).await? else {
            return Ok((digest, One::Missing));
        };
        let mut file = target.spool()?;
        let (mut hasher, mut size) = (Hasher::default(), 0);
        let add = |piece: &[u8]| -> Result<(), Error> {
            hasher.update(piece);
            size += piece.len() as u64;
            file.write(piece)
        };
        each_piece(blob.into_stream(), &digest, add).await?;
        let is_whole = hasher.finish().blake2_256 == reference.digest;
        Ok((digest, if is_whole { One::Spooled(file, size) } else { One::Altered }))
    })
    .await
}
