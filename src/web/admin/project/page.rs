//! The page of one project.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

use crate::accounts::act;
use crate::app::App;
use crate::catalog::file::File;
use crate::catalog::ledger::{self, Row};
use crate::catalog::project::{Project, Status};
use crate::catalog::ranked;
use crate::catalog::role::Role;
use crate::config::{ByteSize, size_for_people};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::ProjectPath;
use crate::http::guard::Admin;
use crate::http::visitor::Visitor;
use crate::packaging::NormalizedName;
use crate::time;
use crate::web::admin::log::{self, Line as Act};
use crate::web::form::{is_for_the_form, problem, refuse};
use crate::web::page::Frame;

/// Rows of the journal and of the log that are shown; the whole lists are elsewhere.
const SHOWN: i64 = 5;

#[derive(Template)]
#[template(path = "admin/project.html")]
struct ProjectPage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    project: Project,
    status: &'static str,
    is_quarantined: bool,
    facts: Vec<(&'static str, String)>,
    file_limit: String,
    project_limit: String,
    default_file: String,
    default_project: String,
    found: Found,
}

/// What is read beside the project.
struct Found {
    members: Vec<(String, String)>,
    releases: usize,
    files: usize,
    bytes: i64,
    rows: Vec<(Row, String)>,
    acts: Vec<Act>,
}

/// `GET /admin/project/{project}/`
pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    _who: Admin,
    at: ProjectPath,
) -> Result<HttpResponse> {
    page(&app, &visitor, at.name, None).await
}

/// The page again with what was wrong, or the error itself where it is none of a form.
pub(super) async fn again(
    app: &App,
    visitor: &Visitor,
    name: NormalizedName,
    error: Error,
) -> Result<HttpResponse> {
    if !is_for_the_form(&error) {
        return Err(error);
    }
    page(app, visitor, name, Some(&error)).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    name: NormalizedName,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let (project, found) = app.db.read(move |c| find(c, &name)).await?;
    let own = |limit: Option<i64>| {
        limit.map(|bytes| ByteSize(bytes.unsigned_abs()).to_string()).unwrap_or_default()
    };
    let page = ProjectPage {
        frame: Frame::of(app, visitor),
        here: "projects",
        problem: problem(error),
        status: project.status().as_str(),
        is_quarantined: project.status() == Status::Quarantined,
        facts: facts(&project, &found),
        file_limit: own(project.max_file_size),
        project_limit: own(project.max_project_size),
        default_file: app.config.uploads.max_file_size.to_string(),
        default_project: app.config.uploads.max_project_size.to_string(),
        project,
        found,
    };
    refuse(app, visitor, error, &page)
}

fn find(c: &mut Conn, name: &NormalizedName) -> Result<(Project, Found)> {
    let missing = || Error::not_found("There is no project of that name here.");
    let project = Project::by_name(c, name)?.ok_or_else(missing)?;
    let rows = ledger::list(c, Some(name), None, SHOWN)?;
    let wanted = act::Filter { target: Some(name.to_string()), ..act::Filter::default() };
    let found = Found {
        members: Role::of_project(c, project.id)?,
        releases: ranked::releases(c, project.id)?.len(),
        files: File::of_project(c, project.id)?.len(),
        bytes: File::total_size(c, project.id)?,
        rows: rows.into_iter().map(|row| (row.clone(), time::for_people(row.at))).collect(),
        acts: act::list(c, &wanted, SHOWN)?.into_iter().map(log::line).collect(),
    };
    Ok((project, found))
}

fn facts(project: &Project, found: &Found) -> Vec<(&'static str, String)> {
    vec![
        ("Made", time::for_people(project.created_at)),
        ("Releases", found.releases.to_string()),
        ("Files", found.files.to_string()),
        ("Their size", size_for_people(found.bytes.unsigned_abs())),
        ("Last serial", project.last_serial.to_string()),
    ]
}
