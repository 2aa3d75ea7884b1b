//! One fetch of a file: asked for, written and hashed as it comes, verified.
//!
//! It is a task of its own. Whoever waits for it may leave; it goes on to its end.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;

use super::fault::Fault;
use super::keep::{Fetched, keep};
use super::progress::{Arriving, Progress};
use super::promise::{Hasher, Promise, Taken};
use super::stored::{StoredFile, first_digest};
use super::wanted::Wanted;
use super::{Files, blocking};
use crate::error::Result;
use crate::mirror::rule::Rule;
use crate::mirror::upstream::Client;
use crate::outbound::{Answer, OutboundError, StatusCode, retry_after};
use crate::packaging::Sha256;
use crate::storage::SpoolFile;
use crate::time;

/// Fetches a file, and tells all who wait how far it is.
pub(super) async fn run(files: Files, wanted: Wanted, progress: watch::Sender<Progress>) {
    // Dropped last, and also where something panics: then others may try again.
    let _running = Running { files: files.clone(), key: wanted.key() };
    let progress = Arc::new(progress);
    let end = bring(&files, &wanted, &progress).await;
    match &end {
        Ok(stored) => {
            if stored.metadata_sha256.is_some() {
                files.page_changed(&wanted.project);
            }
        }
        Err(fault) => {
            files.figures().count_failed(fault);
            say(&wanted, fault);
        }
    }
    let size = end.as_ref().ok().map(|stored| stored.size);
    progress.send_modify(|it| it.end = Some(end));
    if let Some(size) = size {
        files.make_room_for(size);
    }
}

/// The place of a fetch among those that run.
struct Running {
    files: Files,
    key: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.files.lock().remove(&self.key);
    }
}

fn say(wanted: &Wanted, fault: &Fault) {
    let (project, file) = (&wanted.project, &wanted.filename);
    let host = wanted.url.host_str().unwrap_or_default();
    if fault.is_suspicious() {
        tracing::error!(%project, file, host, error = %fault, "a fetched file was refused");
    } else {
        tracing::warn!(%project, file, host, error = %fault, "a file could not be fetched");
    }
}

async fn bring(
    files: &Files,
    wanted: &Wanted,
    progress: &Arc<watch::Sender<Progress>>,
) -> Result<Arc<StoredFile>, Fault> {
    if let Some(stored) = intact(files, wanted).await? {
        let why = held(files, wanted, &stored.sha256).await?;
        return why.map_or(Ok(stored), |reason| Err(Fault::Quarantined(reason)));
    }
    if files.0.means.is_offline {
        return Err(Fault::Offline);
    }
    let turn = files.0.turns.acquire().await;
    let answer = ask(&files.0.means.client, wanted).await?;
    let fetched = take(files, wanted, answer, progress).await?;
    drop(turn);
    match &wanted.promise {
        Some(promise) if fetched.taken.keeps(promise) => {}
        Some(promise) => return Err(Fault::Altered(promise.name())),
        None if is_first(files, wanted, &fetched.taken).await? => {}
        None => return Err(Fault::Changed),
    }
    let why = held(files, wanted, &fetched.taken.sha256).await?;
    progress.send_modify(|it| it.is_verified = why.is_none());
    let stored = keep(files, wanted, fetched).await?;
    match why {
        None => {
            files.figures().count_fetched();
            Ok(stored)
        }
        Some(reason) => {
            // Now that it is known which bytes they are, the page does not name them any more.
            files.page_changed(&wanted.project);
            files.make_room_for(stored.size);
            Err(Fault::Quarantined(reason))
        }
    }
}

/// Why these bytes are quarantined, if they are. Where the page names their SHA-256 it is the page
/// that holds them back; of all others nobody knows before they have come.
async fn held(files: &Files, wanted: &Wanted, sha256: &Sha256) -> Result<Option<String>> {
    if wanted.promise.as_ref().is_some_and(Promise::is_sha256) {
        return Ok(None);
    }
    let sha256 = sha256.clone();
    files.db().read(move |c| Ok(Rule::against(c, &sha256, time::now())?)).await
}

/// What another process stored meanwhile, if its bytes are really there, and are those that the
/// page names now.
async fn intact(files: &Files, wanted: &Wanted) -> Result<Option<Arc<StoredFile>>> {
    let path = wanted.path.clone();
    let found = files.db().read(move |c| Ok(StoredFile::by_path(c, &path)?)).await?;
    let Some(stored) = found.filter(|stored| wanted.allows(&stored.sha256)) else {
        return Ok(None);
    };
    let (storage, blob) = (files.storage().clone(), stored.blake2_256.clone());
    let is_there = blocking(move || storage.has(&blob)).await?;
    Ok(is_there.then(|| Arc::new(stored)))
}

/// Whether a file of which upstream names no hash is what it was when it was first fetched, or was
/// not fetched before.
async fn is_first(files: &Files, wanted: &Wanted, taken: &Taken) -> Result<bool> {
    let (path, sha256) = (wanted.path.clone(), taken.sha256.clone());
    let known = files.db().read(move |c| Ok(first_digest(c, &path)?)).await?;
    Ok(known.is_none_or(|known| known == sha256))
}

/// Asks upstream, and looks at the head of its answer.
pub(super) async fn ask(client: &Client, wanted: &Wanted) -> Result<Answer, Fault> {
    let headers = client.headers_for(&wanted.url);
    let answer = client.files().fetch(&wanted.url, headers).await?;
    match answer.status {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::GONE => return Err(Fault::Missing(answer.status)),
        status => return Err(Fault::Status(status, retry_after(&answer.headers))),
    }
    let length = answer.length();
    if let (Some(named), Some(found)) = (wanted.size, length)
        && named != found
    {
        return Err(Fault::Length { named, found });
    }
    if wanted.size.or(length).is_some_and(|size| size > wanted.limit) {
        return Err(Fault::TooLong(wanted.limit));
    }
    Ok(answer)
}

/// Takes in the body.
async fn take(
    files: &Files,
    wanted: &Wanted,
    mut answer: Answer,
    progress: &Arc<watch::Sender<Progress>>,
) -> Result<Fetched, Fault> {
    let size = wanted.size.or(answer.length());
    let most = size.unwrap_or(wanted.limit);
    let storage = files.storage().clone();
    let hasher = Hasher::new(wanted.promise.as_ref());
    let telling = progress.clone();
    let begin = move || {
        let file = storage.spool()?;
        let from = file.growing()?;
        let arriving = Arriving { from, size, written: 0 };
        telling.send_modify(|it| it.arriving = Some(arriving));
        Ok(Writer { file, hasher, progress: telling })
    };
    let mut writer = blocking(begin).await?;
    let mut taken: u64 = 0;
    let patience = files.0.means.patience;
    let mut next = answer.piece(patience).await.map_err(|error| broken(error, taken))?;
    while let Some(piece) = next {
        let before = taken;
        taken += piece.len() as u64;
        files.figures().count_bytes(piece.len() as u64);
        if taken > most {
            return Err(Fault::TooLong(most));
        }
        // The next piece comes while this one is written.
        let writing = blocking(move || writer.add(&piece));
        let (written, coming) = tokio::join!(writing, answer.piece(patience));
        writer = written?;
        next = coming.map_err(|error| broken(error, before))?;
    }
    if size.is_some_and(|size| taken < size) {
        return Err(Fault::Cut(taken));
    }
    Ok(Fetched { file: writer.file, taken: writer.hasher.finish(), size: taken })
}

/// What a failure means once the head has come.
fn broken(error: OutboundError, taken: u64) -> Fault {
    match error {
        OutboundError::Broken(..) => Fault::Cut(taken),
        error => Fault::Unreachable(error),
    }
}

/// A file that is being written.
struct Writer {
    file: SpoolFile,
    hasher: Hasher,
    progress: Arc<watch::Sender<Progress>>,
}

impl Writer {
    /// Writes the next bytes and tells that they can be read. Blocks.
    fn add(mut self, piece: &Bytes) -> Result<Self> {
        self.file.write(piece)?;
        self.hasher.update(piece);
        self.progress.send_modify(|it| {
            if let Some(arriving) = &mut it.arriving {
                arriving.written += piece.len() as u64;
            }
        });
        Ok(self)
    }
}
