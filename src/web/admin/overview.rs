//! `/admin/`: how much there is, and what needs attention.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

use crate::accounts::lookup;
use crate::app::App;
use crate::catalog::figures::Figures;
use crate::catalog::journal;
use crate::config::{DatabaseUrl, MailTransport, StorageUrl, size_for_people};
use crate::db::{Conn, size};
use crate::domains::totals::Standing;
use crate::error::Result;
use crate::http::guard::Admin;
use crate::http::visitor::Visitor;
use crate::jobs::{Listed, Run};
use crate::mail::outbox::Mail;
use crate::time;
use crate::web::form::refuse;
use crate::web::page::Frame;

/// Mails that are looked through for those that were given up.
const MAILS: i64 = 1_000;

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct OverviewPage {
    frame: Frame,
    here: &'static str,
    warnings: Vec<Warning>,
    figures: Vec<(&'static str, String)>,
    places: Vec<(&'static str, String)>,
}

/// Something that needs attention, and where it is mended.
struct Warning {
    words: String,
    place: Option<&'static str>,
}

/// What is read from the database.
struct Found {
    figures: Figures,
    accounts: i64,
    serial: i64,
    bytes: i64,
    failed: Vec<(Listed, Run)>,
    given_up: usize,
    waiting: usize,
    /// Mail domains that the brake keeps from being acted on.
    held_back: i64,
}

pub(super) async fn show(app: Data<App>, visitor: Visitor, _who: Admin) -> Result<HttpResponse> {
    let listed = app.jobs.listed().to_vec();
    let found = app.db.read(move |c| find(c, listed)).await?;
    let page = OverviewPage {
        frame: Frame::of(&app, &visitor),
        here: "overview",
        warnings: warnings(&app, &found),
        figures: figures(&found),
        places: places(&app, &found),
    };
    refuse(&app, &visitor, None, &page)
}

fn find(c: &mut Conn, listed: Vec<Listed>) -> Result<Found> {
    let mut failed = Vec::new();
    for job in listed {
        let last = Run::last(c, job.name)?;
        let is_bad = |run: &Run| matches!(run.result.as_deref(), Some("failed" | "died"));
        failed.extend(last.filter(is_bad).map(|run| (job, run)));
    }
    let mails = Mail::list(c, false, MAILS)?;
    let given_up = mails.iter().filter(|mail| mail.failed_at.is_some()).count();
    Ok(Found {
        figures: Figures::count(c)?,
        accounts: lookup::count(c)?,
        serial: journal::last_serial(c)?,
        bytes: size::bytes(c)?,
        failed,
        given_up,
        waiting: mails.len() - given_up,
        held_back: Standing::read(c, time::now())?.held_back,
    })
}

fn warnings(app: &App, found: &Found) -> Vec<Warning> {
    let mut all = Vec::new();
    let mut warn = |words: String, place| all.push(Warning { words, place });
    if matches!(app.config.mail.transport, MailTransport::Console) {
        let words = "Mails are written to the log only, nobody gets one (mail.transport).";
        warn(words.to_owned(), None);
    }
    if let Err(error) = app.check_writable() {
        warn(error.detail().to_owned(), Some("/admin/site/"));
    }
    for (job, run) in &found.failed {
        let (name, detail) = (job.name, run.detail.clone().unwrap_or_default());
        let when = time::for_people(run.started_at);
        warn(format!("The job {name} failed at {when}: {detail}"), Some("/admin/jobs/"));
    }
    if found.held_back > 0 {
        let words = format!(
            "The last sweep found {} mail domains lapsed or in other hands, more than is likely, \
             and has done nothing about them.",
            found.held_back
        );
        warn(words, Some("/admin/domains/"));
    }
    if found.given_up > 0 {
        warn(format!("{} mails were given up.", found.given_up), Some("/admin/mail/"));
    }
    if found.figures.quarantined > 0 {
        let words = match found.figures.quarantined {
            1 => "One project is quarantined.".to_owned(),
            many => format!("{many} projects are quarantined."),
        };
        warn(words, Some("/admin/projects/?status=quarantined"));
    }
    all
}

fn figures(found: &Found) -> Vec<(&'static str, String)> {
    let Figures { projects, releases, files, bytes, .. } = found.figures;
    vec![
        ("Projects", projects.to_string()),
        ("Releases", releases.to_string()),
        ("Files", files.to_string()),
        ("Size of files", size_for_people(bytes.unsigned_abs())),
        ("Accounts", found.accounts.to_string()),
        ("Mails that wait", found.waiting.to_string()),
        ("Last serial", found.serial.to_string()),
        ("Size of the database", size_for_people(found.bytes.unsigned_abs())),
    ]
}

fn places(app: &App, found: &Found) -> Vec<(&'static str, String)> {
    let database = match &app.config.database_url {
        DatabaseUrl::Sqlite(_) => "SQLite",
        DatabaseUrl::Postgres(_) => "PostgreSQL",
    };
    let storage: &StorageUrl = &app.config.storage_url;
    let kept = app.pages.kept();
    vec![
        ("Version", env!("CARGO_PKG_VERSION").to_owned()),
        ("Database", database.to_owned()),
        ("Storage", storage.to_string()),
        ("Address", app.public_url.to_string()),
        ("Ready pages in memory", format!("{} of {} projects", kept.pages, found.figures.projects)),
    ]
}
