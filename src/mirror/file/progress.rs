//! How far a fetch is, for all who wait for it.

use std::sync::Arc;

use tokio::sync::watch;

use super::fault::Fault;
use super::stored::StoredFile;
use crate::storage::Growing;

/// How far a fetch is.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    /// What has come, from the head of upstream's answer on.
    pub(super) arriving: Option<Arriving>,
    /// Whether everything is there and is what it should be.
    pub(super) is_verified: bool,
    /// How it ended.
    pub(super) end: Option<Result<Arc<StoredFile>, Fault>>,
}

/// A file on its way.
#[derive(Debug, Clone)]
pub(super) struct Arriving {
    /// Where it is written to.
    pub(super) from: Growing,
    /// How many bytes will come, where that is known.
    pub(super) size: Option<u64>,
    /// How many can be read.
    pub(super) written: u64,
}

/// How a fetch begins.
#[derive(Debug, Clone)]
pub enum Begun {
    /// The file was stored meanwhile.
    Stored(Arc<StoredFile>),
    /// It is on its way; so many bytes will come, where that is known.
    Arriving(Option<u64>),
}

/// A fetch, as those see it who wait for it. When all of them leave, it goes on.
#[derive(Debug, Clone)]
pub struct Arrival(watch::Receiver<Progress>);

impl Arrival {
    pub(super) fn new(progress: watch::Receiver<Progress>) -> Self {
        Self(progress)
    }

    pub(super) fn progress(&mut self) -> &mut watch::Receiver<Progress> {
        &mut self.0
    }

    /// Waits for the head of upstream's answer.
    pub async fn begun(&mut self) -> Result<Begun, Fault> {
        let progress = self.wait(|it| it.arriving.is_some() || it.end.is_some()).await?;
        match (progress.arriving, progress.end) {
            (Some(arriving), None | Some(Ok(_))) => Ok(Begun::Arriving(arriving.size)),
            (None, Some(Ok(stored))) => Ok(Begun::Stored(stored)),
            (_, Some(Err(fault))) => Err(fault),
            (None, None) => Err(Fault::GivenUp),
        }
    }

    /// Waits until more than so many bytes are there, or until everything is and is verified. How
    /// many bytes it has, where it is.
    pub(super) async fn settled(&mut self, bytes: u64) -> Result<Option<u64>, Fault> {
        let is_enough = |it: &Progress| {
            let is_long = it.arriving.as_ref().is_some_and(|it| it.written > bytes);
            is_long || it.is_verified || it.end.is_some()
        };
        let progress = self.wait(is_enough).await?;
        match (progress.is_verified, progress.end) {
            (false, Some(Err(fault))) => Err(fault),
            (true, _) => Ok(progress.arriving.map(|arriving| arriving.written)),
            (false, _) => Ok(None),
        }
    }

    /// Waits until everything is there and verified. How many bytes it has.
    pub async fn verified(&mut self) -> Result<Option<u64>, Fault> {
        self.settled(u64::MAX).await
    }

    /// Waits until the file is stored.
    pub async fn stored(&mut self) -> Result<Arc<StoredFile>, Fault> {
        let progress = self.wait(|it| it.end.is_some()).await?;
        progress.end.unwrap_or(Err(Fault::GivenUp))
    }

    async fn wait(&mut self, is_so: impl FnMut(&Progress) -> bool) -> Result<Progress, Fault> {
        match self.0.wait_for(is_so).await {
            Ok(progress) => Ok(progress.clone()),
            Err(_) => Err(Fault::GivenUp),
        }
    }
}
