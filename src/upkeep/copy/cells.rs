//! Rows of any table, read from one database and written to the other with the types of the
//! schema: what SQLite keeps as text or number and PostgreSQL as a type of its own comes over as
//! the same value.

use diesel::backend::Backend;
use diesel::connection::DefaultLoadingMode;
use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::pg::{Pg, PgRowByRowLoadingMode};
use diesel::prelude::*;
use diesel::row::{Field, NamedRow};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text, Timestamp};
use diesel::sqlite::Sqlite;

use crate::db::Conn;
use crate::error::{Error, Result};
use crate::time::Time;
use crate::upkeep::text::subjects;

/// A query with all values bound, for one database.
macro_rules! bound {
    ($sql:expr, $rows:expr, $backend:ty) => {{
        let mut query = sql_query($sql).into_boxed::<$backend>();
        for cell in $rows.iter().flatten() {
            query = match cell {
                Cell::Number(it) => query.bind::<Nullable<BigInt>, _>(*it),
                Cell::Truth(it) => query.bind::<Nullable<Bool>, _>(*it),
                Cell::Text(it) => query.bind::<Nullable<Text>, _>(it.as_deref()),
                Cell::Time(it) => query.bind::<Nullable<Timestamp>, _>(*it),
                Cell::Bytes(it) => query.bind::<Nullable<Binary>, _>(it.as_deref()),
            };
        }
        query
    }};
}
/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Number(Option<i64>),
    Truth(Option<bool>),
    Text(Option<String>),
    Time(Option<Time>),
    Bytes(Option<Vec<u8>>),
}

impl Cell {
    /// About how much memory it takes.
    pub(super) fn weight(&self) -> usize {
        let more = match self {
            Self::Text(Some(text)) => text.len(),
            Self::Bytes(Some(bytes)) => bytes.len(),
            _ => 0,
        };
        size_of::<Self>() + more
    }
}

/// A type of column, as it stands before the number of the column in the names of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Number,
    Truth,
    Text,
    Time,
    Bytes,
}

impl Type {
    /// The type as the database calls it.
    fn parse(words: &str) -> Option<Self> {
        match words {
            "integer" | "bigint" => Some(Self::Number),
            "boolean" => Some(Self::Truth),
            "text" => Some(Self::Text),
            "blob" | "bytea" => Some(Self::Bytes),
            "timestamp" | "timestamp without time zone" => Some(Self::Time),
            _ => None,
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Number => 'n',
            Self::Truth => 'b',
            Self::Text => 't',
            Self::Time => 'w',
            Self::Bytes => 'y',
        }
    }
}

/// A table with its columns, in the order of the source.
pub(super) struct Table {
    name: &'static str,
    columns: Vec<(String, Type)>,
}

impl Table {
    /// Reads its columns.
    pub(super) fn read(c: &mut Conn, name: &'static str) -> Result<Self> {
        let sql = match c {
            Conn::Sqlite(_) => format!(
                "SELECT name || ' ' || LOWER(type) AS subject FROM pragma_table_info('{name}') \
                 ORDER BY cid"
            ),
            Conn::Postgresql(_) => format!(
                "SELECT column_name || ' ' || data_type AS subject FROM information_schema.columns \
                 WHERE table_schema = CURRENT_SCHEMA() AND table_name = '{name}' \
                 ORDER BY ordinal_position"
            ),
        };
        let unknown = |line: &str| {
            let words = format!("{line:?} is a column of a type that is not known");
            Error::internal(format!("looking at the table {name}"), words)
        };
        let column = |line: String| {
            let (column, kind) = line.split_once(' ').ok_or_else(|| unknown(&line))?;
            let kind = Type::parse(kind).ok_or_else(|| unknown(&line))?;
            Ok((column.to_owned(), kind))
        };
        let columns = subjects(c, &sql)?.into_iter().map(column).collect::<Result<Vec<_>>>()?;
        Ok(Self { name, columns })
    }

    /// How many rows are written at once: statements of either database take some ten thousand
    /// values.
    pub(super) fn rows_at_once(&self) -> usize {
        const VALUES: usize = 10_000;
        (VALUES / self.columns.len().max(1)).max(1)
    }

    /// Hands on every row, without holding more than one.
    pub(super) fn each(
        &self,
        c: &mut Conn,
        mut work: impl FnMut(Vec<Cell>) -> Result<()>,
    ) -> Result<()> {
        let columns = self.columns.iter().enumerate();
        let columns: Vec<_> = columns
            .map(|(at, (column, kind))| format!("\"{column}\" AS {}{at}", kind.letter()))
            .collect();
        let query = sql_query(format!("SELECT {} FROM {}", columns.join(", "), self.name));
        match c {
            Conn::Postgresql(c) => {
                let rows = query.load_iter::<Row, PgRowByRowLoadingMode>(c)?;
                rows.into_iter().try_for_each(|row| work(row?.0))
            }
            Conn::Sqlite(c) => {
                let rows = query.load_iter::<Row, DefaultLoadingMode>(c)?;
                rows.into_iter().try_for_each(|row| work(row?.0))
            }
        }
    }

    /// Writes rows.
    pub(super) fn insert(&self, c: &mut Conn, rows: &[Vec<Cell>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let sql = self.insertion(rows.len());
        match c {
            Conn::Postgresql(c) => bound!(sql, rows, Pg).execute(c)?,
            Conn::Sqlite(c) => bound!(sql, rows, Sqlite).execute(c)?,
        };
        Ok(())
    }

    fn insertion(&self, rows: usize) -> String {
        let names: Vec<_> = self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let width = self.columns.len();
        let values = |row: usize| {
            let numbers = (1..=width).map(|column| format!("${}", row * width + column));
            format!("({})", numbers.collect::<Vec<_>>().join(", "))
        };
        let values: Vec<_> = (0..rows).map(values).collect();
        let (names, values) = (names.join(", "), values.join(", "));
        format!("INSERT INTO {} ({names}) VALUES {values}", self.name)
    }
}

/// A row whose columns are named by their types.
struct Row(Vec<Cell>);

impl<DB: Backend> QueryableByName<DB> for Row
where
    i64: FromSql<BigInt, DB>,
    bool: FromSql<Bool, DB>,
    String: FromSql<Text, DB>,
    Time: FromSql<Timestamp, DB>,
    Vec<u8>: FromSql<Binary, DB>,
{
    fn build<'a>(row: &impl NamedRow<'a, DB>) -> deserialize::Result<Self> {
        let cell = |at: usize| -> deserialize::Result<Cell> {
            let field = diesel::row::Row::get(row, at).ok_or("a column is missing")?;
            let name = field.field_name().unwrap_or_default().to_owned();
            drop(field);
            Ok(match name.chars().next() {
                Some('n') => Cell::Number(NamedRow::get::<Nullable<BigInt>, _>(row, &name)?),
                Some('b') => Cell::Truth(NamedRow::get::<Nullable<Bool>, _>(row, &name)?),
                Some('t') => Cell::Text(NamedRow::get::<Nullable<Text>, _>(row, &name)?),
                Some('w') => Cell::Time(NamedRow::get::<Nullable<Timestamp>, _>(row, &name)?),
                Some('y') => Cell::Bytes(NamedRow::get::<Nullable<Binary>, _>(row, &name)?),
                _ => return Err(format!("{name:?} names no type").into()),
            })
        };
        (0..row.field_count()).map(cell).collect::<deserialize::Result<Vec<_>>>().map(Self)
    }
}
