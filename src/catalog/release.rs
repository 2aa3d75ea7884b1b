//! The row of a release.

use diesel::prelude::*;

use super::classifier;
use super::project::Status;
use crate::db::schema::{projects, releases};
use crate::db::{Conn, ProjectId, ReleaseId};
use crate::error::{Error, Result};
use crate::packaging::{CoreMetadata, NormalizedName, PackageType, Version};
use crate::time::Time;

/// A release: one version of a project.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = releases)]
pub struct Release {
    /// Its id.
    pub id: ReleaseId,
    /// Its version in normal form, as in the file that made the release.
    pub version: String,
    /// When its first file came.
    pub created_at: Time,
    /// The reason where it is yanked; it may be empty.
    pub yanked: Option<String>,
    metadata: String,
    metadata_from: String,
}

/// A release in a list of what is new.
#[derive(Debug, Clone, Queryable)]
pub struct Listed {
    /// The name of its project, as its owner spells it.
    pub name: String,
    /// The name that identifies the project.
    pub normalized: NormalizedName,
    /// Its version.
    pub version: String,
    /// Its summary, possibly empty.
    pub summary: String,
    /// When its first file came.
    pub created_at: Time,
}

type ListedColumns = (
    projects::name,
    projects::normalized,
    releases::version,
    releases::summary,
    releases::created_at,
);
const LISTED: ListedColumns = (
    projects::name,
    projects::normalized,
    releases::version,
    releases::summary,
    releases::created_at,
);

#[derive(Insertable)]
#[diesel(table_name = releases)]
struct NewRelease<'a> {
    project_id: ProjectId,
    version: String,
    version_key: String,
    created_at: Time,
    metadata: &'a str,
    metadata_from: &'a str,
    summary: &'a str,
}

impl Release {
    /// Makes a release from the metadata of its first file.
    pub fn create(
        c: &mut Conn,
        project: ProjectId,
        version: &Version,
        (metadata, from): (&CoreMetadata, PackageType),
        now: Time,
    ) -> Result<ReleaseId> {
        let new = NewRelease {
            project_id: project,
            version: version.to_string(),
            version_key: version.key(),
            created_at: now,
            metadata: &to_json(metadata)?,
            metadata_from: from.as_str(),
            summary: metadata.one("summary").unwrap_or_default(),
        };
        let insert = diesel::insert_into(releases::table).values(new);
        let id = insert.returning(releases::id).get_result(c)?;
        classifier::replace(c, id, metadata)?;
        Ok(id)
    }

    /// The release with an equal version.
    pub fn by_version(
        c: &mut Conn,
        project: ProjectId,
        version: &Version,
    ) -> QueryResult<Option<Self>> {
        releases::table
            .filter(releases::project_id.eq(project))
            .filter(releases::version_key.eq(version.key()))
            .select(Self::as_select())
            .first(c)
            .optional()
    }

    /// The versions of a project, with their ids and the reasons of the yanked ones, in no order.
    pub fn versions(
        c: &mut Conn,
        project: ProjectId,
    ) -> QueryResult<Vec<(ReleaseId, String, Option<String>)>> {
        let rows = releases::table.filter(releases::project_id.eq(project));
        rows.select((releases::id, releases::version, releases::yanked)).load(c)
    }

    /// When each of these releases got its first file, in no order.
    pub fn times(c: &mut Conn, ids: Vec<ReleaseId>) -> QueryResult<Vec<(ReleaseId, Time)>> {
        let rows = releases::table.filter(releases::id.eq_any(ids));
        rows.select((releases::id, releases::created_at)).load(c)
    }

    /// The newest releases of all projects but quarantined ones, newest first.
    pub fn newest(c: &mut Conn, limit: i64) -> QueryResult<Vec<Listed>> {
        releases::table
            .inner_join(projects::table)
            .filter(projects::status.ne(Status::Quarantined.as_str()))
            .order((releases::created_at.desc(), releases::id.desc()))
            .limit(limit)
            .select(LISTED)
            .load(c)
    }

    /// The newest releases of one project, newest first.
    pub fn newest_of(c: &mut Conn, project: ProjectId, limit: i64) -> QueryResult<Vec<Listed>> {
        releases::table
            .inner_join(projects::table)
            .filter(releases::project_id.eq(project))
            .order((releases::created_at.desc(), releases::id.desc()))
            .limit(limit)
            .select(LISTED)
            .load(c)
    }

    /// The summary of a release.
    pub fn summary(c: &mut Conn, id: ReleaseId) -> QueryResult<String> {
        releases::table.find(id).select(releases::summary).first(c)
    }

    /// Yanks a release with a reason, or takes that back.
    pub fn set_yanked(c: &mut Conn, id: ReleaseId, reason: Option<&str>) -> QueryResult<usize> {
        diesel::update(releases::table.find(id)).set(releases::yanked.eq(reason)).execute(c)
    }

    /// Takes a release away with its files.
    pub fn delete(c: &mut Conn, id: ReleaseId) -> QueryResult<usize> {
        diesel::delete(releases::table.find(id)).execute(c)
    }

    /// The version of a release.
    pub fn version_of(c: &mut Conn, id: ReleaseId) -> QueryResult<Option<String>> {
        releases::table.find(id).select(releases::version).first(c).optional()
    }

    /// Whether the page of this release should follow a file of type `from`: its first wheel
    /// speaks for it, a source distribution only until there is one.
    pub fn yields_to(&self, from: PackageType) -> bool {
        from == PackageType::Wheel && self.metadata_from == PackageType::Sdist.as_str()
    }

    /// Replaces the metadata that stands for the release.
    pub fn set_metadata(
        c: &mut Conn,
        id: ReleaseId,
        metadata: &CoreMetadata,
        from: PackageType,
    ) -> Result<usize> {
        let columns = (
            releases::metadata.eq(to_json(metadata)?),
            releases::metadata_from.eq(from.as_str()),
            releases::summary.eq(metadata.one("summary").unwrap_or_default()),
        );
        classifier::replace(c, id, metadata)?;
        Ok(diesel::update(releases::table.find(id)).set(columns).execute(c)?)
    }

    /// The metadata that stands for the release.
    pub fn metadata(&self) -> Result<CoreMetadata> {
        serde_json::from_str(&self.metadata)
            .map_err(|error| Error::internal("reading the metadata of a release", error))
    }
}

fn to_json(metadata: &CoreMetadata) -> Result<String> {
    serde_json::to_string(metadata)
        .map_err(|error| Error::internal("writing the metadata of a release", error))
}
