//! The JSON of a project or a release, read from the database at one moment.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::entry::Entry;
use super::info::{Info, Subject};
use crate::catalog::file::FullFile;
use crate::catalog::project::{Project, Status};
use crate::catalog::ranked::{self, Ranked};
use crate::catalog::release::Release;
use crate::catalog::role::Role;
use crate::config::PublicUrl;
use crate::db::Conn;
use crate::downloads::sums::Sums;
use crate::error::{Error, Result};
use crate::packaging::{NormalizedName, Version};
use crate::time;

/// All that is said.
#[derive(Serialize)]
pub(super) struct Page<'a> {
    pub(super) info: Info<'a>,
    pub(super) last_serial: i64,
    pub(super) ownership: Ownership,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) releases: Option<BTreeMap<String, &'a [Entry<'a>]>>,
    pub(super) urls: &'a [Entry<'a>],
    /// None are known: no database of them is asked.
    pub(super) vulnerabilities: [(); 0],
}

/// Who owns the project.
#[derive(Default, Serialize)]
pub(super) struct Ownership {
    organization: Option<&'static str>,
    roles: Vec<RoleEntry>,
}

#[derive(Serialize)]
struct RoleEntry {
    role: String,
    user: String,
}

/// Writes the JSON of a release, or of a project with all its releases, and the serial of the
/// last change of the project. `None` where there is nothing to show.
pub(super) fn write(
    c: &mut Conn,
    url: &PublicUrl,
    name: &NormalizedName,
    version: Option<&Version>,
) -> Result<Option<(String, i64)>> {
    let found = Project::by_name(c, name)?;
    let Some(project) = found.filter(|it| it.status() != Status::Quarantined) else {
        return Ok(None);
    };
    let ranked = ranked::releases(c, project.id)?;
    let shown = match version {
        Some(version) => ranked.iter().find(|it| it.version == *version),
        None => ranked::latest(&ranked),
    };
    let Some(shown) = shown else { return Ok(None) };
    let Some(release) = Release::by_version(c, project.id, &shown.version)? else {
        return Ok(None);
    };
    let metadata = release.metadata()?;
    let files = match version {
        Some(_) => FullFile::of_release(c, release.id)?,
        None => FullFile::of_project(c, project.id)?,
    };
    let mut entries = by_release(url, &ranked, &files);
    let urls = entries.remove(&shown.version).unwrap_or_default();
    let releases = version.is_none().then(|| {
        let others = |it: &Ranked| entries.get(&it.version).map_or(&[][..], Vec::as_slice);
        let files = |it: &Ranked| if it.id == shown.id { urls.as_slice() } else { others(it) };
        ranked.iter().map(|it| (it.version.to_string(), files(it))).collect()
    });
    let sums = Sums::of_project(c, project.id, time::now())?;
    let subject = Subject {
        name: &project.name,
        normalized: &project.normalized,
        version: &release.version,
        yanked: release.yanked.as_deref(),
    };
    let page = Page {
        info: Info::new(url, subject, &metadata, &sums),
        last_serial: project.last_serial,
        ownership: ownership(c, &project)?,
        releases,
        urls: &urls,
        vulnerabilities: [],
    };
    Ok(Some((page.to_text()?, project.last_serial)))
}

impl Page<'_> {
    /// Itself as it is sent.
    pub(super) fn to_text(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|error| Error::internal("writing the JSON of a project", error))
    }
}

/// The files of each release, by name.
fn by_release<'a>(
    url: &PublicUrl,
    releases: &'a [Ranked],
    files: &'a [FullFile],
) -> HashMap<&'a Version, Vec<Entry<'a>>> {
    let releases: HashMap<_, _> = releases.iter().map(|it| (it.id, it)).collect();
    let mut entries: HashMap<_, Vec<_>> = HashMap::new();
    for full in files {
        let Some(release) = releases.get(&full.file.release_id) else { continue };
        let entry = Entry::hosted(url, full, release.yanked.as_deref());
        entries.entry(&release.version).or_default().push(entry);
    }
    for files in entries.values_mut() {
        files.sort_by(|one, other| one.filename.cmp(other.filename));
    }
    entries
}

fn ownership(c: &mut Conn, project: &Project) -> Result<Ownership> {
    let roles = Role::of_project(c, project.id)?;
    let roles = roles.into_iter().map(|(role, user)| RoleEntry { role, user }).collect();
    Ok(Ownership { organization: None, roles })
}
