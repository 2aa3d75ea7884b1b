//! The page of a project, at its latest release or at a chosen one.

use std::sync::Arc;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::chart::Chart;
use super::dependencies::Dependencies;
use super::facts::{Fact, facts, words};
use super::file_list::FileRow;
use super::found::Found;
use super::links::{Link, links};
use super::origin::{Origin, SILENCE};
use super::place::Place;
use super::releases::ReleaseRow;
use super::{description, elsewhere, foreign, found};
use crate::app::App;
use crate::catalog::project::Status;
use crate::catalog::role::Person;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::ProjectPath;
use crate::http::path::redirect;
use crate::http::visitor::Visitor;
use crate::packaging::{NormalizedName, Version};
use crate::time;
use crate::web::page::{Frame, send};

/// People that stand on the page itself.
const PEOPLE: usize = 20;
/// Longest summary in characters, as uploads to PyPI may have.
const LONGEST_SUMMARY: usize = 512;

#[derive(Template)]
#[template(path = "browse/project.html")]
struct ProjectPage {
    frame: Frame,
    name: String,
    normalized: String,
    /// Empty where no release is shown.
    version: String,
    is_prerelease: bool,
    is_latest: bool,
    /// Whether installers take this release only where its version is asked for.
    needs_version: bool,
    yanked: Option<String>,
    status: Status,
    status_reason: String,
    summary: String,
    published: Option<String>,
    index_url: String,
    description: Arc<str>,
    /// What stands where there is none.
    silence: &'static str,
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
    /// Where it comes from, unless it is hosted here.
    origin: Option<Origin>,
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
    let (wanted, chosen, prefix) =
        (name.clone(), version.clone(), app.public_url.prefix().to_owned());
    let is_mirror = app.mirror.is_some();
    let hosted =
        move |c: &mut Conn| found::hosted(c, &wanted, chosen.as_ref(), (&prefix, is_mirror));
    let found = match app.db.read(hosted).await? {
        Some(found) => Some(found),
        None => elsewhere::find(app, &name, version.as_ref()).await?,
    };
    let found = found
        .ok_or_else(|| Error::not_found(format!("There is no such release of {name} here.")))?;
    let description = description::html(&found.metadata).await?;
    send(app, visitor, &page(app, visitor, found, description))
}

fn page(app: &App, visitor: &Visitor, found: Found, description: Arc<str>) -> ProjectPage {
    let Found { metadata, mut people, origin, .. } = found;
    let shown = found.shown.unwrap_or_default();
    let more_people = people.len().saturating_sub(PEOPLE);
    people.truncate(PEOPLE);
    ProjectPage {
        frame: Frame::of(app, visitor),
        normalized: found.normalized.to_string(),
        is_prerelease: Version::parse(&shown.version).is_some_and(|it| it.is_prerelease()),
        is_latest: found.is_latest,
        needs_version: !found.is_latest || shown.yanked.is_some(),
        status: found.status,
        status_reason: found.status_reason,
        name: found.name,
        summary: foreign::line(metadata.one("summary").unwrap_or_default(), LONGEST_SUMMARY),
        published: shown.published.map(time::for_people),
        index_url: format!("{}/simple/", app.public_url),
        description,
        silence: origin.as_ref().map_or(SILENCE, |origin| origin.silence),
        facts: facts(&metadata),
        links: links(&metadata),
        classifiers: words(&metadata, "classifier"),
        extras: words(&metadata, "provides-extra"),
        dependencies: found.dependencies,
        people,
        more_people,
        files: shown.files,
        file_count: shown.file_count,
        releases: found.releases,
        release_count: found.release_count,
        downloads: Chart::of(&found.downloads),
        yanked: shown.yanked,
        version: shown.version,
        origin,
    }
}

impl ProjectPage {
    /// Whether installers find anything.
    fn is_installable(&self) -> bool {
        self.origin.is_none() || self.file_count > 0
    }
}
