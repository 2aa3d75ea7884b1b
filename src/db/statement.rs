//! Small changes in words of SQL that every connection prepares once. Diesel prepares its own updates,
//! and what is given to `sql_query`, anew each time, which costs more than a change of one row. The
//! same holds for rows to insert in which a missing value would become the column's default; ours
//! say with `treat_none_as_default_value = false` that it is null.

use diesel::QueryResult;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_dsl::methods::ExecuteDsl;
use diesel::sql_types::{BigInt, Text, Timestamp};

use super::{Conn, MultiBackend};
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
    /// A moment.
    Time(Time),
}

/// Runs one that changes rows, in SQL that both databases read. Returns how many rows it changed.
pub fn execute(c: &mut Conn, sql: &'static str, values: &[Value<'_>]) -> QueryResult<usize> {
    ExecuteDsl::execute(Statement { sql, values }, c)
}

struct Statement<'a> {
    /// With [`PLACE`] for each value, and for nothing else.
    sql: &'static str,
    values: &'a [Value<'a>],
}

/// It is found again by its text.
impl QueryId for Statement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<MultiBackend> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        let mut values = self.values.iter();
        let mut parts = self.sql.split(PLACE);
        out.push_sql(parts.next().unwrap_or_default());
        for part in parts {
            match values.next() {
                Some(Value::Number(number)) => out.push_bind_param::<BigInt, _>(number)?,
                Some(Value::Text(text)) => out.push_bind_param::<Text, _>(*text)?,
                Some(Value::Time(time)) => out.push_bind_param::<Timestamp, _>(time)?,
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
