//! Small changes and questions in words of SQL that every connection prepares once, and finds again by the
//! type of what tells the words. Diesel prepares its own updates, and what is given to `sql_query`, anew each
//! time, which costs more than a change of one row. The same holds for rows to insert in which a missing
//! value would become the column's default; ours say with `treat_none_as_default_value = false` that it is null.

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

/// Tells the SQL of a statement: a closure that captures nothing, written where the statement is run, as
/// `|| "DELETE FROM links WHERE user_id = ?"`. It has a type of its own, and by that type alone a
/// connection knows what it has prepared: the words must always be the same, and so must the kind of the
/// value at each place, which PostgreSQL is told once.
pub trait Words: Fn() -> &'static str + Copy + 'static {}

impl<W: Fn() -> &'static str + Copy + 'static> Words for W {}

/// Runs one that changes rows, in SQL that both databases read. Returns how many rows it changed.
pub fn execute(c: &mut Conn, words: impl Words, values: &[Value<'_>]) -> QueryResult<usize> {
    native!(c, |c| ExecuteDsl::execute(Statement::new(words, Bound::all(values, c)), c))
}

/// Runs one that reads rows of the columns `S`, which nothing compares with what the SQL says.
pub fn load<'q, 'v, S, R, W: Words>(
    c: &mut Conn,
    words: W,
    values: &[Value<'v>],
) -> QueryResult<Vec<R>>
where
    Rows<'v, S, W>: LoadQuery<'q, PgConnection, R> + LoadQuery<'q, SqliteConnection, R>,
{
    native!(c, |c| {
        let statement = Statement::new(words, Bound::all(values, c));
        RunQueryDsl::load(Rows::<S, W>(statement, PhantomData), c)
    })
}

struct Statement<'a, W> {
    /// With [`PLACE`] for each value, and for nothing else.
    words: W,
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

impl<'a, W: Words> Statement<'a, W> {
    fn new(words: W, values: Vec<Bound<'a>>) -> Self {
        // One that captures something could tell other words each time.
        const { assert!(size_of::<W>() == 0, "what tells the words of a statement captures nothing") }
        Self { words, values }
    }
}

/// The rows that a statement reads.
pub struct Rows<'a, S, W>(Statement<'a, W>, PhantomData<S>);

/// Found again by the type of its words.
impl<S: 'static, W: Words> QueryId for Rows<'_, S, W> {
    type QueryId = Rows<'static, S, W>;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<S: SqlType, W> Query for Rows<'_, S, W> {
    type SqlType = S;
}

impl<S, W, C> RunQueryDsl<C> for Rows<'_, S, W> {}

impl<'a, S, W, DB: Backend> QueryFragment<DB> for Rows<'a, S, W>
where
    Statement<'a, W>: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}

/// As those that read rows.
impl<W: Words> QueryId for Statement<'_, W> {
    type QueryId = Statement<'static, W>;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<W: Words, DB> QueryFragment<DB> for Statement<'_, W>
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text> + HasSqlType<Timestamp>,
    i64: ToSql<BigInt, DB>,
    str: ToSql<Text, DB>,
    for<'t> Option<&'t str>: ToSql<Nullable<Text>, DB>,
    Time: ToSql<Timestamp, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut values = self.values.iter();
        let mut parts = (self.words)().split(PLACE);
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
    fn each_statement_has_its_own_words() -> Result<(), Box<dyn std::error::Error>> {
        fn told(c: &mut Conn, words: impl Words) -> QueryResult<Vec<(String, String)>> {
            load::<(Text, Text), _, _>(c, words, &[Value::Text("x")])
        }
        let c = &mut Conn::Sqlite(SqliteConnection::establish(":memory:")?);
        let pair = |one: &str| vec![(one.to_owned(), "x".to_owned())];
        for _ in 0..2 {
            assert_eq!(told(c, || "SELECT 'a', ?")?, pair("a"));
            assert_eq!(told(c, || "SELECT 'b', ?")?, pair("b"));
            let two = [Value::Text("x"), Value::Text("y")];
            assert!(
                load::<(Text, Text), (String, String), _>(c, || "SELECT 'c', ?", &two).is_err()
            );
        }
        Ok(())
    }

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
