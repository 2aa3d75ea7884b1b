//! What the pages say, read from the database at one moment.

use std::collections::HashMap;

use crate::catalog::file::File;
use crate::catalog::journal;
use crate::catalog::project::{Project, Status};
use crate::catalog::release::Release;
use crate::db::Conn;
use crate::error::Result;
use crate::packaging::{NormalizedName, Version};

/// The page of one project.
#[derive(Debug, Clone)]
pub struct ProjectPage {
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
    /// Its version as the release spells it.
    pub version: String,
}

/// The list of all projects.
#[derive(Debug, Clone)]
pub struct IndexPage {
    /// The last serial of the index.
    pub serial: i64,
    /// Name, normalized name and serial of each, by normalized name.
    pub projects: Vec<(String, NormalizedName, i64)>,
}

impl ProjectPage {
    /// Reads it; `None` where there is no such project.
    pub fn load(c: &mut Conn, name: &NormalizedName) -> Result<Option<Self>> {
        let Some(project) = Project::by_name(c, name)? else { return Ok(None) };
        let mut releases: Vec<_> = Release::versions(c, project.id)?
            .into_iter()
            .map(|(id, text)| (Version::parse(&text), text, id))
            .collect();
        releases.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
        let ranks: HashMap<_, _> =
            releases.iter().enumerate().map(|(rank, (_, text, id))| (*id, (rank, text))).collect();
        let mut files = File::of_project(c, project.id)?;
        if project.status() == Status::Quarantined {
            files.clear();
        }
        let mut ranked: Vec<_> = files
            .into_iter()
            .filter_map(|file| ranks.get(&file.release_id).map(|(rank, text)| (*rank, *text, file)))
            .collect();
        ranked.sort_by(|one, other| (one.0, &one.2.filename).cmp(&(other.0, &other.2.filename)));
        let files = ranked
            .into_iter()
            .map(|(_, version, file)| PageFile { file, version: version.clone() })
            .collect();
        Ok(Some(Self {
            status: project.status(),
            name: project.normalized,
            serial: project.last_serial,
            status_reason: project.status_reason,
            files,
            versions: releases.into_iter().map(|(_, text, _)| text).collect(),
        }))
    }
}

impl IndexPage {
    /// Reads it.
    pub fn load(c: &mut Conn) -> Result<Self> {
        Ok(Self { serial: journal::last_serial(c)?, projects: Project::list(c)? })
    }
}
