//! Carrying blobs from one storage to another, their digests taken on the way.

use futures_util::{StreamExt, stream};

use super::hash::{Namer, at_once, each_piece, on_thread};
use super::progress::Progress;
use super::references::Reference;
use crate::error::{Error, Result};
use crate::packaging::Blake2b256;
use crate::storage::{SpoolFile, Storage};

/// Blobs that are flushed and named together: no more, as each keeps a file open.
const TOGETHER: usize = 128;
/// So many blobs are carried at once: an index is gone through in parts, and those of a small one
/// have so few that flushing them part by part would take most of the time.
const LOAD: usize = 4 * TOGETHER;

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
    fn add(&mut self, other: Self) {
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

/// Copies blobs in loads. A blob is in the target whole and flushed, or not at all.
pub(super) struct Carrier<'a> {
    route: Route<'a>,
    waiting: Vec<Reference>,
    /// Parts of the index that they are of.
    parts: u64,
    carried: Carried,
}

impl<'a> Carrier<'a> {
    pub(super) fn new(route: Route<'a>) -> Self {
        Self { route, waiting: Vec::new(), parts: 0, carried: Carried::default() }
    }

    /// Takes those of a part, and carries all that wait if they are enough.
    pub(super) async fn take(&mut self, wanted: Vec<Reference>) -> Result<()> {
        self.waiting.extend(wanted);
        self.parts += 1;
        // Where nothing waits, there is only progress to tell of.
        if self.waiting.is_empty() || self.waiting.len() >= LOAD {
            self.go().await?;
        }
        Ok(())
    }

    /// Carries the rest; what became of all.
    pub(super) async fn finish(mut self) -> Result<Carried> {
        self.go().await?;
        Ok(self.carried)
    }

    async fn go(&mut self) -> Result<()> {
        let load = std::mem::take(&mut self.waiting);
        self.carried.add(carry(self.route, load).await?);
        self.route.progress.step(std::mem::take(&mut self.parts));
        Ok(())
    }
}

/// Copies blobs, several at a time.
async fn carry(route: Route<'_>, wanted: Vec<Reference>) -> Result<Carried> {
    let mut carried = Carried::default();
    let mut batches = stream::iter(wanted)
        .map(|reference| spool(route, reference))
        .buffer_unordered(at_once())
        .chunks(TOGETHER);
    while let Some(batch) = batches.next().await {
        let mut files = Vec::new();
        for one in batch {
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
        let (mut namer, mut size) = (Namer::default(), 0);
        let add = |piece: &[u8]| -> Result<(), Error> {
            namer.update(piece);
            size += piece.len() as u64;
            file.write(piece)
        };
        each_piece(blob.into_stream(), &digest, add).await?;
        let is_whole = namer.finish() == reference.digest;
        Ok((digest, if is_whole { One::Spooled(file, size) } else { One::Altered }))
    })
    .await
}
