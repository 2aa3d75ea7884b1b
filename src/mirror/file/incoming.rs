//! The bytes of a file of another index as they come, for whoever keeps them elsewhere than among
//! the mirrored ones. They are verified at their end.

use std::time::Duration;

use bytes::Bytes;

use super::fault::Fault;
use super::fetch::ask;
use super::promise::Hasher;
use super::wanted::Wanted;
use crate::mirror::upstream::Client;
use crate::outbound::{Answer, OutboundError};

/// A file on its way. What came before the last question was answered by `None` may be anything.
pub struct Incoming {
    answer: Answer,
    wanted: Wanted,
    /// Until everything has been verified.
    hasher: Option<Hasher>,
    /// How many bytes there are, where anybody says it.
    size: Option<u64>,
    taken: u64,
    patience: Duration,
}

impl Incoming {
    /// Asks for a file. `patience`: how long its index may be silent.
    pub async fn ask(client: &Client, wanted: Wanted, patience: Duration) -> Result<Self, Fault> {
        let answer = ask(client, &wanted).await?;
        let size = wanted.size.or(answer.length());
        let hasher = Some(Hasher::new(wanted.promise.as_ref()));
        Ok(Self { answer, wanted, hasher, size, taken: 0, patience })
    }

    /// The next bytes; none where all have come and are what the index names.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        let piece = self.answer.piece(self.patience).await.map_err(|error| match error {
            OutboundError::Broken(..) => Fault::Cut(self.taken),
            error => Fault::Unreachable(error),
        })?;
        let Some(piece) = piece else { return self.verify().map(|()| None) };
        self.taken += piece.len() as u64;
        let most = self.size.unwrap_or(self.wanted.limit);
        if self.taken > most {
            return Err(Fault::TooLong(most));
        }
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&piece);
        }
        Ok(Some(piece))
    }

    fn verify(&mut self) -> Result<(), Fault> {
        if self.size.is_some_and(|size| self.taken < size) {
            return Err(Fault::Cut(self.taken));
        }
        let taken = self.hasher.take().map(Hasher::finish);
        match (&self.wanted.promise, taken) {
            (Some(promise), Some(taken)) if !taken.keeps(promise) => {
                Err(Fault::Altered(promise.name()))
            }
            _ => Ok(()),
        }
    }
}
