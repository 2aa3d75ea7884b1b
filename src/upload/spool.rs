//! Bytes on their way in: written to a temporary file and hashed while they arrive, on a thread
//! of their own, so that neither the network nor the disk waits for the other.

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::rules;
use crate::error::{Error, Result};
use crate::packaging::digest::{Digester, Digests};
use crate::storage::{SpoolFile, Storage};

/// Pieces that may wait for the disk; with pieces of at most 64 KiB this is 2 MiB an upload.
const WAITING: usize = 32;

/// A file that is arriving. Dropped before [`Spool::finish`], it leaves nothing behind.
pub struct Spool {
    pieces: mpsc::Sender<Bytes>,
    writer: Option<JoinHandle<Result<Written>>>,
    size: u64,
    limit: u64,
}

struct Written {
    file: SpoolFile,
    digests: Digests,
}

/// A file that has arrived whole.
pub struct Spooled {
    file: SpoolFile,
    digests: Digests,
    size: u64,
}

impl Spool {
    /// Starts to take in a file of at most `limit` bytes.
    pub fn start(storage: &Storage, limit: u64) -> Self {
        let storage = storage.clone();
        let (pieces, waiting) = mpsc::channel(WAITING);
        let writer = tokio::task::spawn_blocking(move || write_all(&storage, waiting));
        Self { pieces, writer: Some(writer), size: 0, limit }
    }

    /// Adds bytes.
    pub async fn add(&mut self, piece: Bytes) -> Result<()> {
        self.size += piece.len() as u64;
        if self.size > self.limit {
            return Err(rules::too_large(self.limit));
        }
        if self.pieces.send(piece).await.is_err() {
            // The writer has given up; it says why.
            self.written().await?;
        }
        Ok(())
    }

    /// Gives the file up and waits until nothing is left of it.
    pub async fn discard(self) {
        drop(self.pieces);
        if let Some(writer) = self.writer {
            // Whatever became of it, its file is gone when it has ended.
            let _ = writer.await;
        }
    }

    /// Ends the file.
    pub async fn finish(mut self) -> Result<Spooled> {
        // Without a sender the writer comes to its end.
        self.pieces = mpsc::channel(1).0;
        let Written { file, digests } = self.written().await?;
        Ok(Spooled { file, digests, size: self.size })
    }

    async fn written(&mut self) -> Result<Written> {
        let ended = || Error::internal("writing a temporary file", "its writer has ended");
        let writer = self.writer.take().ok_or_else(ended)?;
        writer.await.map_err(|error| Error::internal("writing a temporary file", error))?
    }
}

impl Spooled {
    /// Bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its digests.
    pub fn digests(&self) -> &Digests {
        &self.digests
    }

    /// The file itself, for reading. Blocks.
    pub fn reader(&mut self) -> Result<&mut std::fs::File> {
        self.file.reader()
    }

    /// The file itself and its digests, to be kept.
    pub fn into_parts(self) -> (SpoolFile, Digests) {
        (self.file, self.digests)
    }
}

fn write_all(storage: &Storage, mut waiting: mpsc::Receiver<Bytes>) -> Result<Written> {
    let mut file = storage.spool()?;
    let mut digester = Digester::default();
    while let Some(piece) = waiting.blocking_recv() {
        file.write(&piece)?;
        digester.update(&piece);
    }
    Ok(Written { file, digests: digester.finish() })
}
