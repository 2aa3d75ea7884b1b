//! Sending a file to a bucket in parts: some of them at the same time, few of them in memory, and
//! none of them left behind where it fails.

use std::fs::File;
use std::future::ready;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{TryStreamExt, stream};
use object_store::path::Path as Key;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::bucket::put_failed;
use crate::error::{Doing, Error, Result};

/// Bytes of a part. S3 takes no fewer than 5 MiB, and no more than 10,000 parts
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>). A file that is no longer
/// goes in one request.
const PART: u64 = 8 * 1024 * 1024;
/// Parts of one file that are on their way at the same time.
const AT_ONCE: usize = 3;
/// Parts of all files that are in memory at the same time: 128 MiB.
const IN_MEMORY: usize = 16;
/// How long the parts of a failed upload are waited for to be removed.
const ABORT: Duration = Duration::from_secs(10);

/// The turns that parts wait for before they are read into memory.
#[derive(Clone)]
pub(super) struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(IN_MEMORY)))
    }
}

impl Turns {
    async fn take(&self) -> Result<OwnedSemaphorePermit> {
        let turn = self.0.clone().acquire_owned().await;
        turn.map_err(|error| Error::internal("waiting to send a file", error))
    }
}

/// Stores a file under a key: whole, or nothing of it.
pub(super) async fn put(
    store: &dyn ObjectStore,
    turns: &Turns,
    file: File,
    key: &Key,
) -> Result<()> {
    let size = file.metadata().doing(|| "reading a temporary file".to_owned())?.len();
    if size <= PART {
        let _turn = turns.take().await?;
        let (whole, _) = read(file, 0, size).await?;
        return store.put(key, whole.into()).await.map(drop).map_err(put_failed);
    }
    let mut upload = store.put_multipart(key).await.map_err(put_failed)?;
    send_whole(upload.as_mut(), turns, file, size).await
}

async fn send_whole(
    upload: &mut dyn MultipartUpload,
    turns: &Turns,
    file: File,
    size: u64,
) -> Result<()> {
    let sent = match send(upload, turns, file, size).await {
        Ok(()) => upload.complete().await.map(drop).map_err(put_failed),
        Err(error) => Err(error),
    };
    if sent.is_err() {
        abort(upload).await;
    }
    sent
}

async fn send(
    upload: &mut dyn MultipartUpload,
    turns: &Turns,
    file: File,
    size: u64,
) -> Result<()> {
    let begin = (turns.clone(), file, 0);
    let parts = stream::try_unfold(begin, move |(turns, file, at)| async move {
        if at == size {
            return Ok(None);
        }
        let turn = turns.take().await?;
        let (part, file) = read(file, at, PART.min(size - at)).await?;
        let next = at + part.len() as u64;
        Ok(Some(((part, turn), (turns, file, next))))
    });
    parts
        .map_ok(|(part, turn)| {
            let on_its_way = upload.put_part(part.into());
            async move {
                let sent = on_its_way.await;
                drop(turn);
                sent.map_err(put_failed)
            }
        })
        .try_buffer_unordered(AT_ONCE)
        .try_for_each(|()| ready(Ok(())))
        .await
}

/// Removes the parts that have arrived. What cannot be removed now is left to the bucket's own
/// rules.
async fn abort(upload: &mut dyn MultipartUpload) {
    let problem = match tokio::time::timeout(ABORT, upload.abort()).await {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the storage does not answer".to_owned(),
    };
    tracing::warn!(error = problem, "parts of a failed upload may be left in the bucket");
}

async fn read(mut file: File, at: u64, length: u64) -> Result<(Vec<u8>, File)> {
    let reading = move || {
        let capacity = usize::try_from(length).map_err(std::io::Error::other)?;
        let mut part = Vec::with_capacity(capacity);
        file.seek(SeekFrom::Start(at))?;
        if file.by_ref().take(length).read_to_end(&mut part)? < capacity {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok((part, file))
    };
    let read = tokio::task::spawn_blocking(reading).await;
    let read = read.map_err(|error| Error::internal("reading a temporary file", error))?;
    read.doing(|| "reading a temporary file".to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::pin::Pin;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use object_store::{Extensions, PutPayload, PutResult, Result as StoreResult, UploadPart};

    use super::*;

    type Answer<'a, T> = Pin<Box<dyn Future<Output = StoreResult<T>> + Send + 'a>>;

    /// An upload of which one part fails. Its parts arrive once as many are on their way as may be.
    #[derive(Debug)]
    struct Upload {
        failing: Option<usize>,
        lengths: Vec<usize>,
        door: Arc<Semaphore>,
        on_their_way: Arc<AtomicUsize>,
        most: Arc<AtomicUsize>,
        completed: usize,
        aborted: usize,
    }

    impl Upload {
        fn failing(failing: Option<usize>) -> Self {
            Self {
                failing,
                lengths: Vec::new(),
                door: Arc::new(Semaphore::new(0)),
                on_their_way: Arc::default(),
                most: Arc::default(),
                completed: 0,
                aborted: 0,
            }
        }
    }

    impl MultipartUpload for Upload {
        fn put_part(&mut self, part: PutPayload) -> UploadPart {
            let fails = self.failing == Some(self.lengths.len());
            self.lengths.push(part.content_length());
            let (now, most) = (self.on_their_way.clone(), self.most.clone());
            let door = self.door.clone();
            Box::pin(async move {
                if fails {
                    return Err(object_store::Error::Generic { store: "x", source: "y".into() });
                }
                let count = now.fetch_add(1, Ordering::Relaxed) + 1;
                most.fetch_max(count, Ordering::Relaxed);
                if count == AT_ONCE {
                    door.add_permits(AT_ONCE);
                }
                let passed = door.acquire().await.is_ok();
                now.fetch_sub(1, Ordering::Relaxed);
                assert!(passed);
                Ok(())
            })
        }

        fn complete<'a, 'b>(&'a mut self) -> Answer<'b, PutResult>
        where
            'a: 'b,
            Self: 'b,
        {
            self.completed += 1;
            let done = PutResult { e_tag: None, version: None, extensions: Extensions::default() };
            Box::pin(ready(Ok(done)))
        }

        fn abort<'a, 'b>(&'a mut self) -> Answer<'b, ()>
        where
            'a: 'b,
            Self: 'b,
        {
            self.aborted += 1;
            Box::pin(ready(Ok(())))
        }
    }

    /// Sends a file of five parts, the last of which has one byte, as an upload of that many bytes.
    async fn sent(upload: &mut Upload, size: u64) -> Result<()> {
        let doing = || "writing".to_owned();
        let mut file = tempfile::tempfile().doing(doing)?;
        file.set_len(4 * PART).doing(doing)?;
        file.seek(SeekFrom::End(0)).doing(doing)?;
        file.write_all(b"!").doing(doing)?;
        send_whole(upload, &Turns::default(), file, size).await
    }

    #[tokio::test]
    async fn all_parts_are_sent_in_order_and_few_at_a_time() -> Result<()> {
        let mut upload = Upload::failing(None);
        sent(&mut upload, 4 * PART + 1).await?;
        let part = usize::try_from(PART).unwrap_or_default();
        assert_eq!(upload.lengths, [part, part, part, part, 1]);
        assert_eq!(upload.most.load(Ordering::Relaxed), AT_ONCE);
        assert_eq!((upload.completed, upload.aborted), (1, 0));
        Ok(())
    }

    #[tokio::test]
    async fn nothing_is_left_of_what_fails() {
        let mut upload = Upload::failing(Some(1));
        assert!(sent(&mut upload, 4 * PART + 1).await.is_err());
        assert_eq!((upload.completed, upload.aborted), (0, 1));
        // A file that is shorter than it was.
        let mut upload = Upload::failing(None);
        assert!(sent(&mut upload, 5 * PART).await.is_err());
        assert_eq!((upload.completed, upload.aborted), (0, 1));
    }
}
