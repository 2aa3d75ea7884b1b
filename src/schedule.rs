//! Every periodic job and when it runs.

use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use crate::accounts::tidy::tidy;
use crate::app::App;
use crate::error::{Error, Result};
use crate::time;
use crate::upkeep::{LEFT_OVER_AFTER, clean};

/// Starts all jobs. They run until the scheduler is shut down.
pub async fn start(app: &App) -> Result<JobScheduler> {
    let scheduler = JobScheduler::new().await.map_err(failed)?;
    let cleaning = {
        let app = app.clone();
        let schedule = app.config.clean_schedule.to_string();
        Job::new_async_tz(schedule.as_str(), chrono::Utc, move |_, _| {
            Box::pin(run_clean(app.clone()))
        })
    };
    scheduler.add(cleaning.map_err(failed)?).await.map_err(failed)?;
    scheduler.start().await.map_err(failed)?;
    Ok(scheduler)
}

fn failed(error: JobSchedulerError) -> Error {
    Error::internal("starting the periodic jobs", error)
}

/// Removes what is left over. Its failures are logged; the next run tries again.
async fn run_clean(app: App) {
    if !app.db.is_writable() {
        return;
    }
    let history = app.config.accounts.history_days;
    match tidy(&app.db, history, time::now()).await {
        Ok(tidied) => tracing::info!(
            job.name = "clean",
            ended = tidied.ended,
            counters = tidied.counters,
            events = tidied.events,
            "what is over was forgotten"
        ),
        Err(error) => {
            tracing::error!(job.name = "clean", error = error.chain(), "a job failed");
        }
    }
    match clean(&app.db, &app.storage, LEFT_OVER_AFTER).await {
        Ok(cleaned) => tracing::info!(
            job.name = "clean",
            temporary = cleaned.temporary,
            blobs = cleaned.blobs,
            "left-over files were removed"
        ),
        Err(error) => {
            tracing::error!(job.name = "clean", error = error.chain(), "a job failed");
        }
    }
}
