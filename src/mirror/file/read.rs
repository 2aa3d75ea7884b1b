//! Reading a file while it is fetched.
//!
//! The last bytes of what was asked for are held back until the whole file is verified. So nobody
//! ever gets a complete answer with bytes of a file that is cut or altered: the stream ends with an
//! error instead, which breaks the connection.

use std::io;
use std::ops::Range;

use bytes::Bytes;
use futures_util::stream::{self, Stream};

use super::fault::Fault;
use super::progress::Arrival;

/// How many bytes are held back. Most metadata and many wheels are not longer: they are answered
/// when they are verified, with a status that says what became of them.
pub(super) const HELD_BACK: u64 = 64 * 1024;

impl Arrival {
    /// Waits until the answer with these bytes may begin: where no more of them would be sent than
    /// are held back, that is when everything is verified. `end` is not known where upstream does
    /// not say how long the file is. How many bytes the file has, where all of them are here.
    pub async fn ready(&mut self, start: u64, end: Option<u64>) -> Result<Option<u64>, Fault> {
        match end {
            Some(end) if end.saturating_sub(start) > HELD_BACK => Ok(None),
            Some(_) => self.verified().await,
            None => self.settled(HELD_BACK).await,
        }
    }

    /// The bytes from `start` up to but without `end`; to the end of the file where that is not
    /// given.
    pub fn read(self, start: u64, end: Option<u64>) -> impl Stream<Item = io::Result<Bytes>> {
        let reading = Reading { arrival: self, at: start, end };
        stream::try_unfold(reading, |mut reading| async move {
            Ok(reading.next().await?.map(|piece| (piece, reading)))
        })
    }
}

struct Reading {
    arrival: Arrival,
    at: u64,
    end: Option<u64>,
}

/// What can be done next.
enum Next {
    /// These bytes may be sent,
    Read(crate::storage::Growing, Range<u64>),
    /// nothing more is to be sent,
    End,
    /// or nothing can be yet.
    Wait,
}

impl Reading {
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            match self.look()? {
                Next::Read(from, range) => {
                    let piece = from.read(range).await?;
                    self.at += piece.len() as u64;
                    return Ok(Some(piece));
                }
                Next::End => return Ok(None),
                Next::Wait => {
                    let changed = self.arrival.progress().changed().await;
                    changed.map_err(|_| io::Error::other(Fault::GivenUp))?;
                }
            }
        }
    }

    fn look(&mut self) -> io::Result<Next> {
        let progress = self.arrival.progress().borrow_and_update();
        if !progress.is_verified
            && let Some(Err(fault)) = &progress.end
        {
            return Err(io::Error::other(fault.clone()));
        }
        let Some(arriving) = &progress.arriving else { return Ok(Next::Wait) };
        let may_be_sent = if progress.is_verified {
            self.end.unwrap_or(arriving.written)
        } else {
            let end = self.end.unwrap_or(arriving.written);
            arriving.written.min(end.saturating_sub(HELD_BACK))
        };
        Ok(if self.at < may_be_sent {
            Next::Read(arriving.from.clone(), self.at..may_be_sent)
        } else if progress.is_verified {
            Next::End
        } else {
            Next::Wait
        })
    }
}
