//! The rows of the index, and how each database is asked for those that fit.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};

use super::document::Document;
use super::expression::Expression;
use crate::db::schema::search_entries as entries;
use crate::db::{AnyConnection, Conn};
use crate::packaging::NormalizedName;
use crate::time::Time;

/// A project that may be found: what is shown of it, and what it is ranked by.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = entries)]
pub(super) struct Entry {
    pub(super) id: i64,
    pub(super) normalized: NormalizedName,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) summary: String,
    pub(super) keywords: String,
    pub(super) requires_python: Option<String>,
    pub(super) status: String,
    pub(super) updated_at: Time,
}

const COLUMNS: &str = "e.id, e.normalized, e.name, e.version, e.summary, e.keywords, \
                       e.requires_python, e.status, e.updated_at";

/// So many of the projects changed last are looked at one by one on PostgreSQL: a few milliseconds.
const LOOKED_AT: i64 = 2_000;

/// Which tokens are looked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Words of name, summary and keywords.
    Heads,
    /// Words of everything.
    Texts,
}

/// The state in which a name is in the index: the serial of its last change.
pub(super) fn known(c: &mut Conn, name: &NormalizedName) -> QueryResult<Option<i64>> {
    let row = entries::table.filter(entries::normalized.eq(name)).select(entries::id);
    row.first(c).optional()
}

/// Puts a project in, in the place of what was in of it.
pub(super) fn put(c: &mut Conn, document: &Document) -> QueryResult<()> {
    remove(c, &document.normalized)?;
    let row = (
        entries::id.eq(document.id),
        entries::normalized.eq(&document.normalized),
        entries::name.eq(&document.name),
        entries::version.eq(&document.version),
        entries::summary.eq(&document.summary),
        entries::keywords.eq(&document.keywords),
        entries::requires_python.eq(&document.requires_python),
        entries::status.eq(document.status.as_str()),
        entries::updated_at.eq(document.updated_at),
        entries::marks.eq(format!(" {} ", joined(&document.marks))),
    );
    diesel::insert_into(entries::table).values(row).execute(c)?;
    let Document { id, heads, letters, texts, .. } = document;
    match c {
        AnyConnection::Sqlite(c) => {
            sql_query("INSERT INTO search_heads (rowid, words, letters) VALUES ($1, $2, $3)")
                .bind::<BigInt, _>(id)
                .bind::<Text, _>(joined(heads))
                .bind::<Text, _>(joined(letters))
                .execute(c)?;
            sql_query("INSERT INTO search_texts (rowid, words) VALUES ($1, $2)")
                .bind::<BigInt, _>(id)
                .bind::<Text, _>(joined(texts))
                .execute(c)?;
        }
        AnyConnection::Postgresql(c) => {
            let sql = "INSERT INTO search_tokens (id, heads, letters, texts) \
                       VALUES ($1, $2::tsvector, $3::tsvector, $4::tsvector)";
            sql_query(sql)
                .bind::<BigInt, _>(id)
                .bind::<Text, _>(quoted(heads))
                .bind::<Text, _>(quoted(letters))
                .bind::<Text, _>(quoted(texts))
                .execute(c)?;
        }
    }
    Ok(())
}

/// Takes a project out, if it is in.
pub(super) fn remove(c: &mut Conn, name: &NormalizedName) -> QueryResult<()> {
    let own = entries::table.filter(entries::normalized.eq(name));
    let id: Option<i64> = diesel::delete(own).returning(entries::id).get_result(c).optional()?;
    let Some(id) = id else { return Ok(()) };
    let tables: &[&str] = match c {
        AnyConnection::Sqlite(_) => &[
            "DELETE FROM search_heads WHERE rowid = $1",
            "DELETE FROM search_texts WHERE rowid = $1",
        ],
        AnyConnection::Postgresql(_) => &["DELETE FROM search_tokens WHERE id = $1"],
    };
    for sql in tables {
        sql_query(*sql).bind::<BigInt, _>(id).execute(c)?;
    }
    Ok(())
}

/// Takes everything out.
pub(super) fn clear(c: &mut Conn) -> QueryResult<()> {
    diesel::delete(entries::table).execute(c)?;
    let tables: &[&str] = match c {
        // A table without content of its own is emptied by a command of its own.
        AnyConnection::Sqlite(_) => &[
            "INSERT INTO search_heads (search_heads) VALUES ('delete-all')",
            "INSERT INTO search_texts (search_texts) VALUES ('delete-all')",
        ],
        AnyConnection::Postgresql(_) => &["DELETE FROM search_tokens"],
    };
    for sql in tables {
        sql_query(*sql).execute(c)?;
    }
    Ok(())
}

/// Projects whose words fit, of those with an id from `from` on, at most `limit`: the last changed
/// ones where that is too few. (On PostgreSQL those that it comes across first: it would have to
/// go through all to know which are the last.)
pub(super) fn by_words(
    c: &mut Conn,
    place: Place,
    wanted: &Expression,
    from: i64,
    limit: i64,
) -> QueryResult<Vec<Entry>> {
    let fits = match (&*c, place) {
        (AnyConnection::Sqlite(_), Place::Heads) => format!("words : {}", wanted.fts5()),
        (AnyConnection::Sqlite(_), Place::Texts) => wanted.fts5(),
        (AnyConnection::Postgresql(_), _) => wanted.tsquery(),
    };
    let (table, column) = match place {
        Place::Heads => ("search_heads", "heads"),
        Place::Texts => ("search_texts", "texts"),
    };
    match c {
        AnyConnection::Sqlite(c) => lite(c, table, &fits, from, limit),
        AnyConnection::Postgresql(c) => {
            settle(c)?;
            if place == Place::Heads {
                let found = postgres(c, &RECENT, &fits, from, limit)?;
                if i64::try_from(found.len()) == Ok(limit) {
                    return Ok(found);
                }
            }
            let condition = format!("{column} @@ $1::tsquery");
            postgres(c, &everywhere(&condition), &fits, from, limit)
        }
    }
}

/// Projects whose names have these pieces, and which have all these marks; otherwise as
/// [`by_words`].
pub(super) fn by_letters(
    c: &mut Conn,
    wanted: &Expression,
    marks: &[String],
    from: i64,
    limit: i64,
) -> QueryResult<Vec<Entry>> {
    let marks = Expression::all_of(marks);
    match c {
        AnyConnection::Sqlite(c) => {
            let mut fits = format!("letters : {}", wanted.fts5());
            if let Some(marks) = marks {
                fits = format!("({fits}) AND (words : {})", marks.fts5());
            }
            lite(c, "search_heads", &fits, from, limit)
        }
        AnyConnection::Postgresql(c) => {
            let mut condition = "letters @@ $1::tsquery".to_owned();
            if let Some(marks) = marks {
                // Made of hexadecimal digits and quotes that belong to the query in a text.
                let marks = marks.tsquery().replace('\'', "''");
                condition = format!("{condition} AND heads @@ '{marks}'::tsquery");
            }
            settle(c)?;
            postgres(c, &everywhere(&condition), &wanted.tsquery(), from, limit)
        }
    }
}

fn lite(
    c: &mut SqliteConnection,
    table: &str,
    fits: &str,
    from: i64,
    limit: i64,
) -> QueryResult<Vec<Entry>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM (SELECT rowid AS id FROM {table} WHERE {table} MATCH $1 \
         AND rowid >= $2 ORDER BY rowid DESC LIMIT $3) AS f JOIN search_entries AS e ON e.id = f.id"
    );
    let query = sql_query(sql).bind::<Text, _>(fits);
    query.bind::<BigInt, _>(from).bind::<BigInt, _>(limit).load(c)
}

/// Among the projects changed last: where a word is so common that enough of them have it, there is
/// no need for the index, which would first make a list of all projects with it.
static RECENT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT id FROM (SELECT id, heads FROM search_tokens WHERE id >= $2 ORDER BY id DESC \
         LIMIT {LOOKED_AT}) AS recent WHERE heads @@ $1::tsquery LIMIT $3"
    )
});

/// Among all, by the index of the tokens. `id + 0`: that of the ids would lead through all rows.
fn everywhere(condition: &str) -> String {
    format!("SELECT id FROM search_tokens WHERE {condition} AND id + 0 >= $2 LIMIT $3")
}

/// The projects whose ids a query finds.
fn postgres(
    c: &mut PgConnection,
    ids: &str,
    fits: &str,
    from: i64,
    limit: i64,
) -> QueryResult<Vec<Entry>> {
    let sql = format!(
        "WITH f AS MATERIALIZED ({ids}) \
         SELECT {COLUMNS} FROM f JOIN search_entries AS e ON e.id = f.id"
    );
    let query = sql_query(sql).bind::<Text, _>(fits);
    query.bind::<BigInt, _>(from).bind::<BigInt, _>(limit).load(c)
}

/// For the rest of the transaction: where many rows fit, PostgreSQL would go through the table and
/// unpack the tokens of each row, although its index has the answer.
fn settle(c: &mut PgConnection) -> QueryResult<usize> {
    sql_query("SET LOCAL enable_seqscan = off").execute(c)
}

/// Projects whose normalized names begin so, by name, which have all these marks.
pub(super) fn by_start(
    c: &mut Conn,
    start: &str,
    marks: &[String],
    limit: i64,
) -> QueryResult<Vec<Entry>> {
    /// Behind all letters of normalized names.
    const LAST: char = '~';
    let mut rows = entries::table
        .filter(entries::normalized.ge(start).and(entries::normalized.lt(format!("{start}{LAST}"))))
        .order(entries::normalized)
        .limit(limit)
        .select(Entry::as_select())
        .into_boxed();
    for mark in marks {
        rows = rows.filter(entries::marks.like(format!("% {mark} %")));
    }
    rows.load(c)
}

/// The projects changed last of those with an id from `from` on, at most `limit`.
pub(super) fn latest(c: &mut Conn, from: i64, limit: i64) -> QueryResult<Vec<Entry>> {
    let rows = entries::table.filter(entries::id.ge(from)).order(entries::id.desc()).limit(limit);
    rows.select(Entry::as_select()).load(c)
}

/// The least id of a project that was updated at or after `since`.
pub(super) fn first_since(c: &mut Conn, since: Time) -> QueryResult<Option<i64>> {
    let rows = entries::table.filter(entries::updated_at.ge(since));
    rows.select(diesel::dsl::min(entries::id)).first(c)
}

/// Versions and summaries of these projects, as far as they are known.
pub(super) fn of(
    c: &mut Conn,
    names: &[NormalizedName],
) -> QueryResult<Vec<(NormalizedName, String, String)>> {
    let rows = entries::table.filter(entries::normalized.eq_any(names.to_vec()));
    rows.select((entries::normalized, entries::version, entries::summary)).load(c)
}

fn joined(tokens: &BTreeSet<String>) -> String {
    let tokens: Vec<_> = tokens.iter().map(String::as_str).collect();
    tokens.join(" ")
}

/// As a `tsvector` is written.
fn quoted(tokens: &BTreeSet<String>) -> String {
    let tokens: Vec<_> = tokens.iter().map(|token| format!("'{token}'")).collect();
    tokens.join(" ")
}
