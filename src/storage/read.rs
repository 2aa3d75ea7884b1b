//! Reading blobs in pieces.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use object_store::{GetResult, GetResultPayload};

use super::buffer::Buffer;
use super::cached;

/// The pieces of a blob.
pub type BlobStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// A blob that was found, opened at the range that was asked for.
pub struct Blob {
    size: u64,
    range: Range<u64>,
    source: GetResultPayload,
}

impl Blob {
    pub(super) fn from_store(found: GetResult) -> Self {
        Self { size: found.meta.size, range: found.range, source: found.payload }
    }

    /// Bytes of the whole blob, whatever range was asked for.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The range's bytes, piece by piece. Waiting for a disk happens on the blocking pool.
    pub fn into_stream(self) -> BlobStream {
        match self.source {
            GetResultPayload::File(file, _) => Box::pin(stream_file(file, self.range)),
            GetResultPayload::Stream(stream) => {
                Box::pin(stream.map(|piece| piece.map_err(io::Error::other)))
            }
        }
    }
}

/// What lies in memory is read at once: a hop to another thread for each piece would cost more
/// than the piece. Whatever the disk has to be asked for is read on the blocking pool.
fn stream_file(file: File, range: Range<u64>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold((file, range), |(file, range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let left = range.end - range.start;
        let (piece, file) = if let Some(piece) = cached::read(&file, range.start, left) {
            (piece, file)
        } else {
            let buffer = Buffer::fitting(left);
            let reading = move || {
                let piece = read_piece(&file, buffer, range.start, left)?;
                Ok::<_, io::Error>((piece, file))
            };
            tokio::task::spawn_blocking(reading).await.map_err(io::Error::other)??
        };
        let next = range.start + piece.len() as u64..range.end;
        Ok(Some((piece, (file, next))))
    })
}

/// The bytes from there on, at most so many and as many as fit into the buffer; the position of the file
/// stays where it is, for others may use it.
fn read_piece(file: &File, mut buffer: Buffer, at: u64, length: u64) -> io::Result<Bytes> {
    let piece = buffer.first(length);
    file.read_exact_at(piece, at)?;
    let length = piece.len();
    Ok(buffer.into_bytes(length))
}

/// A temporary file that grows, for those who read it beside its writer. It stays readable when
/// the file gets its final name, and when it is deleted. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Growing(Arc<File>);

impl Growing {
    pub(super) fn new(file: File) -> Self {
        Self(Arc::new(file))
    }

    /// Some of these bytes, from the first on, all of which were written before. Waiting for a
    /// disk happens on the blocking pool.
    pub async fn read(&self, range: Range<u64>) -> io::Result<Bytes> {
        let length = range.end.saturating_sub(range.start);
        if length == 0 {
            return Ok(Bytes::new());
        }
        if let Some(piece) = cached::read(&self.0, range.start, length) {
            return Ok(piece);
        }
        let (growing, buffer) = (self.clone(), Buffer::fitting(length));
        let reading = move || read_piece(&growing.0, buffer, range.start, length);
        tokio::task::spawn_blocking(reading).await.map_err(io::Error::other)?
    }
}
