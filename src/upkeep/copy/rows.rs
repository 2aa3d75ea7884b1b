//! All rows, in one transaction.

use std::collections::BTreeMap;

use super::cells::{Cell, Table};
use super::tables::TABLES;
use super::unused;
use crate::catalog::journal;
use crate::db::{Conn, Db};
use crate::error::Result;
use crate::time;
use crate::upkeep::progress::Progress;
use crate::upkeep::text::{execute, subjects};

/// How many rows the tables have, and where the journal is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// The last serial.
    pub(super) serial: i64,
    /// Rows by table.
    pub(super) counts: BTreeMap<String, u64>,
}

impl Sums {
    pub(super) fn total(&self) -> u64 {
        self.counts.values().sum()
    }
}

/// Counts the rows of all tables that are copied.
pub(super) fn count(c: &mut Conn) -> Result<Sums> {
    let each: Vec<_> = TABLES
        .iter()
        .map(|name| format!("SELECT '{name} ' || CAST(COUNT(*) AS TEXT) AS subject FROM {name}"))
        .collect();
    let lines = subjects(c, &each.join(" UNION ALL "))?;
    let counts = lines.iter().filter_map(|line| {
        let (name, count) = line.split_once(' ')?;
        Some((name.to_owned(), count.parse().ok()?))
    });
    Ok(Sums { serial: journal::last_serial(c)?, counts: counts.collect() })
}

/// Copies all tables into a database that [`unused::check`] lets pass; what is in there goes.
pub(super) fn copy(source: &mut Conn, target: &mut Conn, progress: &dyn Progress) -> Result<Sums> {
    for c in [&mut *source, &mut *target] {
        take_time(c)?;
    }
    journal::lock(target)?;
    unused::check(target)?;
    for name in TABLES.iter().rev() {
        execute(target, &format!("DELETE FROM {name}"))?;
    }
    let mut sums = Sums { serial: journal::last_serial(source)?, ..Sums::default() };
    for name in TABLES {
        let count = copy_table(source, target, name, progress)?;
        sums.counts.insert(name.to_owned(), count);
    }
    for (name, last) in last_ids(source)? {
        set_last_id(target, &name, last)?;
    }
    unused::note(target, &sums, time::now())?;
    Ok(sums)
}

/// What takes minutes is not ended after one, as questions of visitors are.
fn take_time(c: &mut Conn) -> Result<()> {
    if matches!(c, Conn::Postgresql(_)) {
        execute(c, "SET LOCAL statement_timeout = 0")?;
        execute(c, "SET LOCAL idle_in_transaction_session_timeout = 0")?;
    }
    Ok(())
}

fn copy_table(
    source: &mut Conn,
    target: &mut Conn,
    name: &'static str,
    progress: &dyn Progress,
) -> Result<u64> {
    /// So many bytes of rows are held at once, however long their texts are.
    const HEAVIEST: usize = 4 * 1024 * 1024;
    let table = Table::read(source, name)?;
    let (most, mut count, mut weight) = (table.rows_at_once(), 0, 0);
    let mut waiting: Vec<Vec<Cell>> = Vec::new();
    table.each(source, |row| {
        weight += row.iter().map(Cell::weight).sum::<usize>();
        waiting.push(row);
        count += 1;
        if waiting.len() == most || weight > HEAVIEST {
            table.insert(target, &waiting)?;
            progress.step(waiting.len() as u64);
            waiting.clear();
            weight = 0;
        }
        Ok(())
    })?;
    table.insert(target, &waiting)?;
    progress.step(waiting.len() as u64);
    Ok(count)
}

/// The last id that each table gave out, which may be that of a row that is gone: no id is given
/// out twice.
fn last_ids(c: &mut Conn) -> Result<Vec<(String, i64)>> {
    let sql = match c {
        Conn::Sqlite(_) => {
            "SELECT name || ' ' || CAST(seq AS TEXT) AS subject FROM sqlite_sequence"
        }
        Conn::Postgresql(_) => {
            "SELECT table_name || ' ' || COALESCE(pg_sequence_last_value( \
             pg_get_serial_sequence(table_name, column_name)::regclass), 0) AS subject \
             FROM information_schema.columns \
             WHERE table_schema = CURRENT_SCHEMA() AND is_identity = 'YES'"
        }
    };
    let line = |line: String| {
        let (name, last) = line.split_once(' ')?;
        Some((name.to_owned(), last.parse().ok()?))
    };
    let lines = subjects(c, sql)?.into_iter().filter_map(line);
    Ok(lines.filter(|(name, _)| TABLES.contains(&name.as_str())).collect())
}

fn set_last_id(c: &mut Conn, name: &str, last: i64) -> Result<()> {
    if last < 1 {
        return Ok(());
    }
    match c {
        Conn::Postgresql(_) => {
            let sql = format!("SELECT setval(pg_get_serial_sequence('{name}', 'id'), {last})");
            execute(c, &sql)?;
        }
        Conn::Sqlite(_) => {
            execute(c, &format!("DELETE FROM sqlite_sequence WHERE name = '{name}'"))?;
            let sql = format!("INSERT INTO sqlite_sequence (name, seq) VALUES ('{name}', {last})");
            execute(c, &sql)?;
        }
    }
    Ok(())
}

/// Counts again what arrived.
pub(super) async fn verify(target: &Db, sums: &Sums) -> Result<Vec<String>> {
    let found = target.read(count).await?;
    let mut wrong = Vec::new();
    for (name, expected) in &sums.counts {
        let there = found.counts.get(name).copied().unwrap_or_default();
        if there != *expected {
            wrong.push(format!("{name} has {there} rows instead of {expected}"));
        }
    }
    if found.serial != sums.serial {
        wrong.push(format!("the journal is at {} instead of {}", found.serial, sums.serial));
    }
    Ok(wrong)
}
