//! Projects of other indexes, for the pages that show them.

use super::dependencies::Dependencies;
use super::file_list::FileRow;
use super::found::{FILES, Found, RELEASES, Shown};
use super::origin::{Metadata, Origin};
use super::releases::ReleaseRow;
use crate::app::App;
use crate::catalog::project::Status;
use crate::db::Conn;
use crate::downloads::sums::Sums;
use crate::error::{Kind, Result};
use crate::mirror::Mirror;
use crate::mirror::project::{Project, Release};
use crate::packaging::{CoreMetadata, NormalizedName, Version};
use crate::time;

/// A project of another index that is not quarantined; `None` where there is none, and where none
/// is asked. An error where nobody can tell.
pub(super) async fn readable(app: &App, name: &NormalizedName) -> Result<Option<Project>> {
    let Some(mirror) = &app.mirror else { return Ok(None) };
    let found = mirror.project(&app.pages, name).await?;
    Ok(found.filter(|project| project.status != Status::Quarantined))
}

/// What the page of such a project shows, at its latest release or at a chosen one. One that is
/// quarantined, or of which all is held back, has a page that says so.
pub(super) async fn find(
    app: &App,
    name: &NormalizedName,
    version: Option<&Version>,
) -> Result<Option<Found>> {
    let Some(mirror) = &app.mirror else { return Ok(None) };
    let Some(project) = mirror.project(&app.pages, name).await? else { return Ok(None) };
    let release = match version {
        Some(version) => project.release(version),
        None => project.latest(),
    };
    if version.is_some() && release.is_none() && project.status != Status::Quarantined {
        return Ok(None);
    }
    let (metadata, known) = metadata(mirror, name, release).await;
    let mut dependencies = Dependencies::of(&metadata);
    let id = project.id;
    let read = move |c: &mut Conn| {
        dependencies.look_up(c, true)?;
        Ok((dependencies, Sums::of_project(c, id, time::now())?))
    };
    let (dependencies, downloads) = app.db.read(read).await?;
    let shown = release.map(|release| release_of(app, &project, release));
    let origin = Origin::of(&mirror.config, &project, version.and(release), known);
    let latest = project.latest().map(|latest| &latest.version);
    let newest = project.releases.iter().rev().take(RELEASES);
    let chosen = release.map(|release| &release.version);
    Ok(Some(Found {
        name: project.name_in(&metadata).to_owned(),
        normalized: name.clone(),
        status: project.status,
        status_reason: project.status_reason.clone().unwrap_or_default(),
        is_latest: chosen == latest,
        releases: newest.map(|release| ReleaseRow::mirrored(release, chosen)).collect(),
        release_count: project.releases.len(),
        shown,
        metadata,
        dependencies,
        people: Vec::new(),
        downloads,
        origin: Some(origin),
    }))
}

/// The metadata of a release, and how it stands with them. Where they cannot be had now, the page
/// is shown without them and says so.
async fn metadata(
    mirror: &Mirror,
    name: &NormalizedName,
    release: Option<&Release>,
) -> (CoreMetadata, Metadata) {
    let Some(release) = release.filter(|release| !release.files.is_empty()) else {
        return (CoreMetadata::default(), Metadata::Nowhere);
    };
    match mirror.metadata(name, release).await {
        Ok(Some(metadata)) => (metadata, Metadata::Here),
        Ok(None) => (release.told(), Metadata::Nowhere),
        Err(error) => {
            if error.kind() == Kind::Internal {
                tracing::error!(project = %name, error = error.chain(), "metadata cannot be read");
            }
            (release.told(), Metadata::NotNow)
        }
    }
}

fn release_of(app: &App, project: &Project, release: &Release) -> Shown {
    let at = format!("/project/{}/{}/", project.name, release.version);
    let prefix = app.public_url.prefix();
    let row = |file| FileRow::mirrored(file, &project.name, prefix, &at);
    Shown {
        version: release.version.to_string(),
        yanked: release.yanked().map(str::to_owned),
        published: release.published(),
        files: release.files.iter().take(FILES).map(row).collect(),
        file_count: release.files.len(),
    }
}
