//! The page of a project, at its latest release or at a chosen one.

use std::sync::Arc;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::chart::Chart;
use super::dependencies::Dependencies;
use super::facts::{Fact, facts, words};
use super::file_list::FileRow;
use super::links::{Link, links};
use super::place::{Place, readable};
use super::releases::ReleaseRow;
use super::{description, foreign};
use crate::app::App;
use crate::catalog::project::{Project, Status};
use crate::catalog::ranked;
use crate::catalog::release::Release;
use crate::catalog::role::{Person, Role};
use crate::catalog::uploaded::Uploaded;
use crate::db::Conn;
use crate::downloads::sums::Sums;
use crate::error::{Error, Result};
use crate::http::ProjectPath;
use crate::http::path::redirect;
use crate::http::visitor::Visitor;
use crate::packaging::{CoreMetadata, NormalizedName, Version};
use crate::time;
use crate::web::page::{Frame, send};

/// Files, releases and people that stand on the page itself; the rest is one click away.
const FILES: usize = 20;
const RELEASES: usize = 20;
const PEOPLE: usize = 20;
/// Longest summary in characters, as uploads to PyPI may have.
const LONGEST_SUMMARY: usize = 512;

#[derive(Template)]
#[template(path = "browse/project.html")]
struct ProjectPage {
    frame: Frame,
    name: String,
    normalized: String,
    version: String,
    is_prerelease: bool,
    is_latest: bool,
    /// Whether installers take this release only where its version is asked for.
    needs_version: bool,
    yanked: Option<String>,
    status: Status,
    status_reason: String,
    summary: String,
    published: String,
    index_url: String,
    description: Arc<str>,
    facts: Vec<Fact>,
    links: Vec<Link>,
    classifiers: Vec<String>,
    extras: Vec<String>,
    dependencies: Dependencies,
    people: Vec<Person>,
    more_people: usize,
    files: Vec<FileRow>,
    file_count: usize,
    releases: Vec<ReleaseRow>,
    release_count: usize,
    downloads: Chart,
}

/// What is read from the database for a page.
struct Found {
    project: Project,
    release: Release,
    metadata: CoreMetadata,
    dependencies: Dependencies,
    /// Newest first.
    releases: Vec<ReleaseRow>,
    release_count: usize,
    is_latest: bool,
    files: Vec<Uploaded>,
    file_count: usize,
    people: Vec<Person>,
    downloads: Sums,
}

/// `/project/{project}/`
pub(super) async fn show_latest(
    app: Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    at: ProjectPath,
) -> Result<HttpResponse> {
    if let Some(redirect) = at.elsewhere(&request, "/project/")? {
        return Ok(redirect);
    }
    show(&app, &visitor, at.name, None).await
}

/// `/project/{project}/{version}/`
pub(super) async fn show_version(
    app: Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let place = Place::read(&path.0, &path.1)?;
    if !place.is_canonical(request.path()) {
        return redirect(&request, &place.path());
    }
    show(&app, &visitor, place.name, Some(place.version)).await
}

async fn show(
    app: &App,
    visitor: &Visitor,
    name: NormalizedName,
    version: Option<Version>,
) -> Result<HttpResponse> {
    let wanted = name.clone();
    let found = app.db.read(move |c| find(c, &wanted, version.as_ref())).await?;
    let found = found
        .ok_or_else(|| Error::not_found(format!("There is no such release of {name} here.")))?;
    let description = description::html(&found.metadata).await?;
    send(app, visitor, &page(app, visitor, found, description))
}

fn page(app: &App, visitor: &Visitor, found: Found, description: Arc<str>) -> ProjectPage {
    let Found { project, release, metadata, mut people, files, .. } = found;
    let prefix = app.public_url.prefix();
    let at = format!("/project/{}/{}/", project.normalized, release.version);
    let more_people = people.len().saturating_sub(PEOPLE);
    people.truncate(PEOPLE);
    ProjectPage {
        frame: Frame::of(app, visitor),
        normalized: project.normalized.to_string(),
        is_prerelease: Version::parse(&release.version).is_some_and(|it| it.is_prerelease()),
        is_latest: found.is_latest,
        needs_version: !found.is_latest || release.yanked.is_some(),
        status: project.status(),
        status_reason: project.status_reason.unwrap_or_default(),
        name: project.name,
        summary: foreign::line(metadata.one("summary").unwrap_or_default(), LONGEST_SUMMARY),
        published: time::for_people(release.created_at),
        index_url: format!("{}/simple/", app.public_url),
        description,
        facts: facts(&metadata),
        links: links(&metadata),
        classifiers: words(&metadata, "classifier"),
        extras: words(&metadata, "provides-extra"),
        dependencies: found.dependencies,
        people,
        more_people,
        files: files.into_iter().map(|file| FileRow::of(file, prefix, &at)).collect(),
        file_count: found.file_count,
        releases: found.releases,
        release_count: found.release_count,
        downloads: Chart::of(&found.downloads),
        yanked: release.yanked,
        version: release.version,
    }
}

fn find(c: &mut Conn, name: &NormalizedName, version: Option<&Version>) -> Result<Option<Found>> {
    let Some(project) = readable(c, name)? else { return Ok(None) };
    let mut releases = ranked::releases(c, project.id)?;
    let latest = ranked::latest(&releases).map(|it| it.version.clone());
    let Some(shown) = version.or(latest.as_ref()) else { return Ok(None) };
    let Some(release) = Release::by_version(c, project.id, shown)? else { return Ok(None) };
    let metadata = release.metadata()?;
    let mut dependencies = Dependencies::of(&metadata);
    let names = dependencies.names();
    if !names.is_empty() {
        dependencies.are_here(&Project::among(c, names)?);
    }
    releases.reverse();
    let newest = releases.get(..RELEASES).unwrap_or(&releases);
    Ok(Some(Found {
        metadata,
        dependencies,
        is_latest: latest.as_ref() == Some(shown),
        files: Uploaded::of_release(c, release.id, 0..FILES)?,
        file_count: Uploaded::count(c, release.id)?,
        people: Role::people(c, project.id)?,
        releases: ReleaseRow::of(c, newest, Some(&release.version))?,
        release_count: releases.len(),
        downloads: Sums::of_project(c, project.id, time::now())?,
        project,
        release,
    }))
}
