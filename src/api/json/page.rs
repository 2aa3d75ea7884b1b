//! The JSON of a project or a release, read from the database at one moment.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::info::Info;
use crate::catalog::file::{File, FullFile};
use crate::catalog::project::{Project, Status};
use crate::catalog::ranked::{self, Ranked};
use crate::catalog::release::Release;
use crate::catalog::role::Role;
use crate::catalog::yank;
use crate::config::PublicUrl;
use crate::db::Conn;
use crate::downloads::sums::Sums;
use crate::error::{Error, Result};
use crate::packaging::{NormalizedName, Version};
use crate::simple::file_url;
use crate::time;

/// What PyPI says of the downloads of a single file.
const NOT_COUNTED: i64 = -1;
const WHOLE_SECONDS: &str = "%Y-%m-%dT%H:%M:%S";

#[derive(Serialize)]
struct Page<'a> {
    info: Info<'a>,
    last_serial: i64,
    ownership: Ownership,
    #[serde(skip_serializing_if = "Option::is_none")]
    releases: Option<BTreeMap<String, &'a [Entry<'a>]>>,
    urls: &'a [Entry<'a>],
    /// None are known: no database of them is asked.
    vulnerabilities: [(); 0],
}

#[derive(Serialize)]
struct Ownership {
    organization: Option<&'static str>,
    roles: Vec<RoleEntry>,
}

#[derive(Serialize)]
struct RoleEntry {
    role: String,
    user: String,
}

#[derive(Serialize)]
struct Entry<'a> {
    comment_text: &'static str,
    #[serde(rename = "core-metadata")]
    core_metadata: CoreMetadata<'a>,
    digests: BTreeMap<&'static str, &'a str>,
    downloads: i64,
    filename: &'a str,
    has_sig: bool,
    md5_digest: &'a str,
    packagetype: &'a str,
    python_version: &'a str,
    requires_python: Option<&'a str>,
    size: i64,
    upload_time: String,
    upload_time_iso_8601: String,
    url: String,
    yanked: bool,
    yanked_reason: Option<&'a str>,
}

/// A digest, or `false` where nothing is served beside the file.
#[derive(Serialize)]
#[serde(untagged)]
enum CoreMetadata<'a> {
    Absent(bool),
    Digest { sha256: &'a str },
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
    let page = Page {
        info: Info::new(url, &project, &release, &metadata, &sums),
        last_serial: project.last_serial,
        ownership: ownership(c, &project)?,
        releases,
        urls: &urls,
        vulnerabilities: [],
    };
    let text = serde_json::to_string(&page)
        .map_err(|error| Error::internal("writing the JSON of a project", error))?;
    Ok(Some((text, project.last_serial)))
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
        let entry = entry(url, full, release.yanked.as_deref());
        entries.entry(&release.version).or_default().push(entry);
    }
    for files in entries.values_mut() {
        files.sort_by(|one, other| one.filename.cmp(other.filename));
    }
    entries
}

fn entry<'a>(url: &PublicUrl, full: &'a FullFile, release: Option<&'a str>) -> Entry<'a> {
    let FullFile { file, python_version, md5 } = full;
    let yanked = yank::reason(file.yanked.as_deref(), release);
    let digests = [
        ("blake2b_256", file.blake2_256.as_str()),
        ("md5", md5.as_str()),
        ("sha256", file.sha256.as_str()),
    ];
    Entry {
        comment_text: "",
        core_metadata: match &file.metadata_sha256 {
            Some(sha256) => CoreMetadata::Digest { sha256: sha256.as_str() },
            None => CoreMetadata::Absent(false),
        },
        digests: digests.into(),
        downloads: NOT_COUNTED,
        filename: &file.filename,
        has_sig: false,
        md5_digest: md5.as_str(),
        packagetype: &file.package_type,
        python_version,
        requires_python: file.requires_python.as_deref(),
        size: file.size,
        upload_time: file.uploaded_at.format(WHOLE_SECONDS).to_string(),
        upload_time_iso_8601: time::iso(file.uploaded_at),
        url: absolute_url(url, file),
        yanked: yanked.is_some(),
        yanked_reason: yanked.filter(|reason| !reason.is_empty()),
    }
}

fn absolute_url(url: &PublicUrl, file: &File) -> String {
    let path = file_url(url.prefix(), &file.blake2_256, &file.filename);
    format!("{}{path}", url.origin())
}

fn ownership(c: &mut Conn, project: &Project) -> Result<Ownership> {
    let roles = Role::of_project(c, project.id)?;
    let roles = roles.into_iter().map(|(role, user)| RoleEntry { role, user }).collect();
    Ok(Ownership { organization: None, roles })
}
