//! Every periodic job and when it runs.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_cron_scheduler::{Job as Entry, JobScheduler, JobSchedulerError};

use crate::accounts::tidy::tidy;
use crate::app::App;
use crate::catalog::role_invitation::RoleInvitation;
use crate::config::{Config, Schedule};
use crate::domains::sweep::{self, How};
use crate::downloads;
use crate::error::{Error, Result};
use crate::jobs::{Asked, Lease, Listed, lease};
use crate::mail;
use crate::mail::outbox::{self, Mail};
use crate::mirror::file::evict;
use crate::time::{self, Time};
use crate::upkeep::{LEFT_OVER_AFTER, clean};

/// Work of a job.
type Work<T> = BoxFuture<'static, Result<T>>;

/// A periodic job.
pub struct Job {
    /// Its name, as the configuration and the command line say it.
    pub name: &'static str,
    /// What it does, for people.
    pub about: &'static str,
    /// When it runs.
    pub schedule: fn(&Config) -> &Schedule,
    work: fn(App, Lease) -> Work<String>,
    /// Whether there is anything to do at its time; none: always.
    is_due: Option<fn(App) -> Work<bool>>,
}

/// All jobs, by name.
pub static JOBS: [Job; 4] = [
    Job {
        name: "clean",
        about: "removes left-over files, ended sessions and links, and old records",
        schedule: |config| &config.jobs.clean,
        work: |app, lease| Box::pin(run_clean(app, lease)),
        is_due: None,
    },
    Job {
        name: sweep::JOB,
        about: "asks whether mail domains have lapsed, and unverifies the addresses of those",
        schedule: |config| &config.domains.schedule,
        work: |app, lease| Box::pin(run_domains(app, lease)),
        is_due: None,
    },
    Job {
        name: mail::JOB,
        about: "delivers mails",
        schedule: |config| &config.jobs.mail,
        work: |app, lease| Box::pin(run_mail(app, lease)),
        is_due: Some(|app| Box::pin(is_mail_due(app))),
    },
    Job {
        name: evict::JOB,
        about: "removes the mirrored files that were not asked for the longest, where they are too \
                many",
        schedule: |config| &config.jobs.mirror_evict,
        work: |app, lease| Box::pin(run_evict(app, lease)),
        is_due: Some(|app| Box::pin(async move { Ok(app.mirror.is_some()) })),
    },
];

/// The running schedule of a server.
pub struct Running {
    scheduler: JobScheduler,
    waker: JoinHandle<()>,
    asked: Option<JoinHandle<()>>,
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
        let is_due = match self.is_due {
            Some(is_due) => is_due(app.clone()).await,
            None => Ok(true),
        };
        match is_due {
            Ok(true) => {
                let moment = (self.schedule)(&app.config).latest(time::now());
                self.run_unless_running(app, moment).await;
            }
            Ok(false) => {}
            // That the database does not answer others say aloud.
            Err(error) => {
                tracing::debug!(job.name = self.name, error = error.chain(), "a job was not begun");
            }
        }
    }

    /// Runs it unless a run is under way, or one began at or after `since`.
    async fn run_unless_running(&self, app: App, since: Option<Time>) {
        // While an administrator keeps the index as it is, its jobs rest too.
        if app.site.check_writable().is_err() {
            return;
        }
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
    let waker = tokio::spawn(deliver_at_once(app.clone()));
    let asked = app.jobs.announce(listed(&app.config));
    let asked = asked.map(|asked| tokio::spawn(run_asked(app.clone(), asked)));
    Ok(Running { scheduler, waker, asked, app: app.clone() })
}

impl Running {
    /// Starts no job any more, and waits for those that run to end or to be ended.
    pub async fn stop(mut self) {
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::warn!(%error, "the schedule did not end well");
        }
        if let Some(asked) = self.asked {
            asked.abort();
        }
        self.app.jobs.stop().await;
        self.waker.abort();
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

fn listed(config: &Config) -> Vec<Listed> {
    let listed = |job: &Job| {
        let schedule = (job.schedule)(config).clone();
        Listed { name: job.name, about: job.about, schedule }
    };
    JOBS.iter().map(listed).collect()
}

/// Runs what administrators ask for, each run beside the others.
async fn run_asked(app: App, mut asked: mpsc::UnboundedReceiver<Asked>) {
    while let Some(asked) = asked.recv().await {
        if let Some(job) = find(asked.name) {
            let app = app.clone();
            tokio::spawn(async move {
                let work = |lease| (job.work)(app.clone(), lease);
                app.jobs.run_asked(asked, work).await;
            });
        }
    }
}

/// Delivers new mails as soon as this process queues them, and soon after another one does.
async fn deliver_at_once(app: App) {
    let Some(job) = find(mail::JOB) else { return };
    let mut news = app.db.news();
    loop {
        tokio::select! {
            () = app.mailer.woken() => {}
            () = news.next() => {}
        }
        match app.db.read(|c| Ok(Mail::is_new(c, time::now())?)).await {
            Ok(true) => job.run_unless_running(app.clone(), None).await,
            Ok(false) => {}
            Err(error) => {
                news.read_again();
                tracing::debug!(error = error.chain(), "the outbox cannot be read");
            }
        }
    }
}

async fn run_clean(app: App, lease: Lease) -> Result<String> {
    let cleaned = clean(&app.db, &app.storage, LEFT_OVER_AFTER).await?;
    let work = move |c: &mut _| {
        lease.check(c)?;
        RoleInvitation::forget(c, time::now())?;
        Ok(Mail::prune(c, time::now() - outbox::KEEP)?)
    };
    let mails = app.db.write(work).await?;
    let tidied = tidy(&app.db, app.config.accounts.history_days, time::now()).await?;
    let downloads = downloads::forget(&app.db, app.config.downloads_keep_days, time::now()).await?;
    let (temporary, blobs) = (cleaned.temporary, cleaned.blobs);
    Ok(format!(
        "{temporary} temporary files, {blobs} blobs, {mails} old mails, {} sessions and links that \
         have ended, {} counters, {} old security events and {downloads} old downloads were removed",
        tidied.ended, tidied.counters, tidied.events
    ))
}

async fn run_domains(app: App, lease: Lease) -> Result<String> {
    let report = app.sweep_domains(&lease, How::default(), &|_, _| {}).await?;
    Ok(report.map_or_else(|| sweep::OFF.to_owned(), |report| report.to_string()))
}

async fn run_mail(app: App, lease: Lease) -> Result<String> {
    mail::deliver(&app.db, &app.mailer, &lease).await
}

async fn run_evict(app: App, lease: Lease) -> Result<String> {
    let Some(mirror) = &app.mirror else { return Ok(evict::OFF.to_owned()) };
    Ok(mirror.files.make_room(Some(&lease)).await?.to_string())
}

async fn is_mail_due(app: App) -> Result<bool> {
    app.db.read(|c| Ok(Mail::is_due(c, time::now())?)).await
}
