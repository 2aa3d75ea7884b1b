//! A copy of the embedded database as it is at one moment, made while others write to it.

use std::fs::{self, File, OpenOptions};
use std::path::Path;

use diesel::RunQueryDsl;
use diesel::sql_query;
use diesel::sql_types::Text;

use super::conn::{AnyConnection, Mode, connect};
use crate::config::DatabaseUrl;
use crate::error::{Doing, Error, Result};

/// Writes a copy of the database to `target`, which must not exist: one file without a
/// write-ahead log, readable by its owner only, and on disk when this returns. Blocks.
///
/// Only the embedded database can do that; PostgreSQL has tools of its own.
pub fn snapshot(url: &DatabaseUrl, target: &Path) -> Result<()> {
    let doing = || format!("copying the database {url} to {}", target.display());
    let path = target.to_str().ok_or_else(|| Error::internal(doing(), "its name is no text"))?;
    create_private(target).doing(doing)?;
    let mut conn =
        connect(url, Mode::ReadWrite).map_err(|error| Error::internal(doing(), error))?;
    let AnyConnection::Sqlite(conn) = &mut conn else {
        return Err(Error::internal(doing(), "only an embedded database is copied so"));
    };
    // SQLite takes an empty file for a missing one; made before, it has its permissions from the
    // first byte on.
    let copied = sql_query("VACUUM INTO $1").bind::<Text, _>(path).execute(conn);
    if let Err(error) = copied {
        let _ = fs::remove_file(target);
        return Err(Error::from(error));
    }
    File::open(target).and_then(|file| file.sync_all()).doing(doing)?;
    let folder = target.parent().filter(|it| !it.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).doing(doing)
}

fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        /// For its owner alone.
        const PRIVATE: u32 = 0o600;
        options.mode(PRIVATE);
    }
    options.open(path).map(drop)
}
