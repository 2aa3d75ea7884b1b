//! Moving an index: to another database and another storage, and back.
//!
//! The rows go in one transaction that sees one moment of the source, so that the target has all
//! of them or none. The blobs go before, as they take longest, and what came meanwhile goes after.
//! A second run copies only blobs that are not there yet, and the rows anew: a copy that nobody
//! has used may be replaced, anything else may not.

mod cells;
mod rows;
mod tables;
mod unused;

pub use tables::{NOT_COPIED, TABLES};
pub use unused::take_into_use;

use std::sync::Arc;

use crate::db::Db;
use crate::error::Result;
use crate::packaging::Blake2b256;
use crate::search;
use crate::storage::{Part, Storage};
use crate::upkeep::carry::{Carried, Carrier, Route};
use crate::upkeep::compare::compare;
use crate::upkeep::progress::Progress;
use crate::upkeep::references;

/// An index as database and storage.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Its database.
    pub db: &'a Db,
    /// Its blobs.
    pub storage: &'a Storage,
}

/// What a copy consists of.
#[derive(Debug, Clone, Default)]
pub struct Copied {
    /// The last serial of the journal.
    pub serial: i64,
    /// Rows in all tables.
    pub rows: u64,
    /// Blobs that belong to it.
    pub blobs: u64,
    /// Those that were copied this time.
    pub carried: u64,
    /// What is wrong with it.
    pub damage: Vec<String>,
}

/// Copies an index, which may be in use, to where there is none.
pub async fn copy(from: Place<'_>, to: Place<'_>, progress: Arc<dyn Progress>) -> Result<Copied> {
    // Before anything is written: the same is asked again in the transaction.
    to.db.read(unused::check).await?;
    progress.begin("copying the blobs", Part::COUNT);
    bring(from, to, from.db, &*progress).await?;
    let total = from.db.read(rows::count).await?.total();
    progress.begin("copying the rows", total);
    let watcher = progress.clone();
    let work = move |source: &mut _, target: &mut _| rows::copy(source, target, &*watcher);
    let sums = from.db.read_into(to.db, work).await?;
    progress.begin("verifying the copy", Part::COUNT);
    let (blobs, carried) = bring(from, to, to.db, &*progress).await?;
    let mut damage = rows::verify(to.db, &sums).await?;
    damage.extend(lacking(from.db, carried.missing, "its bytes are missing").await?);
    damage.extend(lacking(from.db, carried.altered, "its bytes are not what they were").await?);
    progress.begin("filling the search index", 1);
    search::follow::rebuild(to.db).await?;
    progress.step(1);
    let rows = sums.total();
    Ok(Copied { serial: sums.serial, rows, blobs, carried: carried.blobs, damage })
}

/// Copies the blobs that a database refers to and the target lacks; how many it refers to.
async fn bring(
    from: Place<'_>,
    to: Place<'_>,
    db: &Db,
    progress: &dyn Progress,
) -> Result<(u64, Carried)> {
    let route = Route { source: from.storage, target: to.storage, progress };
    let (mut blobs, mut carrier) = (0, Carrier::new(route));
    for part in Part::all() {
        let wanted = db.read(move |c| Ok(references::of_part(c, part)?)).await?;
        blobs += wanted.len() as u64;
        let found = compare(to.storage, part, wanted).await?;
        let mut lacking = found.missing;
        lacking.extend(found.altered.into_iter().map(|(reference, _)| reference));
        carrier.take(lacking).await?;
    }
    Ok((blobs, carrier.finish().await?))
}

/// What could not be copied, by the files that have it.
async fn lacking(db: &Db, digests: Vec<Blake2b256>, what: &str) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for digest in digests {
        let wanted = digest.clone();
        let referrers = db.read(move |c| Ok(references::referrers(c, &wanted)?)).await?;
        lines.push(match referrers.first() {
            Some(first) => format!("{}: {what} (blob {digest})", first.words(&digest)),
            None => format!("blob {digest}: its file was deleted meanwhile; run this again"),
        });
    }
    Ok(lines)
}
