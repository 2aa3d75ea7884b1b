//! The rows of files whose bytes are stored here, and of the metadata that other indexes serve
//! beside them: its path ends with `.metadata`.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::wanted::Wanted;
use crate::db::schema::{mirror_digests, mirror_files};
use crate::db::{Conn, FileId, MirrorFileId};
use crate::packaging::{Blake2b256, NormalizedName, Sha256, Version};
use crate::simple::Stored;
use crate::time::Time;

/// Bytes that are there for the mirror alone, each blob counted once.
const OWN_BYTES: &str = "(SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM \
    (SELECT DISTINCT m.blake2_256, m.size FROM mirror_files m WHERE NOT EXISTS \
    (SELECT 1 FROM files f WHERE f.blake2_256 = m.blake2_256)) AS blobs)";
/// Whether a row's bytes are there for the mirror alone: without it, others gain room.
const IS_OWN: &str =
    "NOT EXISTS (SELECT 1 FROM files f WHERE f.blake2_256 = mirror_files.blake2_256)";

/// A file of a mirrored project that is stored here.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = mirror_files)]
pub struct StoredFile {
    /// Its id among the mirrored ones.
    pub id: MirrorFileId,
    /// The project.
    pub project: NormalizedName,
    /// Its version.
    pub version: String,
    /// Its name.
    pub filename: String,
    /// What stands behind `/packages/` in its URL.
    pub path: String,
    /// Where it came from.
    pub url: String,
    /// What its bytes have as SHA-256.
    pub sha256: Sha256,
    /// Where its bytes are stored.
    pub blake2_256: Blake2b256,
    /// How many bytes it has.
    pub size: i64,
    /// Where the metadata is stored that was taken out of it, where its index serves none.
    pub metadata_blake2_256: Option<Blake2b256>,
    /// What that metadata has as SHA-256.
    pub metadata_sha256: Option<Sha256>,
    /// When it was stored.
    pub stored_at: Time,
    /// When it was last asked for, to the hour.
    pub used_at: Time,
    /// Whether it never leaves to make room.
    pub is_pinned: bool,
}

/// A file that is about to be noted.
#[derive(Debug, Clone)]
pub(super) struct NewStored {
    pub(super) wanted: Wanted,
    pub(super) sha256: Sha256,
    pub(super) blake2_256: Blake2b256,
    pub(super) size: i64,
    pub(super) metadata: Option<(Blake2b256, Sha256)>,
}

#[derive(Insertable)]
#[diesel(table_name = mirror_files, treat_none_as_default_value = false)]
struct Row<'a> {
    project: &'a NormalizedName,
    version: &'a str,
    version_key: String,
    filename: &'a str,
    path: &'a str,
    url: &'a str,
    sha256: &'a Sha256,
    blake2_256: &'a Blake2b256,
    size: i64,
    metadata_blake2_256: Option<&'a Blake2b256>,
    metadata_sha256: Option<&'a Sha256>,
    stored_at: Time,
    used_at: Time,
    is_pinned: bool,
}

/// How much is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Files, and metadata beside them.
    pub files: i64,
    /// Bytes that are there for the mirror alone.
    pub bytes: i64,
}

impl StoredFile {
    /// All that are stored of a project.
    pub fn of_project(c: &mut Conn, project: &NormalizedName) -> QueryResult<Vec<Self>> {
        let rows = mirror_files::table.filter(mirror_files::project.eq(project));
        rows.select(Self::as_select()).load(c)
    }

    /// The id by which its downloads are counted: below zero, where no hosted file has its own.
    pub fn file_id(&self) -> FileId {
        FileId::new(-self.id.get())
    }

    /// Itself as pages offer it.
    pub fn offered(&self) -> Stored {
        let size = u64::try_from(self.size).unwrap_or_default();
        Stored { id: self.file_id(), blob: self.blake2_256.clone(), size }
    }

    /// The file of that path.
    pub fn by_path(c: &mut Conn, path: &str) -> QueryResult<Option<Self>> {
        let row = mirror_files::table.filter(mirror_files::path.eq(path));
        row.select(Self::as_select()).first(c).optional()
    }

    /// Notes a file whose bytes are stored.
    pub(super) fn create(c: &mut Conn, new: &NewStored, now: Time) -> QueryResult<usize> {
        let NewStored { wanted, sha256, blake2_256, size, metadata } = new;
        let version = wanted.version.as_deref().unwrap_or_default();
        let key = Version::parse(version).map(|version| version.key());
        let row = Row {
            project: &wanted.project,
            version,
            version_key: key.unwrap_or_else(|| version.to_owned()),
            filename: &wanted.filename,
            path: &wanted.path,
            url: wanted.url.as_str(),
            sha256,
            blake2_256,
            size: *size,
            metadata_blake2_256: metadata.as_ref().map(|(blake2, _)| blake2),
            metadata_sha256: metadata.as_ref().map(|(_, sha256)| sha256),
            stored_at: now,
            used_at: now,
            is_pinned: false,
        };
        diesel::insert_into(mirror_files::table).values(row).execute(c)
    }

    /// Keeps files from making room for others, or no longer. Returns how many there are.
    pub fn set_pinned(c: &mut Conn, ids: &[MirrorFileId], is_pinned: bool) -> QueryResult<usize> {
        let rows = mirror_files::table.filter(mirror_files::id.eq_any(ids.to_vec()));
        diesel::update(rows).set(mirror_files::is_pinned.eq(is_pinned)).execute(c)
    }

    /// Notes that bytes were asked for.
    pub(super) fn touch(c: &mut Conn, blobs: &[Blake2b256], now: Time) -> QueryResult<usize> {
        let is_file = mirror_files::blake2_256.eq_any(blobs.to_vec());
        let is_metadata = mirror_files::metadata_blake2_256.eq_any(blobs.to_vec());
        let rows = mirror_files::table.filter(is_file.or(is_metadata));
        diesel::update(rows).set(mirror_files::used_at.eq(now)).execute(c)
    }

    /// Those that make room first, at most so many: not pinned, and not kept by a hosted file.
    pub(super) fn least_used(c: &mut Conn, limit: i64) -> QueryResult<Vec<Self>> {
        mirror_files::table
            .filter(mirror_files::is_pinned.eq(false))
            .filter(sql::<Bool>(IS_OWN))
            .order((mirror_files::used_at, mirror_files::id))
            .limit(limit)
            .select(Self::as_select())
            .load(c)
    }

    /// Those that have these bytes, or this metadata.
    pub(super) fn with_blob(c: &mut Conn, blob: &Blake2b256) -> QueryResult<Vec<Self>> {
        let is_file = mirror_files::blake2_256.eq(blob);
        let is_metadata = mirror_files::metadata_blake2_256.eq(blob);
        let rows = mirror_files::table.filter(is_file.or(is_metadata)).order(mirror_files::id);
        rows.select(Self::as_select()).load(c)
    }

    /// Takes the row away.
    pub(super) fn delete(c: &mut Conn, id: MirrorFileId) -> QueryResult<usize> {
        diesel::delete(mirror_files::table.find(id)).execute(c)
    }

    /// Whether any of them, or the metadata of any, has these bytes.
    pub fn refers_to(c: &mut Conn, digest: &Blake2b256) -> QueryResult<bool> {
        let is_file = mirror_files::blake2_256.eq(digest);
        let is_metadata = mirror_files::metadata_blake2_256.eq(digest);
        let row = mirror_files::table.filter(is_file.or(is_metadata)).select(mirror_files::id);
        row.first::<MirrorFileId>(c).optional().map(|found| found.is_some())
    }
}

impl Totals {
    /// Reads them.
    pub fn read(c: &mut Conn) -> QueryResult<Self> {
        Ok(Self { files: mirror_files::table.count().get_result(c)?, bytes: own_bytes(c)? })
    }
}

/// What the file at a path had as SHA-256 when it was first fetched, where its index names none.
pub(super) fn first_digest(c: &mut Conn, path: &str) -> QueryResult<Option<Sha256>> {
    mirror_digests::table.find(path).select(mirror_digests::sha256).first(c).optional()
}

/// Notes that, where it is not noted. Whether it is what was noted before, if anything was.
pub(super) fn hold_to(c: &mut Conn, path: &str, sha256: &Sha256) -> QueryResult<bool> {
    if let Some(known) = first_digest(c, path)? {
        return Ok(known == *sha256);
    }
    let row = (mirror_digests::path.eq(path), mirror_digests::sha256.eq(sha256));
    diesel::insert_into(mirror_digests::table).values(row).execute(c)?;
    Ok(true)
}

/// Bytes that are there for the mirror alone.
pub(super) fn own_bytes(c: &mut Conn) -> QueryResult<i64> {
    diesel::select(sql::<BigInt>(OWN_BYTES)).get_result(c)
}
