//! Small changes and questions in words of SQL that every connection prepares once. Diesel prepares
//! its own updates, and what is given to `sql_query`, anew each time, which costs more than a change
//! of one row. The same holds for rows to insert in which a missing value would become the column's default; ours
//! say with `treat_none_as_default_value = false` that it is null.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::LoadQuery;
use diesel::query_dsl::methods::ExecuteDsl;
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Nullable, SqlType, Text, Timestamp};
use diesel::{PgConnection, QueryResult, RunQueryDsl, SqliteConnection};

use super::{Conn, native};
use crate::time::Time;

/// The place of a value.
const PLACE: char = '?';

/// A value at its place.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// An id or a number.
    Number(i64),
    /// A text.
    Text(&'a str),
    /// A text, or none.
    Maybe(Option<&'a str>),
    /// A moment.
    Time(Time),
}

/// Runs one that changes rows, in SQL that both databases read. Returns how many rows it changed.
pub fn execute(c: &mut Conn, sql: &'static str, values: &[Value<'_>]) -> QueryResult<usize> {
    native!(c, |c| ExecuteDsl::execute(Statement::new(sql, Bound::all(values, c)), c))
}

/// Runs one that reads rows of the columns `S`, which nothing compares with what the SQL says.
pub fn load<'q, 'v, S, R>(
    c: &mut Conn,
    sql: &'static str,
    values: &[Value<'v>],
) -> QueryResult<Vec<R>>
where
    Rows<'v, S>: LoadQuery<'q, PgConnection, R> + LoadQuery<'q, SqliteConnection, R>,
{
    native!(c, |c| {
        let statement = Statement::new(sql, Bound::all(values, c));
        RunQueryDsl::load(Rows::<S>(statement, PhantomData), c)
    })
}

struct Statement<'a> {
    /// With [`PLACE`] for each value, and for nothing else.
    sql: &'static str,
    values: Vec<Bound<'a>>,
}

/// A value as it is handed to a database.
enum Bound<'a> {
    Value(Value<'a>),
    /// The words for a moment.
    Moment(String),
}

/// How a database takes values.
trait Takes {
    fn bound(value: Value<'_>) -> Bound<'_>;
}

impl Takes for PgConnection {
    fn bound(value: Value<'_>) -> Bound<'_> {
        Bound::Value(value)
    }
}

impl Takes for SqliteConnection {
    /// SQLite keeps moments as texts. These are those that diesel makes by a pattern, which it reads anew
    /// for each.
    fn bound(value: Value<'_>) -> Bound<'_> {
        match value {
            Value::Time(time) => Bound::Moment(time.to_string()),
            other => Bound::Value(other),
        }
    }
}

impl<'a> Bound<'a> {
    fn all<C: Takes>(values: &[Value<'a>], _: &C) -> Vec<Self> {
        values.iter().map(|value| C::bound(*value)).collect()
    }
}

impl<'a> Statement<'a> {
    fn new(sql: &'static str, values: Vec<Bound<'a>>) -> Self {
        Self { sql, values }
    }
}

/// The rows that a statement reads.
pub struct Rows<'a, S>(Statement<'a>, PhantomData<S>);

impl<S> QueryId for Rows<'_, S> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S: SqlType> Query for Rows<'_, S> {
    type SqlType = S;
}

impl<S, C> RunQueryDsl<C> for Rows<'_, S> {}

impl<'a, S, DB: Backend> QueryFragment<DB> for Rows<'a, S>
where
    Statement<'a>: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}

/// It is found again by its text.
impl QueryId for Statement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB> QueryFragment<DB> for Statement<'_>
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text> + HasSqlType<Timestamp>,
    i64: ToSql<BigInt, DB>,
    str: ToSql<Text, DB>,
    for<'t> Option<&'t str>: ToSql<Nullable<Text>, DB>,
    Time: ToSql<Timestamp, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut values = self.values.iter();
        let mut parts = self.sql.split(PLACE);
        out.push_sql(parts.next().unwrap_or_default());
        for part in parts {
            match values.next() {
                Some(Bound::Value(Value::Number(it))) => out.push_bind_param::<BigInt, _>(it)?,
                Some(Bound::Value(Value::Text(it))) => out.push_bind_param::<Text, _>(*it)?,
                Some(Bound::Value(Value::Maybe(it))) => {
                    out.push_bind_param::<Nullable<Text>, _>(it)?;
                }
                Some(Bound::Value(Value::Time(it))) => out.push_bind_param::<Timestamp, _>(it)?,
                Some(Bound::Moment(it)) => out.push_bind_param::<Text, _>(it.as_str())?,
                None => return Err(wrong_number()),
            }
            out.push_sql(part);
        }
        if values.next().is_some() {
            return Err(wrong_number());
        }
        Ok(())
    }
}

fn wrong_number() -> diesel::result::Error {
    diesel::result::Error::QueryBuilderError("a statement has not as many places as values".into())
}

#[cfg(test)]
mod tests {
    use diesel::dsl::select;
    use diesel::{Connection, IntoSql};

    use super::*;
    use crate::time;

    #[test]
    fn moments_have_the_words_that_diesel_gives_them() -> Result<(), Box<dyn std::error::Error>> {
        let mut conn = SqliteConnection::establish(":memory:")?;
        for nanoseconds in [0, 1_000, 120_000_000, 123_456_000, 999_999_999] {
            let moment =
                time::from_unix(1_800_000_000) + std::time::Duration::from_nanos(nanoseconds);
            let Bound::Moment(words) = SqliteConnection::bound(Value::Time(moment)) else {
                return Err("a moment has no words".into());
            };
            let same = words.clone().into_sql::<Text>();
            let diesels =
                diesel::dsl::sql::<Text>("CAST(").bind::<Timestamp, _>(moment).sql(" AS TEXT)");
            let (ours, diesels) =
                select((same, diesels)).get_result::<(String, String)>(&mut conn)?;
            assert_eq!(ours, diesels);
            assert_eq!(ours, words);
        }
        Ok(())
    }
}
