//! The JSON of a project or a release of another index.

use super::entry::Entry;
use super::info::{Info, Subject};
use super::page::{Ownership, Page};
use crate::app::App;
use crate::config::PublicUrl;
use crate::downloads::sums::Sums;
use crate::error::{Error, Result};
use crate::mirror::project::{Project, Release};
use crate::packaging::{CoreMetadata, NormalizedName, Version};
use crate::simple::Stale;
use crate::time;

/// Writes the JSON of a mirrored release, or of a mirrored project with all its releases, and
/// since when its index could not be asked. `None` where there is nothing to show.
///
/// An error where nobody can tell whether there is, and where the release has metadata that cannot
/// be had now: to say that it needs nothing would be taken for true.
pub(super) async fn write(
    app: &App,
    name: &NormalizedName,
    version: Option<&Version>,
) -> Result<Option<(String, Option<Stale>)>> {
    let Some(mirror) = &app.mirror else { return Ok(None) };
    let Some(project) = mirror.project(&app.pages, name).await? else { return Ok(None) };
    let Some(shown) = shown(&project, version) else { return Ok(None) };
    let metadata = match mirror.metadata(name, shown).await? {
        Some(metadata) => metadata,
        None => shown.told(),
    };
    let id = project.id;
    let sums = app.db.read(move |c| Ok(Sums::of_project(c, id, time::now())?)).await?;
    let (url, chosen, is_whole) =
        (app.public_url.clone(), shown.version.clone(), version.is_none());
    let writing = move || {
        let Some(shown) = project.release(&chosen) else { return Ok(None) };
        let text = text(&url, (&project, shown), is_whole, (&metadata, &sums))?;
        Ok(Some((text, project.stale)))
    };
    let written = tokio::task::spawn_blocking(writing).await;
    written.map_err(|error| Error::internal("writing the JSON of a project", error))?
}

/// The release that is meant, unless none of its files is served that it has.
fn shown<'a>(project: &'a Project, version: Option<&Version>) -> Option<&'a Release> {
    match version {
        Some(version) => project.release(version).filter(|release| !release.is_held()),
        None => project.latest(),
    }
}

fn text(
    url: &PublicUrl,
    (project, shown): (&Project, &Release),
    is_whole: bool,
    (metadata, sums): (&CoreMetadata, &Sums),
) -> Result<String> {
    let urls = entries(url, shown);
    let others: Vec<_> = if is_whole {
        let releases = project.releases.iter().filter(|release| !release.is_held());
        releases.map(|release| (release.version.to_string(), entries(url, release))).collect()
    } else {
        Vec::new()
    };
    let releases = others.iter().map(|(version, files)| (version.clone(), files.as_slice()));
    let version = shown.version.to_string();
    let subject = Subject {
        name: project.name_in(metadata),
        normalized: &project.name,
        version: &version,
        yanked: shown.yanked(),
    };
    let page = Page {
        info: Info::new(url, subject, metadata, sums),
        // The journal does not know it.
        last_serial: 0,
        ownership: Ownership::default(),
        releases: is_whole.then(|| releases.collect()),
        urls: &urls,
        vulnerabilities: [],
    };
    page.to_text()
}

/// The files of a release, by name.
fn entries<'a>(url: &PublicUrl, release: &'a Release) -> Vec<Entry<'a>> {
    let files = release.files.iter().map(|file| Entry::mirrored(url, file));
    let mut entries: Vec<_> = files.collect();
    entries.sort_by(|one, other| one.filename.cmp(other.filename));
    entries
}
