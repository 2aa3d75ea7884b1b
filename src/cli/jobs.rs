//! `cheeseshop jobs …`

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Failure, out};
use crate::app::App;
use crate::config::Config;
use crate::db::Db;
use crate::error::Result;
use crate::jobs::Run;
use crate::schedule::{self, JOBS, Job};
use crate::time;

/// Look at the periodic jobs and run them
#[derive(Subcommand)]
pub(super) enum Jobs {
    /// List the jobs, when they run, and what became of the last run
    List(Listing),
    /// Run a job now
    Run(RunNow),
}

#[derive(Args)]
pub(super) struct Listing {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct RunNow {
    /// The job, as `jobs list` shows it
    name: String,
}

#[derive(Serialize)]
struct Entry {
    name: &'static str,
    about: &'static str,
    schedule: String,
    next: Option<String>,
    last: Option<Last>,
}

#[derive(Serialize)]
struct Last {
    started: String,
    /// null: it runs.
    ended: Option<String>,
    /// done, failed, stopped or died; null: it runs.
    result: Option<String>,
    /// What was done, or what went wrong.
    detail: Option<String>,
    holder: String,
}

impl Jobs {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        match self {
            Self::List(listing) => listing.run(&config).await,
            Self::Run(run) => run.run(config).await,
        }
    }
}

impl Listing {
    async fn run(self, config: &Config) -> Result<(), Failure> {
        let db = Db::open(&config.database_url, config.read_only)?;
        let last = |c: &mut _| JOBS.iter().map(|job| Ok(Run::last(c, job.name)?)).collect();
        let last: Vec<Option<Run>> = db.read(last).await?;
        let entries: Vec<_> =
            JOBS.iter().zip(last).map(|(job, last)| entry(config, job, last)).collect();
        if self.json {
            return out::json(&entries);
        }
        let rows: Vec<_> = entries.into_iter().map(row).collect();
        out::table(["NAME", "SCHEDULE", "NEXT", "LAST", "RESULT", "WHAT"], &rows);
        Ok(())
    }
}

fn entry(config: &Config, job: &Job, last: Option<Run>) -> Entry {
    let schedule = (job.schedule)(config);
    Entry {
        name: job.name,
        about: job.about,
        schedule: schedule.to_string(),
        next: schedule.next(time::now()).map(time::iso),
        last: last.map(|run| Last {
            started: time::iso(run.started_at),
            ended: run.ended_at.map(time::iso),
            result: run.result,
            detail: run.detail,
            holder: run.holder,
        }),
    }
}

fn row(entry: Entry) -> [String; 6] {
    let (last, result, detail) = match entry.last {
        Some(last) => {
            let result = last.result.unwrap_or_else(|| "running".to_owned());
            (last.started, result, last.detail.unwrap_or_default())
        }
        None => ("never".to_owned(), String::new(), String::new()),
    };
    let next = entry.next.unwrap_or_else(|| "never".to_owned());
    [entry.name.to_owned(), entry.schedule, next, last, result, detail]
}

impl RunNow {
    async fn run(self, config: Config) -> Result<(), Failure> {
        let unknown = || {
            let names: Vec<_> = JOBS.iter().map(|job| job.name).collect();
            let name = &self.name;
            Failure::Usage(format!("there is no job named {name}; there are {}", names.join(", ")))
        };
        let job = schedule::find(&self.name).ok_or_else(unknown)?;
        let url = config.url();
        let app = App::open(config, url)?;
        out::line(job.run(&app).await?);
        Ok(())
    }
}
