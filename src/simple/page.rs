//! What the pages say, read from the database at one moment.

use std::collections::HashMap;

use crate::catalog::file::File;
use crate::catalog::project::{Project, Status};
use crate::catalog::ranked::{self, Ranked};
use crate::catalog::yank;
use crate::db::{Conn, ProjectId};
use crate::error::Result;
use crate::packaging::NormalizedName;

/// The page of one project.
#[derive(Debug, Clone)]
pub struct ProjectPage {
    /// Its id.
    pub id: ProjectId,
    /// Its normalized name.
    pub name: NormalizedName,
    /// The serial of its last change.
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
    /// Its row.
    pub file: File,
    /// Why it is yanked, by itself or with its release; the reason may be empty.
    pub yanked: Option<String>,
}

impl PageFile {
    fn new(file: File, release: &Ranked) -> Self {
        let yanked = yank::reason(file.yanked.as_deref(), release.yanked.as_deref());
        Self { yanked: yanked.map(str::to_owned), file }
    }
}

impl ProjectPage {
    /// Reads it; `None` where there is no such project.
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
            .filter_map(|(rank, file)| Some(PageFile::new(file, releases.get(rank)?)))
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
