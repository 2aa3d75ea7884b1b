//! Periodic work: one run of a job at a time in all processes, each run recorded.
//!
//! A run holds the [`Lease`] of its job and renews it while it lives. Where its process dies,
//! another one finds the lease [abandoned](Lease::abandoned) and runs the job again. What a run
//! writes goes through [`Lease::check`].

pub mod board;
pub mod figures;
pub mod lease;
pub mod run;

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;

pub use board::{Asked, Listed};
pub use lease::Lease;
pub use run::{Outcome, Run};

use crate::db::Db;
use crate::error::{Error, Result};
use crate::time::{self, Time};

/// How long a run may go on once the process is told to stop: a mail on its way should arrive.
const GRACE: Duration = Duration::from_secs(5);

/// The runner of jobs in one process. Cheap to clone.
#[derive(Clone)]
pub struct Jobs(Arc<Parts>);

struct Parts {
    db: Db,
    /// This process, so that operators know which one it is.
    holder: String,
    /// Whether the process ends. Every run watches it.
    stopping: watch::Sender<bool>,
    /// The jobs of the schedule, once there is one.
    board: OnceLock<board::Board>,
}

/// How the work of a run came to its end.
enum End {
    /// By itself.
    Came(Result<String>),
    /// Another process has the lease.
    Lost,
    /// This process ends.
    Stopped,
}

impl Jobs {
    /// A runner on this database.
    pub fn new(db: Db) -> Self {
        let (stopping, _) = watch::channel(false);
        Self(Arc::new(Parts { db, holder: holder(), stopping, board: OnceLock::new() }))
    }

    fn board(&self) -> &OnceLock<board::Board> {
        &self.0.board
    }

    /// Runs a job now and waits for it. The work returns in words what it did; so does this.
    ///
    /// A [`Conflict`](crate::error::Kind::Conflict) where another run is under way, or took over meanwhile.
    pub async fn run<F>(&self, name: &'static str, work: impl FnOnce(Lease) -> F) -> Result<String>
    where
        F: Future<Output = Result<String>>,
    {
        let stopping = self.0.stopping.subscribe();
        let lease = self.take(name, None).await?.ok_or_else(|| board::under_way(name))?;
        self.hold(lease, stopping, work).await
    }

    /// Runs a job unless a run is under way, or one began at or after `since`: the moment at which
    /// the schedule let all processes begin. A failure is logged; the next moment tries again.
    pub async fn run_scheduled<F>(
        &self,
        name: &'static str,
        since: Option<Time>,
        work: impl FnOnce(Lease) -> F,
    ) where
        F: Future<Output = Result<String>>,
    {
        let stopping = self.0.stopping.subscribe();
        if !self.0.db.is_writable() || *stopping.borrow() {
            return;
        }
        let ended = match self.take(name, since).await {
            Ok(Some(lease)) => self.hold(lease, stopping, work).await,
            Ok(None) => return,
            Err(error) => Err(error),
        };
        say(name, ended);
    }

    /// Runs a job that somebody [asked for](Jobs::begin), who is told once it has begun, or why
    /// not. How it ends is logged.
    pub async fn run_asked<F>(&self, asked: Asked, work: impl FnOnce(Lease) -> F)
    where
        F: Future<Output = Result<String>>,
    {
        let stopping = self.0.stopping.subscribe();
        let taken = self.take(asked.name, None).await;
        let lease = match taken.and_then(|it| it.ok_or_else(|| board::under_way(asked.name))) {
            Ok(lease) => lease,
            Err(error) => {
                // Who asked may be gone.
                let _ = asked.begun.send(Err(error));
                return;
            }
        };
        let _ = asked.begun.send(Ok(()));
        say(asked.name, self.hold(lease, stopping, work).await);
    }

    /// Tells all runs to end and waits for them.
    pub async fn stop(&self) {
        self.0.stopping.send_replace(true);
        self.0.stopping.closed().await;
    }

    async fn take(&self, name: &'static str, since: Option<Time>) -> Result<Option<Lease>> {
        let holder = self.0.holder.clone();
        let work = move |c: &mut _| {
            if let Some(since) = since
                && Run::is_since(c, name, since)?
            {
                return Ok(None);
            }
            Ok(Lease::take(c, name, &holder, time::now())?)
        };
        self.0.db.write(work).await
    }

    /// Runs under a lease. `stopping` is kept to the end: who stops waits until it is gone.
    async fn hold<F>(
        &self,
        lease: Lease,
        mut stopping: watch::Receiver<bool>,
        work: impl FnOnce(Lease) -> F,
    ) -> Result<String>
    where
        F: Future<Output = Result<String>>,
    {
        let body = AssertUnwindSafe(async { work(lease.clone()).await }).catch_unwind();
        let end = tokio::select! {
            ended = body => End::Came(ended.unwrap_or_else(|_| Err(panicked()))),
            () = self.renew(&lease) => End::Lost,
            () = told_to_stop(&mut stopping) => End::Stopped,
        };
        let (outcome, words, result) = match end {
            End::Came(Ok(words)) => (Outcome::Done, words.clone(), Ok(words)),
            End::Came(Err(error)) => (Outcome::Failed, error.chain(), Err(error)),
            End::Lost => return Err(lease.lost()),
            End::Stopped => {
                let words = "it was stopped together with its process";
                (Outcome::Stopped, words.to_owned(), Ok(words.to_owned()))
            }
        };
        self.close(lease, outcome, words).await?;
        result
    }

    /// Renews the lease until it is lost. Where the database does not answer, it tries on: nobody
    /// can take the lease over there either, and what is written is checked.
    async fn renew(&self, lease: &Lease) {
        loop {
            tokio::time::sleep(lease::RENEW).await;
            let own = lease.clone();
            match self.0.db.write(move |c| Ok(own.renew(c, time::now())?)).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(
                    job.name = lease.name(),
                    error = error.chain(),
                    "the lease of a job could not be renewed"
                ),
            }
        }
    }

    async fn close(&self, lease: Lease, outcome: Outcome, words: String) -> Result<()> {
        let work = move |c: &mut _| {
            let now = time::now();
            Run::end(c, lease.run, outcome, &words, now)?;
            Run::prune(c, lease.name, now)?;
            lease.release(c)?;
            Ok(())
        };
        self.0.db.write(work).await
    }
}

fn say(name: &str, ended: Result<String>) {
    match ended {
        Ok(done) => tracing::info!(job.name = name, "{done}"),
        Err(error) => tracing::error!(job.name = name, error = error.chain(), "a job failed"),
    }
}

async fn told_to_stop(stopping: &mut watch::Receiver<bool>) {
    // The sender is never dropped before: `Jobs` holds it.
    let _ = stopping.wait_for(|stopping| *stopping).await;
    tokio::time::sleep(GRACE).await;
}

fn panicked() -> Error {
    Error::internal("running a job", "it panicked; the log says where")
}

/// A name for this process that no other one has.
fn holder() -> String {
    let host = hostname::get().unwrap_or_default();
    let unique: u32 = rand::random();
    format!("{} {} {unique:08x}", host.to_string_lossy(), std::process::id())
}
