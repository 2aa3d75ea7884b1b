//! `/admin/jobs/`: the periodic jobs, what became of their runs, and running one now.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use crate::accounts::act::{Act, Order};
use crate::app::App;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::guard::{Admin, AdminConfirmed};
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::jobs::{Listed, Run};
use crate::time;
use crate::web::form::{is_for_the_form, problem, refuse};
use crate::web::page::{Frame, go};
use crate::web::said::Said;

const PLACE: &str = "/admin/jobs/";
/// Runs of each job that are shown.
const RUNS: i64 = 5;

#[derive(Template)]
#[template(path = "admin/jobs.html")]
struct JobsPage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    jobs: Vec<Row>,
}

struct Row {
    name: &'static str,
    about: &'static str,
    schedule: String,
    next: String,
    is_running: bool,
    runs: Vec<RunRow>,
}

struct RunRow {
    started: String,
    took: String,
    result: String,
    is_bad: bool,
    detail: String,
    holder: String,
}

#[derive(Deserialize)]
pub(super) struct Which {
    name: String,
}

/// Lists them.
pub(super) async fn show(app: Data<App>, visitor: Visitor, _who: Admin) -> Result<HttpResponse> {
    page(&app, &visitor, None).await
}

/// Runs one now.
pub(super) async fn run(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    Post(form): Post<Which>,
) -> Result<HttpResponse> {
    let done = async {
        let order = Order::of(&who.user, &who.visit, "")?;
        app.check_writable()?;
        app.jobs.begin(&form.name).await?;
        let name = form.name.clone();
        app.db.write(move |c| Ok(order.log(c, Act::JobRun, &name, &json!({}))?)).await
    };
    match done.await {
        Ok(_) => Ok(go(&app, PLACE, Some(Said::JobBegun))),
        Err(error) if is_for_the_form(&error) => page(&app, &visitor, Some(&error)).await,
        Err(error) => Err(error),
    }
}

async fn page(app: &App, visitor: &Visitor, error: Option<&Error>) -> Result<HttpResponse> {
    let listed = app.jobs.listed().to_vec();
    let rows = app.db.read(move |c| listed.iter().map(|job| row(c, job)).collect());
    let page = JobsPage {
        frame: Frame::of(app, visitor),
        here: "jobs",
        problem: problem(error),
        jobs: rows.await?,
    };
    refuse(app, visitor, error, &page)
}

fn row(c: &mut Conn, job: &Listed) -> Result<Row> {
    let runs = Run::of(c, job.name, RUNS)?;
    let next = job.schedule.next(time::now());
    Ok(Row {
        name: job.name,
        about: job.about,
        next: next.map_or_else(|| "never".to_owned(), time::for_people),
        schedule: job.schedule.to_string(),
        is_running: runs.iter().any(|run| run.ended_at.is_none()),
        runs: runs.into_iter().map(run_row).collect(),
    })
}

fn run_row(run: Run) -> RunRow {
    let took = run.ended_at.and_then(|end| (end - run.started_at).to_std().ok());
    let result = run.result.unwrap_or_else(|| "running".to_owned());
    RunRow {
        started: time::for_people(run.started_at),
        took: took.map(time::span_for_people).unwrap_or_default(),
        is_bad: matches!(result.as_str(), "failed" | "died"),
        result,
        detail: run.detail.unwrap_or_default(),
        holder: run.holder,
    }
}
