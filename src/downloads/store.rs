//! Writing counts and single downloads, and forgetting the latter.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Timestamp};

use super::tally::Pull;
use crate::config::Count;
use crate::db::schema::{download_files, downloads};
use crate::db::{Conn, Db, FileId, TokenId};
use crate::error::Result;
use crate::time::Time;

const DAY: Duration = Duration::from_hours(24);
/// Old single downloads that are removed in one transaction: uploads wait for it.
const AT_ONCE: i64 = 5_000;

/// Notes what a file is, unless that is noted or the file is gone.
const NOTE_FILE: &str = "INSERT INTO download_files \
    (file_id, project_id, project, version, version_key, filename, sha256, blake2_256) \
    SELECT f.id, p.id, p.normalized, r.version, r.version_key, f.filename, f.sha256, f.blake2_256 \
    FROM files f JOIN releases r ON r.id = f.release_id JOIN projects p ON p.id = r.project_id \
    WHERE f.id = $1 ON CONFLICT (file_id) DO NOTHING";
/// The same of a mirrored file, whose id is below zero. Its page may be gone before it: then its
/// project has no number, and still a name.
const NOTE_MIRRORED: &str = "INSERT INTO download_files \
    (file_id, project_id, project, version, version_key, filename, sha256, blake2_256) \
    SELECT -f.id, COALESCE(-p.id, 0), f.project, f.version, f.version_key, f.filename, f.sha256, \
    f.blake2_256 FROM mirror_files f LEFT JOIN mirror_pages p ON p.name = f.project \
    WHERE f.id = -$1 ON CONFLICT (file_id) DO NOTHING";
/// Adds to the count of a file on a day. Processes that do so at the same time add up.
const ADD: &str = "INSERT INTO download_days (file_id, day, count) VALUES ($1, $2, $3) \
    ON CONFLICT (file_id, day) DO UPDATE SET count = download_days.count + excluded.count";
/// Adds to the sum of a project on a day.
const ADD_SUM: &str = "INSERT INTO download_sums (project_id, day, count) VALUES ($1, $2, $3) \
    ON CONFLICT (project_id, day) DO UPDATE SET count = download_sums.count + excluded.count";

#[derive(Insertable)]
#[diesel(table_name = downloads, treat_none_as_default_value = false)]
struct NewDownload<'a> {
    file_id: FileId,
    username: &'a str,
    token_id: Option<TokenId>,
    at: Time,
    ip: Option<&'a str>,
    user_agent: Option<&'a str>,
}

/// Adds counts of files on days. Each of the three steps goes in one order, so that no two processes
/// wait for each other in a circle. Files that were gone before they could be noted count nothing.
pub(super) fn add(c: &mut Conn, counts: &[((Time, i64), i64)]) -> QueryResult<()> {
    let files: BTreeSet<i64> = counts.iter().map(|((_, file), _)| *file).collect();
    let mut projects = HashMap::new();
    for file in files {
        note(c, FileId::new(file))?;
        let noted = download_files::table.find(file).select(download_files::project_id);
        if let Some(project) = noted.first::<i64>(c).optional()? {
            projects.insert(file, project);
        }
    }
    let mut sums: BTreeMap<(i64, Time), i64> = BTreeMap::new();
    for ((day, file), count) in counts {
        let Some(project) = projects.get(file) else { continue };
        add_one(c, ADD, (*file, *day), *count)?;
        *sums.entry((*project, *day)).or_default() += count;
    }
    for (place, count) in sums {
        add_one(c, ADD_SUM, place, count)?;
    }
    Ok(())
}

/// Notes what a file is, unless that is noted or the file is gone. Before a mirrored file leaves,
/// this makes sure that who has got it can be found.
pub fn note(c: &mut Conn, file: FileId) -> QueryResult<usize> {
    let sql = if file.get() < 0 { NOTE_MIRRORED } else { NOTE_FILE };
    sql_query(sql).bind::<BigInt, _>(file.get()).execute(c)
}

fn add_one(c: &mut Conn, sql: &str, (id, day): (i64, Time), count: i64) -> QueryResult<usize> {
    sql_query(sql)
        .bind::<BigInt, _>(id)
        .bind::<Timestamp, _>(day)
        .bind::<BigInt, _>(count)
        .execute(c)
}

/// Adds single downloads, whose files are noted by their counts. One of a file that was gone before
/// it could be noted is nothing that could be found again.
pub(super) fn keep(c: &mut Conn, pulls: &[Pull]) -> QueryResult<()> {
    for pull in pulls {
        let noted = download_files::table.find(pull.file).select(download_files::file_id);
        if noted.first::<FileId>(c).optional()?.is_none() {
            continue;
        }
        let row = NewDownload {
            file_id: pull.file,
            username: &pull.username,
            token_id: pull.token,
            at: pull.at,
            ip: pull.ip.as_deref(),
            user_agent: pull.agent.as_deref(),
        };
        diesel::insert_into(downloads::table).values(row).execute(c)?;
    }
    Ok(())
}

/// Removes single downloads of more than so many days ago. Returns how many. May be stopped at any
/// moment and may run twice at the same time.
pub async fn forget(db: &Db, keep: Count, now: Time) -> Result<usize> {
    let before = now - DAY * keep.0;
    let mut removed = 0;
    loop {
        let some = db.write(move |c| Ok(forget_some(c, before)?)).await?;
        removed += some;
        if some == 0 {
            return Ok(removed);
        }
    }
}

fn forget_some(c: &mut Conn, before: Time) -> QueryResult<usize> {
    let old = downloads::table.filter(downloads::at.lt(before)).order(downloads::at);
    let last: Vec<Time> = old.select(downloads::at).offset(AT_ONCE - 1).limit(1).load(c)?;
    // Where fewer are left, these are all.
    let until = last.first().copied();
    match until {
        Some(until) => diesel::delete(downloads::table.filter(downloads::at.le(until))).execute(c),
        None => diesel::delete(downloads::table.filter(downloads::at.lt(before))).execute(c),
    }
}
