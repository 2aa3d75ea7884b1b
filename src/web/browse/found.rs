//! What the page of a project shows, wherever the project comes from.

use super::dependencies::Dependencies;
use super::file_list::FileRow;
use super::origin::Origin;
use super::place::readable;
use super::releases::ReleaseRow;
use crate::catalog::project::Status;
use crate::catalog::ranked;
use crate::catalog::release::Release;
use crate::catalog::role::{Person, Role};
use crate::catalog::uploaded::Uploaded;
use crate::db::Conn;
use crate::downloads::sums::Sums;
use crate::error::Result;
use crate::packaging::{CoreMetadata, NormalizedName, Version};
use crate::time::{self, Time};

/// Files and releases that stand on the page itself; the rest is one click away.
pub(super) const FILES: usize = 20;
pub(super) const RELEASES: usize = 20;

/// What is shown.
pub(super) struct Found {
    pub(super) name: String,
    pub(super) normalized: NormalizedName,
    pub(super) status: Status,
    pub(super) status_reason: String,
    /// The release; none: of a project of another index nothing may be shown.
    pub(super) shown: Option<Shown>,
    pub(super) is_latest: bool,
    pub(super) metadata: CoreMetadata,
    pub(super) dependencies: Dependencies,
    /// Newest first.
    pub(super) releases: Vec<ReleaseRow>,
    pub(super) release_count: usize,
    pub(super) people: Vec<Person>,
    pub(super) downloads: Sums,
    /// Where it comes from, unless it is hosted here.
    pub(super) origin: Option<Origin>,
}

/// The release that is shown.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) version: String,
    pub(super) yanked: Option<String>,
    pub(super) published: Option<Time>,
    pub(super) files: Vec<FileRow>,
    pub(super) file_count: usize,
}

/// What a project that is hosted here shows, at its latest release or at a chosen one. `is_mirror`:
/// whether projects of other indexes have pages too.
pub(super) fn hosted(
    c: &mut Conn,
    name: &NormalizedName,
    version: Option<&Version>,
    (prefix, is_mirror): (&str, bool),
) -> Result<Option<Found>> {
    let Some(project) = readable(c, name)? else { return Ok(None) };
    let mut releases = ranked::releases(c, project.id)?;
    let latest = ranked::latest(&releases).map(|it| it.version.clone());
    let Some(shown) = version.or(latest.as_ref()) else { return Ok(None) };
    let Some(release) = Release::by_version(c, project.id, shown)? else { return Ok(None) };
    let metadata = release.metadata()?;
    let mut dependencies = Dependencies::of(&metadata);
    dependencies.look_up(c, is_mirror)?;
    releases.reverse();
    let newest = releases.get(..RELEASES).unwrap_or(&releases);
    Ok(Some(Found {
        metadata,
        dependencies,
        is_latest: latest.as_ref() == Some(shown),
        people: Role::people(c, project.id)?,
        releases: ReleaseRow::of(c, newest, Some(&release.version))?,
        release_count: releases.len(),
        downloads: Sums::of_project(c, project.id, time::now())?,
        status: project.status(),
        status_reason: project.status_reason.unwrap_or_default(),
        name: project.name,
        normalized: project.normalized,
        shown: Some(release_of(c, release, name, prefix)?),
        origin: None,
    }))
}

fn release_of(
    c: &mut Conn,
    release: Release,
    name: &NormalizedName,
    prefix: &str,
) -> Result<Shown> {
    let at = format!("/project/{name}/{}/", release.version);
    let files = Uploaded::of_release(c, release.id, 0..FILES)?;
    Ok(Shown {
        files: files.into_iter().map(|file| FileRow::of(file, prefix, &at)).collect(),
        file_count: Uploaded::count(c, release.id)?,
        published: Some(release.created_at),
        yanked: release.yanked,
        version: release.version,
    })
}
