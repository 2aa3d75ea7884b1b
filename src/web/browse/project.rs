//! The page of a project, at its latest release or at a chosen one.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::facts::{Fact, Link, facts, links};
use crate::app::App;
use crate::catalog::file::File;
use crate::catalog::project::{Project, Status};
use crate::catalog::ranked::{self, Ranked};
use crate::catalog::release::Release;
use crate::catalog::role::Role;
use crate::config::size_for_people;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::ProjectPath;
use crate::http::path::redirect;
use crate::http::visitor::Visitor;
use crate::markup;
use crate::packaging::{CoreMetadata, NormalizedName, Version};
use crate::simple::file_url;
use crate::time;
use crate::web::page::{Frame, send};

#[derive(Template)]
#[template(path = "browse/project.html")]
struct ProjectPage {
    frame: Frame,
    name: String,
    normalized: String,
    version: String,
    is_prerelease: bool,
    is_latest: bool,
    yanked: Option<String>,
    summary: String,
    published: String,
    index_url: String,
    description: String,
    facts: Vec<Fact>,
    links: Vec<Link>,
    classifiers: Vec<String>,
    maintainers: Vec<String>,
    files: Vec<FileEntry>,
    releases: Vec<ReleaseEntry>,
}

struct FileEntry {
    url: String,
    filename: String,
    kind: &'static str,
    size: String,
    uploaded: String,
    sha256: String,
    has_metadata: bool,
    is_yanked: bool,
}

struct ReleaseEntry {
    version: String,
    is_prerelease: bool,
    is_yanked: bool,
    is_shown: bool,
}

/// What is read from the database for a page.
struct Found {
    project: Project,
    release: Release,
    metadata: CoreMetadata,
    /// Newest first.
    releases: Vec<Ranked>,
    is_latest: bool,
    files: Vec<File>,
    maintainers: Vec<String>,
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
    let (name, version) = path.into_inner();
    let missing = || Error::not_found("There is no such release here.");
    let normalized = NormalizedName::parse(&name).ok_or_else(missing)?;
    let parsed = Version::parse(&version).ok_or_else(missing)?;
    if normalized.as_str() != name || !request.path().ends_with('/') {
        return redirect(&request, &format!("/project/{normalized}/{parsed}/"));
    }
    show(&app, &visitor, normalized, Some(parsed)).await
}

async fn show(
    app: &App,
    visitor: &Visitor,
    name: NormalizedName,
    version: Option<Version>,
) -> Result<HttpResponse> {
    let prefix = app.public_url.prefix().to_owned();
    let wanted = name.clone();
    let found = app.db.read(move |c| find(c, &wanted, version.as_ref())).await?;
    let found = found
        .ok_or_else(|| Error::not_found(format!("There is no such release of {name} here.")))?;
    // Rendering a long description takes a while: not on the thread that serves everyone.
    let text = found.metadata.description().to_owned();
    let content_type = found.metadata.one("description-content-type").map(str::to_owned);
    let rendering = move || markup::render(&text, content_type.as_deref());
    let description = tokio::task::spawn_blocking(rendering)
        .await
        .map_err(|error| Error::internal("rendering a description", error))?;
    let (metadata, release) = (found.metadata, found.release);
    let page = ProjectPage {
        frame: Frame::of(app, visitor),
        name: found.project.name,
        normalized: name.to_string(),
        is_prerelease: Version::parse(&release.version).is_some_and(|it| it.is_prerelease()),
        is_latest: found.is_latest,
        summary: metadata.one("summary").unwrap_or_default().to_owned(),
        published: time::for_people(release.created_at),
        index_url: format!("{}/simple/", app.public_url),
        description,
        facts: facts(&metadata),
        links: links(&metadata),
        classifiers: metadata.all("classifier").map(str::to_owned).collect(),
        maintainers: found.maintainers,
        files: found.files.iter().map(|file| file_entry(file, &prefix)).collect(),
        releases: found.releases.iter().map(|it| release_entry(it, &release.version)).collect(),
        yanked: release.yanked,
        version: release.version,
    };
    send(app, visitor, &page)
}

fn find(c: &mut Conn, name: &NormalizedName, version: Option<&Version>) -> Result<Option<Found>> {
    let found = Project::by_name(c, name)?;
    let Some(project) = found.filter(|it| it.status() != Status::Quarantined) else {
        return Ok(None);
    };
    let mut releases = ranked::releases(c, project.id)?;
    let latest = ranked::latest(&releases).map(|it| it.version.clone());
    let Some(shown) = version.or(latest.as_ref()) else { return Ok(None) };
    let Some(release) = Release::by_version(c, project.id, shown)? else { return Ok(None) };
    releases.reverse();
    Ok(Some(Found {
        metadata: release.metadata()?,
        is_latest: latest.as_ref() == Some(shown),
        files: File::of_release(c, release.id)?,
        maintainers: Role::names(c, project.id)?,
        releases,
        project,
        release,
    }))
}

fn file_entry(file: &File, prefix: &str) -> FileEntry {
    FileEntry {
        url: file_url(prefix, &file.blake2_256, &file.filename),
        filename: file.filename.clone(),
        kind: if file.is_wheel() { "Wheel" } else { "Source" },
        size: size_for_people(u64::try_from(file.size).unwrap_or_default()),
        uploaded: time::for_people(file.uploaded_at),
        sha256: file.sha256.to_string(),
        has_metadata: file.metadata_sha256.is_some(),
        is_yanked: file.yanked.is_some(),
    }
}

fn release_entry(release: &Ranked, shown: &str) -> ReleaseEntry {
    let version = release.version.to_string();
    ReleaseEntry {
        is_prerelease: release.version.is_prerelease(),
        is_yanked: release.yanked.is_some(),
        is_shown: version == shown,
        version,
    }
}
