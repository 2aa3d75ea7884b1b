//! How much there is, and projects as administrators find them: quarantined ones too.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::project::{Project, Status};
use crate::db::Conn;
use crate::db::like::{ESCAPE, containing};
use crate::db::schema::{files, projects, releases};
use crate::packaging::NormalizedName;

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Projects, quarantined ones included.
    pub projects: i64,
    /// Those that are quarantined.
    pub quarantined: i64,
    /// Releases.
    pub releases: i64,
    /// Files.
    pub files: i64,
    /// Their bytes. Files of the same content count each.
    pub bytes: i64,
}

impl Figures {
    /// Counts.
    pub fn count(c: &mut Conn) -> QueryResult<Self> {
        let quarantined = projects::status.eq(Status::Quarantined.as_str());
        // A plain sum of BIGINT has another type on PostgreSQL.
        let bytes = sql::<BigInt>("CAST(COALESCE(SUM(size), 0) AS BIGINT)");
        Ok(Self {
            projects: projects::table.count().get_result(c)?,
            quarantined: projects::table.filter(quarantined).count().get_result(c)?,
            releases: releases::table.count().get_result(c)?,
            files: files::table.count().get_result(c)?,
            bytes: files::table.select(bytes).first(c)?,
        })
    }
}

/// Projects whose name contains a text, all where it is empty, of one status if one is given: by
/// name, those behind `after`, at most `limit`.
pub fn find(
    c: &mut Conn,
    (text, status): (&str, Option<Status>),
    after: Option<&NormalizedName>,
    limit: i64,
) -> QueryResult<Vec<Project>> {
    let mut query = projects::table.select(Project::as_select()).into_boxed();
    if text.contains('\0') {
        return Ok(Vec::new());
    }
    // As normalized names have them.
    if let Some(pattern) = containing(&text.trim().replace(['_', '.'], "-")) {
        query = query.filter(projects::normalized.like(pattern).escape(ESCAPE));
    }
    if let Some(status) = status {
        query = query.filter(projects::status.eq(status.as_str()));
    }
    if let Some(after) = after {
        query = query.filter(projects::normalized.gt(after.clone()));
    }
    query.order(projects::normalized).limit(limit).load(c)
}
