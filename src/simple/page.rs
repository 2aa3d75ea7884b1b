//! What the pages say, whether of a project hosted here or of a mirrored one.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Address;
use super::offered::Stored;
use crate::catalog::file::File;
use crate::catalog::project::{Project, Status};
use crate::catalog::ranked::{self, Ranked};
use crate::catalog::yank;
use crate::db::{Conn, ProjectId};
use crate::error::Result;
use crate::packaging::{Blake2b256, NormalizedName, Sha256};
use crate::time::Time;

/// The name under which pages give SHA-256.
pub const SHA256: &str = "sha256";

/// The page of one project.
#[derive(Debug, Clone)]
pub struct ProjectPage {
    /// Its id. That of a mirrored project is below zero.
    pub id: ProjectId,
    /// Its normalized name.
    pub name: NormalizedName,
    /// The serial of its last change; 0 for a mirrored project, which the journal does not know.
    pub serial: i64,
    /// What may be done with it (PEP 792).
    pub status: Status,
    /// Why.
    pub status_reason: Option<String>,
    /// All versions, by the order of PEP 440.
    pub versions: Vec<String>,
    /// All files, by version and name.
    pub files: Vec<PageFile>,
}

/// A file on a project's page.
#[derive(Debug, Clone)]
pub struct PageFile {
    /// Its name.
    pub filename: String,
    /// Its address below `/packages/`.
    pub address: Address,
    /// Its digests in lower-case hexadecimal digits by the names of their algorithms, in order.
    pub hashes: Vec<(Cow<'static, str>, String)>,
    /// How many bytes it has; a mirrored file's index may not say.
    pub size: Option<u64>,
    /// When it was uploaded; a mirrored file's index may not say.
    pub upload_time: Option<Time>,
    /// The versions of Python that it is for.
    pub requires_python: Option<String>,
    /// Why it is yanked, by itself or with its release; the reason may be empty.
    pub yanked: Option<String>,
    /// The digest of the metadata that is served beside it; none: nothing is.
    pub core_metadata: Option<Sha256>,
    /// Where its provenance (PEP 740) can be read.
    pub provenance: Option<String>,
    /// Its bytes, where they are kept here.
    pub stored: Option<Stored>,
    /// Where the metadata beside it is kept, where it is kept here.
    pub metadata: Option<Blake2b256>,
}

impl PageFile {
    /// A file that is hosted here, with why it is yanked.
    pub fn hosted(file: File, yanked: Option<String>) -> Self {
        let size = u64::try_from(file.size).unwrap_or_default();
        Self {
            filename: file.filename,
            address: Address::of(&file.blake2_256),
            hashes: vec![(Cow::Borrowed(SHA256), file.sha256.as_str().to_owned())],
            size: Some(size),
            upload_time: Some(file.uploaded_at),
            requires_python: file.requires_python,
            yanked,
            core_metadata: file.metadata_sha256,
            provenance: None,
            stored: Some(Stored { id: file.id, blob: file.blake2_256, size }),
            metadata: file.metadata_blake2_256,
        }
    }

    fn of_release(file: File, release: &Ranked) -> Self {
        let yanked = yank::reason(file.yanked.as_deref(), release.yanked.as_deref());
        let yanked = yanked.map(str::to_owned);
        Self::hosted(file, yanked)
    }
}

impl ProjectPage {
    /// Reads that of a project hosted here; `None` where there is no such project.
    pub fn load(c: &mut Conn, name: &NormalizedName) -> Result<Option<Self>> {
        let Some(project) = Project::by_name(c, name)? else { return Ok(None) };
        let releases = ranked::releases(c, project.id)?;
        let ranks: HashMap<_, _> =
            releases.iter().enumerate().map(|(rank, release)| (release.id, rank)).collect();
        let mut files = File::of_project(c, project.id)?;
        if project.status() == Status::Quarantined {
            files.clear();
        }
        let mut ranked: Vec<_> = files
            .into_iter()
            .filter_map(|file| Some((*ranks.get(&file.release_id)?, file)))
            .collect();
        ranked.sort_by(|one, other| (one.0, &one.1.filename).cmp(&(other.0, &other.1.filename)));
        let files = ranked
            .into_iter()
            .filter_map(|(rank, file)| Some(PageFile::of_release(file, releases.get(rank)?)))
            .collect();
        Ok(Some(Self {
            id: project.id,
            status: project.status(),
            name: project.normalized,
            serial: project.last_serial,
            status_reason: project.status_reason,
            files,
            versions: releases.iter().map(|release| release.version.to_string()).collect(),
        }))
    }
}
