//! Which release the path of a page means.

use crate::catalog::project::{Project, Status};
use crate::catalog::release::Release;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::packaging::{NormalizedName, Version};

/// `{project}/{version}` of a path.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The project.
    pub(super) name: NormalizedName,
    /// The version, in whatever spelling.
    pub(super) version: Version,
    is_spelled_so: bool,
}

impl Place {
    /// Reads both; what no project or release is named is 404 without asking the database.
    pub(super) fn read(name: &str, version: &str) -> Result<Self> {
        let normalized = NormalizedName::parse(name).ok_or_else(missing)?;
        let parsed = Version::parse(version).ok_or_else(missing)?;
        let is_spelled_so = normalized.as_str() == name;
        Ok(Self { name: normalized, version: parsed, is_spelled_so })
    }

    /// Where the page of the release is.
    pub(super) fn path(&self) -> String {
        format!("/project/{}/{}/", self.name, self.version)
    }

    /// Whether a path is spelled as that page's own is.
    pub(super) fn is_canonical(&self, path: &str) -> bool {
        self.is_spelled_so && path.ends_with('/')
    }

    /// The project and the release that are hosted here, unless it is quarantined or not there.
    pub(super) fn find(&self, c: &mut Conn) -> Result<Option<(Project, Release)>> {
        let Some(project) = readable(c, &self.name)? else { return Ok(None) };
        let release = Release::by_version(c, project.id, &self.version)?;
        Ok(release.map(|release| (project, release)))
    }
}

/// The project of that name, unless it is quarantined.
pub(super) fn readable(c: &mut Conn, name: &NormalizedName) -> Result<Option<Project>> {
    Ok(Project::by_name(c, name)?.filter(|project| project.status() != Status::Quarantined))
}

/// There is no such release.
pub(super) fn missing() -> Error {
    Error::not_found("There is no such release here.")
}
