//! Whether the database, the stored files and the secret key fit together.
//!
//! The rows are looked at in one moment of the database. The blobs are compared by listing the
//! storage, a part at a time, so that a million of them take minutes and little memory; what
//! seems to be missing is asked for once more, as the index goes on meanwhile.

mod blobs;
mod finding;
mod key;
mod repair;
mod rows;

use std::path::Path;

pub use finding::{Finding, Report, What};

use super::clean::{LEFT_OVER_AFTER, clean};
use super::progress::Progress;
use crate::db::Db;
use crate::error::Result;
use crate::search;
use crate::storage::Storage;

/// What is done beyond looking.
#[derive(Debug, Clone, Copy, Default)]
pub struct How {
    /// Takes the digests of all blobs again, and looks through the database's own pages.
    pub deep: bool,
    /// Mends what can be mended without taking anything from readers.
    pub repair: bool,
}

/// What is checked.
#[derive(Clone, Copy)]
pub struct Index<'a> {
    /// Its database.
    pub db: &'a Db,
    /// Its blobs.
    pub storage: &'a Storage,
    /// The file with its key.
    pub key_file: &'a Path,
}

/// Checks an index, which may be in use.
pub async fn check(index: Index<'_>, how: How, progress: &dyn Progress) -> Result<Report> {
    if how.repair {
        index.db.check_writable()?;
    }
    let mut report = Report::default();
    progress.begin("looking at the rows", 1);
    check_rows(index, how, &mut report).await?;
    key::check(index, &mut report).await?;
    progress.step(1);
    blobs::check(index, how, &mut report, progress).await?;
    if how.repair {
        let cleaned = clean(index.db, index.storage, LEFT_OVER_AFTER).await?;
        report.removed_blobs = cleaned.blobs as u64;
        report.removed_temporary = cleaned.temporary as u64;
    }
    Ok(report)
}

/// Looks at the rows; where they are mended, what is not found a second time is.
async fn check_rows(index: Index<'_>, how: How, report: &mut Report) -> Result<()> {
    let deep = how.deep;
    let found = index.db.read(move |c| rows::check(c, deep)).await?;
    let mended = how.repair && found.iter().any(|it| it.what.is_mendable());
    if !mended {
        report.add_all(found);
        return Ok(());
    }
    index.db.write(repair::rows).await?;
    if found.iter().any(|it| it.what == What::Search) {
        search::follow::rebuild(index.db).await?;
    }
    let left = index.db.read(move |c| rows::check(c, false)).await?;
    let still = |it: &Finding| left.contains(it) || !it.what.is_mendable();
    report.add_all(found.into_iter().map(|it| Finding { repaired: !still(&it), ..it }));
    Ok(())
}
