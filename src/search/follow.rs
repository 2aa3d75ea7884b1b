//! Following the journal: what changed comes into the index.
//!
//! An empty index is nothing special: it is filled by reading the journal from its beginning,
//! where projects are passed over that are in already as they are now.

use std::sync::Arc;
use std::time::Duration;

use super::document::Document;
use super::{index, state};
use crate::catalog::journal;
use crate::catalog::project::Project;
use crate::db::{Conn, Db};
use crate::error::Result;
use crate::packaging::NormalizedName;

/// How soon to try again what failed, or to look whether another process has done its step.
const AGAIN: Duration = Duration::from_millis(300);
/// How long to leave the work to another process that was faster; where it died, no longer.
const LEAVE: Duration = Duration::from_secs(5);
/// Rows of the journal that are worked on at once: so few that no upload waits long for the
/// transaction.
const ROWS: i64 = 50;
/// Steps at most before a question that wants to see the last change.
const MOST_STEPS: usize = 20;

/// What a step will write.
struct Step {
    from: i64,
    to: i64,
    changes: Vec<Change>,
}

enum Change {
    Put(Box<Document>),
    Remove(NormalizedName),
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    /// There was nothing to do.
    Nothing,
    /// There may be more to do.
    Something,
    /// Another process did it.
    ByAnother,
}

/// Follows the journal for ever. Failures are logged once and tried again.
pub async fn follow(db: Db) {
    let (mut failing, mut news) = (false, db.news());
    news.next().await;
    loop {
        let begun = tokio::time::Instant::now();
        let done = step(&db).await;
        failing = match &done {
            Ok(_) => false,
            Err(error) if failing => {
                tracing::debug!(error = error.chain(), "still no index");
                true
            }
            Err(error) => {
                tracing::warn!(error = error.chain(), "the search index cannot be brought on");
                true
            }
        };
        match done {
            // As long again: half of the writer's time at most.
            Ok(Done::Something) => tokio::time::sleep(begun.elapsed()).await,
            Ok(Done::ByAnother) => tokio::time::sleep(LEAVE).await,
            Ok(Done::Nothing) => news.next().await,
            Err(_) => tokio::time::sleep(AGAIN).await,
        }
    }
}

/// Brings the index up to the journal, unless much is missing or the index is read-only.
pub async fn catch_up(db: &Db) -> Result<()> {
    for _ in 0..MOST_STEPS {
        if step(db).await? == Done::Nothing {
            break;
        }
    }
    Ok(())
}

/// Makes the index anew from the beginning of the journal, beside whoever follows it meanwhile.
pub async fn rebuild(db: &Db) -> Result<()> {
    db.write(|c| {
        state::reset(c)?;
        Ok(index::clear(c)?)
    })
    .await?;
    fill(db).await
}

/// Brings the index up to the journal, however much is missing. Where another process does so
/// already, waits for it.
pub async fn fill(db: &Db) -> Result<()> {
    loop {
        match step(db).await? {
            Done::Nothing => return Ok(()),
            Done::Something => {}
            Done::ByAnother => tokio::time::sleep(AGAIN).await,
        }
    }
}

async fn step(db: &Db) -> Result<Done> {
    if !db.is_writable() {
        return Ok(Done::Nothing);
    }
    let Some(step) = db.read(prepare).await? else { return Ok(Done::Nothing) };
    let step = Arc::new(step);
    let is_ours = db.write(move |c| write(c, &step)).await?;
    Ok(if is_ours { Done::Something } else { Done::ByAnother })
}

/// Reads what the next rows of the journal are about, as it is now: newer than those rows perhaps,
/// and then later rows will find nothing to do.
fn prepare(c: &mut Conn) -> Result<Option<Step>> {
    let from = state::serial(c)?;
    let (names, to) = journal::changed_since(c, from, ROWS)?;
    if to == from {
        return Ok(None);
    }
    let mut changes = Vec::new();
    for name in names {
        changes.extend(change(c, name)?);
    }
    Ok(Some(Step { from, to, changes }))
}

fn change(c: &mut Conn, name: NormalizedName) -> Result<Option<Change>> {
    let project = Project::by_name(c, &name)?;
    let known = index::known(c, &name)?;
    if known.is_some() && known == project.as_ref().map(|project| project.last_serial) {
        return Ok(None);
    }
    let document = match project {
        Some(project) => Document::read(c, project)?,
        None => None,
    };
    Ok(match document {
        Some(document) => Some(Change::Put(Box::new(document))),
        None => known.map(|_| Change::Remove(name)),
    })
}

fn write(c: &mut Conn, step: &Step) -> Result<bool> {
    if !state::advance(c, step.from, step.to)? {
        return Ok(false);
    }
    for change in &step.changes {
        match change {
            Change::Put(document) => index::put(c, document)?,
            Change::Remove(name) => index::remove(c, name)?,
        }
    }
    Ok(true)
}
