//! Every periodic job and when it runs.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio_cron_scheduler::{Job as Entry, JobScheduler, JobSchedulerError};

use crate::app::App;
use crate::config::{Config, Schedule};
use crate::error::{Error, Result};
use crate::jobs::{Lease, lease};
use crate::time::{self, Time};
use crate::upkeep::{LEFT_OVER_AFTER, clean};

/// Work of a job.
type Work = BoxFuture<'static, Result<String>>;

/// A periodic job.
pub struct Job {
    /// Its name, as the configuration and the command line say it.
    pub name: &'static str,
    /// What it does, for people.
    pub about: &'static str,
    /// When it runs.
    pub schedule: fn(&Config) -> &Schedule,
    work: fn(App, Lease) -> Work,
}

/// All jobs, by name.
pub static JOBS: [Job; 1] = [Job {
    name: "clean",
    about: "removes left-over files",
    schedule: |config| &config.jobs.clean,
    work: |app, _| Box::pin(run_clean(app)),
}];

/// The running schedule of a server.
pub struct Running {
    scheduler: JobScheduler,
    app: App,
}

/// The job of that name.
pub fn find(name: &str) -> Option<&'static Job> {
    JOBS.iter().find(|job| job.name == name)
}

impl Job {
    /// Runs it now, unless another run is under way. What it did, in words.
    pub async fn run(&self, app: &App) -> Result<String> {
        app.jobs.run(self.name, |lease| (self.work)(app.clone(), lease)).await
    }

    /// Runs it at its time, unless another process does so.
    async fn tick(&self, app: App) {
        let moment = (self.schedule)(&app.config).latest(time::now());
        self.run_unless_running(app, moment).await;
    }

    /// Runs it unless a run is under way, or one began at or after `since`.
    async fn run_unless_running(&self, app: App, since: Option<Time>) {
        let work = |lease| (self.work)(app.clone(), lease);
        app.jobs.run_scheduled(self.name, since, work).await;
    }
}

/// Starts all jobs.
pub async fn start(app: &App) -> Result<Running> {
    let scheduler = JobScheduler::new().await.map_err(failed)?;
    for job in &JOBS {
        let schedule = (job.schedule)(&app.config).to_string();
        let app = app.clone();
        let entry = Entry::new_async_tz(schedule.as_str(), chrono::Utc, move |_, _| {
            Box::pin(job.tick(app.clone()))
        });
        scheduler.add(entry.map_err(failed)?).await.map_err(failed)?;
    }
    let successor = app.clone();
    let entry = Entry::new_repeated_async(Duration::from_secs(lease::LOOK), move |_, _| {
        Box::pin(take_over(successor.clone()))
    });
    scheduler.add(entry.map_err(failed)?).await.map_err(failed)?;
    scheduler.start().await.map_err(failed)?;
    Ok(Running { scheduler, app: app.clone() })
}

impl Running {
    /// Starts no job any more, and waits for those that run to end or to be ended.
    pub async fn stop(mut self) {
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::warn!(%error, "the schedule did not end well");
        }
        self.app.jobs.stop().await;
    }
}

fn failed(error: JobSchedulerError) -> Error {
    Error::internal("starting the periodic jobs", error)
}

/// Runs again what another process left when it died.
async fn take_over(app: App) {
    let found = app.db.read(|c| Ok(Lease::abandoned(c, time::now())?)).await;
    let names = match found {
        Ok(names) => names,
        Err(error) => {
            let error = error.chain();
            return tracing::warn!(error, "the leases of the jobs cannot be read");
        }
    };
    for job in names.iter().filter_map(|name| find(name)) {
        tokio::spawn(job.run_unless_running(app.clone(), None));
    }
}

async fn run_clean(app: App) -> Result<String> {
    let cleaned = clean(&app.db, &app.storage, LEFT_OVER_AFTER).await?;
    let (temporary, blobs) = (cleaned.temporary, cleaned.blobs);
    Ok(format!("{temporary} temporary files and {blobs} blobs were removed"))
}
