//! Finding projects by parts of their names and summaries, as XML-RPC asks: what it finds contains
//! the very letters, in the order of names and of signs too.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use crate::db::schema::search_entries as entries;
use crate::db::{Conn, MultiBackend};
use crate::error::Result;

/// Stands before what `LIKE` would take for a wildcard.
const ESCAPE: char = '\\';

diesel::define_sql_function! {
    /// The text in lower case; SQLite knows only the letters of ASCII.
    fn lower(text: Text) -> Text;
}

type Condition = Box<dyn BoxableExpression<entries::table, MultiBackend, SqlType = Bool>>;

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Parts of project names.
    pub names: Vec<String>,
    /// Parts of the summary of the latest release.
    pub summaries: Vec<String>,
    /// Whether all must be there, or any is enough.
    pub all: bool,
}

/// A project that was found.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Found {
    /// Its name as its owner spells it.
    pub name: String,
    /// The version that stands for it.
    pub version: String,
    /// The summary of that.
    pub summary: String,
}

/// The projects that fit, by name, at most `limit`. Nothing wanted finds nothing.
pub fn find(c: &mut Conn, wanted: &Wanted, limit: i64) -> Result<Vec<Found>> {
    let Some(fits) = condition(wanted) else { return Ok(Vec::new()) };
    let rows = entries::table.filter(fits).order(entries::normalized).limit(limit);
    Ok(rows.select((entries::name, entries::version, entries::summary)).load(c)?)
}

fn condition(wanted: &Wanted) -> Option<Condition> {
    let names = wanted.names.iter().filter_map(|part| pattern(&separators_as_hyphens(part)));
    let summaries = wanted.summaries.iter().filter_map(|part| pattern(part));
    let conditions = names.map(name_like).chain(summaries.map(summary_like));
    conditions.reduce(
        |one, other| {
            if wanted.all { Box::new(one.and(other)) } else { Box::new(one.or(other)) }
        },
    )
}

fn name_like(pattern: String) -> Condition {
    Box::new(entries::normalized.like(pattern).escape(ESCAPE))
}

fn summary_like(pattern: String) -> Condition {
    Box::new(lower(entries::summary).like(pattern).escape(ESCAPE))
}

/// The pattern of `LIKE` for texts in lower case that contain this; none for nothing, and for
/// what no text in a database contains.
fn pattern(part: &str) -> Option<String> {
    let part = part.trim().to_lowercase();
    if part.is_empty() || part.contains('\0') {
        return None;
    }
    let mut pattern = String::from("%");
    for c in part.chars() {
        if matches!(c, '%' | '_' | ESCAPE) {
            pattern.push(ESCAPE);
        }
        pattern.push(c);
    }
    pattern.push('%');
    Some(pattern)
}

/// As normalized names have them: `zope.inter` is a part of `zope-interface`.
fn separators_as_hyphens(part: &str) -> String {
    let mut text = String::new();
    for c in part.chars() {
        match c {
            '-' | '_' | '.' if text.ends_with('-') => {}
            '-' | '_' | '.' => text.push('-'),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_no_wildcards() {
        assert_eq!(pattern(" 100%_\\ Sure ").as_deref(), Some("%100\\%\\_\\\\ sure%"));
        assert_eq!(pattern("  "), None);
        assert_eq!(pattern("a\0b"), None);
        assert_eq!(separators_as_hyphens("zope._inter"), "zope-inter");
    }
}
