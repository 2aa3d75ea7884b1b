//! Taking the digests of stored blobs again.

use futures_util::StreamExt;
use sha2::Digest as _;

use crate::error::{Error, Result};
use crate::packaging::Blake2b256;
use crate::storage::{BlobStream, Storage};

/// The digests by which a blob is known. MD5 is not among them: nothing relies on it, and it would
/// take as long as both others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hashes {
    pub(super) blake2_256: [u8; 32],
    pub(super) sha256: [u8; 32],
}

/// Takes the digest by which a blob is named while its bytes pass by.
#[derive(Default)]
pub(super) struct Namer(blake2::Blake2b<blake2::digest::consts::U32>);

impl Namer {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// Takes both.
#[derive(Default)]
struct Hasher {
    namer: Namer,
    sha256: sha2::Sha256,
}

impl Hasher {
    fn update(&mut self, bytes: &[u8]) {
        self.namer.update(bytes);
        self.sha256.update(bytes);
    }

    fn finish(self) -> Hashes {
        Hashes { blake2_256: self.namer.finish(), sha256: self.sha256.finalize().into() }
    }
}

/// How many blobs are read at the same time: two for each core, so that one is hashed while another
/// is opened and waited for.
pub(super) fn at_once() -> usize {
    const EACH: usize = 2;
    /// So that a storage far away is waited for by several, and a large machine is not flooded.
    const BOUNDS: (usize, usize) = (4, 16);
    let cores = std::thread::available_parallelism().map_or(EACH, std::num::NonZero::get);
    cores.saturating_mul(EACH).clamp(BOUNDS.0, BOUNDS.1)
}

/// The digests of what a blob holds now; `None` where it is not there. Its bytes are hashed on a
/// thread of their own.
pub(super) async fn hash(storage: &Storage, digest: &Blake2b256) -> Result<Option<Hashes>> {
    let (storage, digest) = (storage.clone(), digest.clone());
    on_thread(async move {
        let Some(blob) = storage.get(&digest, None).await? else { return Ok(None) };
        let mut hasher = Hasher::default();
        let add = |piece: &[u8]| {
            hasher.update(piece);
            Ok(())
        };
        each_piece(blob.into_stream(), &digest, add).await?;
        Ok(Some(hasher.finish()))
    })
    .await
}

/// Hands on every piece of a blob.
pub(super) async fn each_piece(
    mut pieces: BlobStream,
    digest: &Blake2b256,
    mut work: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    while let Some(piece) = pieces.next().await {
        let failed = |error| Error::internal(format!("reading the blob {digest}"), error);
        work(&piece.map_err(failed)?)?;
    }
    Ok(())
}

/// Runs work that waits and computes on a thread where neither keeps others waiting.
pub(super) async fn on_thread<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let runtime = tokio::runtime::Handle::current();
    match tokio::task::spawn_blocking(move || runtime.block_on(work)).await {
        Ok(result) => result,
        Err(error) => Err(Error::internal("reading blobs", error)),
    }
}
