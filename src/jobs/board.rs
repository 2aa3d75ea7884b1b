//! What pages know of the jobs, and how they have one run: the schedule, which stands above them,
//! announces its jobs here and takes what is asked for.

use tokio::sync::{mpsc, oneshot};

use super::Jobs;
use crate::config::Schedule;
use crate::error::{Error, Kind, Result};

/// A job of the schedule.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its name.
    pub name: &'static str,
    /// What it does, for people.
    pub about: &'static str,
    /// When it runs.
    pub schedule: Schedule,
}

/// A run that somebody asked for.
#[derive(Debug)]
pub struct Asked {
    /// The job.
    pub name: &'static str,
    pub(super) begun: oneshot::Sender<Result<()>>,
}

/// The jobs and the way to the schedule, once it is there.
#[derive(Debug)]
pub(super) struct Board {
    listed: Vec<Listed>,
    asked: mpsc::UnboundedSender<Asked>,
}

impl Jobs {
    /// Announces the jobs of the schedule, once. Returns the runs that are asked for; none where
    /// that was done before.
    pub fn announce(&self, listed: Vec<Listed>) -> Option<mpsc::UnboundedReceiver<Asked>> {
        let (asked, receiver) = mpsc::unbounded_channel();
        self.board().set(Board { listed, asked }).ok()?;
        Some(receiver)
    }

    /// The jobs that were announced.
    pub fn listed(&self) -> &[Listed] {
        self.board().get().map_or(&[], |board| &board.listed)
    }

    /// Has a job run now. Returns once the run has begun; a [`Kind::Conflict`] where another one
    /// is under way.
    pub async fn begin(&self, name: &str) -> Result<()> {
        let missing = || Error::not_found("There is no such job.");
        let board = self.board().get().ok_or_else(missing)?;
        let job = board.listed.iter().find(|job| job.name == name).ok_or_else(missing)?;
        let (begun, answer) = oneshot::channel();
        let ended = || Error::unavailable("The schedule has ended: the server stops.");
        board.asked.send(Asked { name: job.name, begun }).map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}

/// The answer where a run is under way.
pub(super) fn under_way(name: &str) -> Error {
    let words = format!("another run of the job {name} is under way");
    Error::new(Kind::Conflict, "Another run is under way", words)
}
