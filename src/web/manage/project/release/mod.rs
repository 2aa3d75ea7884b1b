//! `/manage/project/{project}/release/{version}/`: one release and its files.

mod act;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;

use self::act::{Done, Form};
use super::head::Head;
use super::{changed, is_for_the_page};
use crate::app::App;
use crate::catalog::file::File;
use crate::catalog::release::Release;
use crate::config::size_for_people;
use crate::db::{Conn, ProjectId};
use crate::error::{Error, Result};
use crate::http::manager::{Collaborator, Manager, OwnerConfirmed};
use crate::http::post::PostBy;
use crate::http::visitor::Visitor;
use crate::packaging::Version;
use crate::time;
use crate::web::form::{problem, refuse};
use crate::web::page::{Frame, go};
use crate::web::paging::{Asked, Paging};

/// Files on one page: each has three forms.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "manage/project/release.html")]
struct ReleasePage {
    frame: Frame,
    head: Head,
    place: String,
    problem: Option<String>,
    version: String,
    created: String,
    yanked: Option<String>,
    files: Vec<Row>,
    count: usize,
    paging: Paging,
}

struct Row {
    id: i64,
    filename: String,
    size: String,
    uploaded: String,
    yanked: Option<String>,
}

/// What is read from the database for it.
struct Found {
    release: Release,
    files: Vec<Row>,
    count: usize,
    paging: Paging,
}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    who: Collaborator,
    path: Path<(String, String)>,
    asked: Query<Asked>,
) -> Result<HttpResponse> {
    let (_, text) = path.into_inner();
    page(&app, &visitor, &who, version(&text)?, asked.into_inner(), None).await
}

/// Yanks, unyanks or deletes, as the form says.
pub(super) async fn change(
    app: Data<App>,
    visitor: Visitor,
    path: Path<(String, String)>,
    PostBy(who, form): PostBy<OwnerConfirmed, Form>,
) -> Result<HttpResponse> {
    let (_, text) = path.into_inner();
    let wanted = version(&text)?;
    let name = who.standing.project.normalized.clone();
    let (version, user, now) = (wanted.clone(), who.person.user.id, who.person.visit.at);
    let work = move |c: &mut Conn| act::run(c, (&name, &version), user, &form, now);
    match app.db.write(work).await {
        Ok(done) => {
            changed(&app, &who.standing.project.normalized);
            let project = &who.standing.project.normalized;
            let place = match done {
                Done::Gone(_) => format!("/manage/project/{project}/releases/"),
                Done::Changed(_) => place(project.as_str(), &wanted.to_string()),
            };
            Ok(go(&app, &place, Some(done.said())))
        }
        Err(error) if is_for_the_page(&error) => {
            page(&app, &visitor, &who, wanted, Asked::first(), Some(&error)).await
        }
        Err(error) => Err(error),
    }
}

/// The path of the page.
fn place(project: &str, version: &str) -> String {
    format!("/manage/project/{project}/release/{version}/")
}

fn version(text: &str) -> Result<Version> {
    Version::parse(text).ok_or_else(missing)
}

fn missing() -> Error {
    Error::not_found("This project has no such release.")
}

async fn page(
    app: &App,
    visitor: &Visitor,
    who: &Manager,
    version: Version,
    asked: Asked,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let project = who.standing.project.id;
    let found = app.db.read(move |c| read(c, project, &version, &asked)).await?;
    let Found { release, files, count, paging } = found.ok_or_else(missing)?;
    let head = Head::of(who, "releases");
    let page = ReleasePage {
        frame: Frame::of(app, visitor),
        place: place(&head.normalized, &release.version),
        head,
        problem: problem(error),
        created: time::for_people(release.created_at),
        version: release.version,
        yanked: release.yanked,
        files,
        count,
        paging,
    };
    refuse(app, visitor, error, &page)
}

fn read(
    c: &mut Conn,
    project: ProjectId,
    version: &Version,
    asked: &Asked,
) -> Result<Option<Found>> {
    let Some(release) = Release::by_version(c, project, version)? else { return Ok(None) };
    let count = File::counts(c, &[release.id])?.first().map_or(0, |(_, count)| *count);
    let count = usize::try_from(count).unwrap_or_default();
    let paging = asked.of(count, PAGE);
    let files = File::page_of_release(c, release.id, paging.rows())?.into_iter().map(row);
    Ok(Some(Found { files: files.collect(), release, count, paging }))
}

fn row(file: File) -> Row {
    Row {
        id: file.id.get(),
        filename: file.filename,
        size: size_for_people(u64::try_from(file.size).unwrap_or_default()),
        uploaded: time::for_people(file.uploaded_at),
        yanked: file.yanked,
    }
}
