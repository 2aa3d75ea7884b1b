//! Opening distributions to look into them: few at a time, on the blocking pool, and with the
//! lists of members kept for a while.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use moka::sync::Cache;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::app::App;
use crate::error::{Error, Result};
use crate::packaging::archive::{self, ArchiveError, Contents};
use crate::packaging::{Blake2b256, Filename, NormalizedName};
use crate::storage::Storage;

/// Longest member in bytes that is shown as text.
pub(super) const LONGEST_TEXT: u64 = 1024 * 1024;

/// How many are opened at the same time: the largest take about a second of a core each.
const AT_ONCE: usize = 2;
/// How long one may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
static OPENING: Semaphore = Semaphore::const_new(AT_ONCE);

/// Bytes of lists that are kept.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// What a list and each of its entries weigh beside the names.
const OVERHEAD: usize = 64;

/// Lists by the digest of the file: what has that digest never changes.
static LISTS: LazyLock<Cache<Blake2b256, Arc<Contents>>> = LazyLock::new(|| {
    Cache::builder()
        .max_capacity(MOST_BYTES)
        .weigher(|_: &Blake2b256, list: &Arc<Contents>| {
            let names = list.items.iter().map(|item| item.name.len() + OVERHEAD);
            u32::try_from(names.sum::<usize>() + OVERHEAD).unwrap_or(u32::MAX)
        })
        .build()
});

/// A file whose bytes are here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stored<'a> {
    pub(super) filename: &'a str,
    pub(super) blob: &'a Blake2b256,
}

/// The members of a file of that project.
pub(super) async fn contents(
    app: &App,
    project: &NormalizedName,
    file: Stored<'_>,
) -> Result<Arc<Contents>> {
    if let Some(list) = LISTS.get(file.blob) {
        return Ok(list);
    }
    let list = open(app, project, file, archive::contents).await?;
    let list = Arc::new(list);
    LISTS.insert(file.blob.clone(), list.clone());
    Ok(list)
}

/// The bytes of a member that is no longer than [`LONGEST_TEXT`].
pub(super) async fn member(
    app: &App,
    project: &NormalizedName,
    file: Stored<'_>,
    name: String,
) -> Result<Option<Vec<u8>>> {
    let read =
        move |bytes, filename: &Filename| archive::member(bytes, filename, &name, LONGEST_TEXT);
    open(app, project, file, read).await
}

async fn open<T: Send + 'static>(
    app: &App,
    project: &NormalizedName,
    file: Stored<'_>,
    work: impl FnOnce(std::fs::File, &Filename) -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T> {
    let filename =
        Filename::parse(file.filename, project).map_err(|error| closed(file.filename, &error))?;
    let permit = turn().await?;
    let (storage, digest) = (app.storage.clone(), file.blob.clone());
    let opening = move || {
        let done = work(stored(&storage, &digest)?, &filename);
        // Held as long as the work lasts, also where nobody waits for it any more.
        drop(permit);
        done.map_err(|error| match error {
            ArchiveError::Disk(source) => Error::internal("looking into a file", source),
            error => closed(filename.as_str(), &error),
        })
    };
    let done = tokio::task::spawn_blocking(opening).await;
    done.map_err(|error| Error::internal("looking into a file", error))?
}

async fn turn() -> Result<SemaphorePermit<'static>> {
    let busy = "Too many files are being looked into at this moment; try again soon.";
    match timeout(PATIENCE, OPENING.acquire()).await {
        Ok(turn) => turn.map_err(|error| Error::internal("waiting to look into a file", error)),
        Err(_) => Err(Error::unavailable(busy)),
    }
}

fn stored(storage: &Storage, digest: &Blake2b256) -> Result<std::fs::File> {
    let lost = || Error::internal(format!("reading the blob {digest}"), "it is not there");
    storage.open_file(digest)?.ok_or_else(lost)
}

/// What was taken in by older or laxer rules may be an archive that is not read here.
fn closed(filename: &str, error: &impl std::fmt::Display) -> Error {
    Error::not_found(format!("The file {filename} cannot be looked into: {error}."))
}
