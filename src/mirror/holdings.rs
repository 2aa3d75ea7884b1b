//! What the mirror holds.

use diesel::dsl::{count_star, max, min};
use diesel::prelude::*;

use super::file::{METADATA_SUFFIX, Totals};
use crate::db::Conn;
use crate::db::schema::{mirror_files, mirror_pages};
use crate::packaging::NormalizedName;
use crate::time::Time;

/// What the mirror holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holdings {
    /// The pages of each index that any are of.
    pub pages: Vec<Pages>,
    /// Files, without the metadata beside them.
    pub files: i64,
    /// Of these, those that never leave to make room.
    pub pinned: i64,
    /// Bytes that are there for the mirror alone, with all metadata.
    pub bytes: i64,
}

/// The pages of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    /// Its base URL.
    pub upstream: String,
    /// How many are kept.
    pub count: i64,
    /// Of these, those about which it was asked before the moment that matters: they are asked for
    /// again when somebody needs them.
    pub overdue: i64,
    /// When it was first asked about any for the last time, and last.
    pub checked: Option<(Time, Time)>,
}

impl Holdings {
    /// Reads them. Pages that were checked before `fresh_since` are overdue.
    pub fn read(c: &mut Conn, fresh_since: Time) -> QueryResult<Self> {
        let files = || {
            mirror_files::table.filter(mirror_files::path.not_like(format!("%{METADATA_SUFFIX}")))
        };
        Ok(Self {
            pages: pages(c, fresh_since)?,
            files: files().count().get_result(c)?,
            pinned: files().filter(mirror_files::is_pinned.eq(true)).count().get_result(c)?,
            bytes: Totals::read(c)?.bytes,
        })
    }

    /// All pages.
    pub fn all_pages(&self) -> i64 {
        self.pages.iter().map(|pages| pages.count).sum()
    }
}

fn pages(c: &mut Conn, fresh_since: Time) -> QueryResult<Vec<Pages>> {
    type Row = (String, i64, Option<Time>, Option<Time>);
    let checked = (min(mirror_pages::checked_at), max(mirror_pages::checked_at));
    let rows: Vec<Row> = mirror_pages::table
        .group_by(mirror_pages::upstream)
        .select((mirror_pages::upstream, count_star(), checked.0, checked.1))
        .order(mirror_pages::upstream)
        .load(c)?;
    let mut found = Vec::new();
    for (upstream, count, first, last) in rows {
        let overdue = mirror_pages::table
            .filter(mirror_pages::upstream.eq(&upstream))
            .filter(mirror_pages::checked_at.le(fresh_since))
            .count()
            .get_result(c)?;
        found.push(Pages { upstream, count, overdue, checked: first.zip(last) });
    }
    Ok(found)
}

/// The project of an index whose page was checked last, with the ETag to ask by.
pub(super) fn last_checked(
    c: &mut Conn,
    upstream: &str,
) -> QueryResult<Option<(NormalizedName, Option<String>)>> {
    mirror_pages::table
        .filter(mirror_pages::upstream.eq(upstream))
        .order(mirror_pages::checked_at.desc())
        .select((mirror_pages::name, mirror_pages::etag))
        .first(c)
        .optional()
}
