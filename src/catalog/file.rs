//! The row of a distribution file.

use diesel::prelude::*;

use super::project::Status;
use crate::db::schema::{files, projects, releases};
use crate::db::{Conn, FileId, ProjectId, ReleaseId, UserId};
use crate::packaging::digest::Digests;
use crate::packaging::{Blake2b256, Filename, Md5, NormalizedName, PackageType, Sha256};
use crate::time::Time;

/// A distribution file of a release.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = files)]
pub struct File {
    /// Its id.
    pub id: FileId,
    /// The release it belongs to.
    pub release_id: ReleaseId,
    /// Its name, unique in the whole index.
    pub filename: String,
    /// `bdist_wheel` or `sdist`.
    pub package_type: String,
    /// The Python versions that the file's own metadata asks for.
    pub requires_python: Option<String>,
    /// Bytes.
    pub size: i64,
    /// What installers verify.
    pub sha256: Sha256,
    /// Where it is kept.
    pub blake2_256: Blake2b256,
    /// Where the `METADATA` of a wheel is kept.
    pub metadata_blake2_256: Option<Blake2b256>,
    /// Its SHA-256.
    pub metadata_sha256: Option<Sha256>,
    /// When it came.
    pub uploaded_at: Time,
    /// The reason where it is yanked by itself; it may be empty.
    pub yanked: Option<String>,
}

/// A file with what only few readers ask for.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = files)]
pub struct FullFile {
    /// All else.
    #[diesel(embed)]
    pub file: File,
    /// The Python tag of a wheel, or `source`.
    pub python_version: String,
    /// Its MD5, for old tools; nobody should trust it.
    pub md5: Md5,
}

impl FullFile {
    /// The files of a project, in no order.
    pub fn of_project(c: &mut Conn, project: ProjectId) -> QueryResult<Vec<Self>> {
        files::table
            .inner_join(releases::table)
            .filter(releases::project_id.eq(project))
            .select(Self::as_select())
            .load(c)
    }

    /// The files of a release, by name.
    pub fn of_release(c: &mut Conn, release: ReleaseId) -> QueryResult<Vec<Self>> {
        let rows = files::table.filter(files::release_id.eq(release)).order(files::filename);
        rows.select(Self::as_select()).load(c)
    }
}

/// Everything that is known about a file that is about to be published.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// Its name.
    pub filename: Filename,
    /// What its own metadata asks for.
    pub requires_python: Option<String>,
    /// Bytes.
    pub size: i64,
    /// Its digests.
    pub digests: Digests,
    /// The digests of a wheel's `METADATA`.
    pub metadata: Option<Digests>,
    /// Who brings it.
    pub uploaded_by: UserId,
    /// How.
    pub uploaded_via: &'static str,
    /// The reason where it is yanked from the beginning; it may be empty.
    pub yanked: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = files, treat_none_as_default_value = false)]
struct FileRow<'a> {
    release_id: ReleaseId,
    filename: &'a str,
    package_type: &'a str,
    python_version: &'a str,
    requires_python: Option<&'a str>,
    size: i64,
    sha256: &'a Sha256,
    md5: &'a Md5,
    blake2_256: &'a Blake2b256,
    metadata_blake2_256: Option<&'a Blake2b256>,
    metadata_sha256: Option<&'a Sha256>,
    uploaded_at: Time,
    uploaded_by: Option<UserId>,
    uploaded_via: &'a str,
    yanked: Option<&'a str>,
}

impl File {
    /// Adds a file to a release; a taken name is a unique violation.
    pub fn create(
        c: &mut Conn,
        release: ReleaseId,
        new: &NewFile,
        now: Time,
    ) -> QueryResult<usize> {
        let row = FileRow {
            release_id: release,
            filename: new.filename.as_str(),
            package_type: new.filename.package_type().as_str(),
            python_version: new.filename.python_tag(),
            requires_python: new.requires_python.as_deref(),
            size: new.size,
            sha256: &new.digests.sha256,
            md5: &new.digests.md5,
            blake2_256: &new.digests.blake2_256,
            metadata_blake2_256: new.metadata.as_ref().map(|digests| &digests.blake2_256),
            metadata_sha256: new.metadata.as_ref().map(|digests| &digests.sha256),
            uploaded_at: now,
            uploaded_by: Some(new.uploaded_by),
            uploaded_via: new.uploaded_via,
            yanked: new.yanked.as_deref(),
        };
        diesel::insert_into(files::table).values(row).execute(c)
    }

    /// The file of that name, unless its project is quarantined, and its project: what readers get.
    pub fn offered(c: &mut Conn, filename: &str) -> QueryResult<Option<(Self, ProjectId)>> {
        files::table
            .inner_join(releases::table.inner_join(projects::table))
            .filter(files::filename.eq(filename))
            .filter(projects::status.ne(Status::Quarantined.as_str()))
            .select((Self::as_select(), projects::id))
            .first(c)
            .optional()
    }

    /// The file of that name, with the name of its project.
    pub fn by_name(c: &mut Conn, filename: &str) -> QueryResult<Option<(Self, NormalizedName)>> {
        files::table
            .inner_join(releases::table.inner_join(projects::table))
            .filter(files::filename.eq(filename))
            .select((Self::as_select(), projects::normalized))
            .first(c)
            .optional()
    }

    /// The files of a project, in no order.
    pub fn of_project(c: &mut Conn, project: ProjectId) -> QueryResult<Vec<Self>> {
        files::table
            .inner_join(releases::table)
            .filter(releases::project_id.eq(project))
            .select(Self::as_select())
            .load(c)
    }

    /// The files of a release, by name.
    pub fn of_release(c: &mut Conn, release: ReleaseId) -> QueryResult<Vec<Self>> {
        let rows = files::table.filter(files::release_id.eq(release)).order(files::filename);
        rows.select(Self::as_select()).load(c)
    }

    /// One file of a release.
    pub fn in_release(c: &mut Conn, release: ReleaseId, id: FileId) -> QueryResult<Option<Self>> {
        let row = files::table.find(id).filter(files::release_id.eq(release));
        row.select(Self::as_select()).first(c).optional()
    }

    /// The files of a release by name: at most `limit` behind the first `offset`.
    pub fn page_of_release(
        c: &mut Conn,
        release: ReleaseId,
        (offset, limit): (i64, i64),
    ) -> QueryResult<Vec<Self>> {
        let rows = files::table.filter(files::release_id.eq(release)).order(files::filename);
        rows.offset(offset).limit(limit).select(Self::as_select()).load(c)
    }

    /// How many files each of these releases has; one without any is left out.
    pub fn counts(c: &mut Conn, releases: &[ReleaseId]) -> QueryResult<Vec<(ReleaseId, i64)>> {
        files::table
            .filter(files::release_id.eq_any(releases.to_vec()))
            .group_by(files::release_id)
            .select((files::release_id, diesel::dsl::count_star()))
            .load(c)
    }

    /// The sum of the sizes of a project's files, in bytes.
    pub fn total_size(c: &mut Conn, project: ProjectId) -> QueryResult<i64> {
        // A plain sum of BIGINT has another type on PostgreSQL.
        let sum =
            diesel::dsl::sql::<diesel::sql_types::BigInt>("CAST(COALESCE(SUM(size), 0) AS BIGINT)");
        files::table
            .inner_join(releases::table)
            .filter(releases::project_id.eq(project))
            .select(sum)
            .first(c)
    }

    /// The source distribution of a release.
    pub fn sdist_of(c: &mut Conn, release: ReleaseId) -> QueryResult<Option<String>> {
        files::table
            .filter(files::release_id.eq(release))
            .filter(files::package_type.eq(PackageType::Sdist.as_str()))
            .select(files::filename)
            .first(c)
            .optional()
    }

    /// Yanks a file with a reason, or takes that back.
    pub fn set_yanked(c: &mut Conn, id: FileId, reason: Option<&str>) -> QueryResult<usize> {
        diesel::update(files::table.find(id)).set(files::yanked.eq(reason)).execute(c)
    }

    /// Takes a file away.
    pub fn delete(c: &mut Conn, id: FileId) -> QueryResult<usize> {
        diesel::delete(files::table.find(id)).execute(c)
    }

    /// Whether any file, or the metadata of any, has these bytes.
    pub fn refers_to(c: &mut Conn, digest: &Blake2b256) -> QueryResult<bool> {
        let row = files::table
            .filter(files::blake2_256.eq(digest).or(files::metadata_blake2_256.eq(digest)))
            .select(files::id);
        row.first::<FileId>(c).optional().map(|found| found.is_some())
    }

    /// Whether the name and the content are the same.
    pub fn is_same(&self, digests: &Digests) -> bool {
        self.sha256 == digests.sha256 && self.blake2_256 == digests.blake2_256
    }
}
