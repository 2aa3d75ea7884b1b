//! The rows of files whose bytes are stored here.

use diesel::prelude::*;

use crate::db::schema::mirror_files;
use crate::db::{Conn, FileId, MirrorFileId};
use crate::packaging::{Blake2b256, NormalizedName, Sha256};
use crate::simple::Stored;
use crate::time::Time;

/// A file of a mirrored project that is stored here.
#[derive(Debug, Clone, Queryable, Selectable)]
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
    /// Where the metadata beside it is stored.
    pub metadata_blake2_256: Option<Blake2b256>,
    /// What the metadata beside it has as SHA-256.
    pub metadata_sha256: Option<Sha256>,
    /// When it was stored.
    pub stored_at: Time,
    /// When it was last asked for.
    pub used_at: Time,
    /// Whether it never leaves to make room.
    pub is_pinned: bool,
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
}
