//! Keeping the domains of many addresses at once, in the SQL that both databases speak.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::db::values::places;
use crate::db::{Conn, EmailId, MultiBackend};

/// Keeps the registrable domains of addresses.
pub(super) fn set_domains(c: &mut Conn, rows: &[(EmailId, String)]) -> QueryResult<usize> {
    if rows.is_empty() {
        return Ok(0);
    }
    // Both call the columns of bare values so.
    let sql = format!(
        "UPDATE emails SET domain = v.column2 FROM (VALUES {}) AS v WHERE emails.id = v.column1",
        places(c, rows.len(), 2)
    );
    let mut query = diesel::sql_query(sql).into_boxed::<MultiBackend>();
    for (id, domain) in rows {
        query = query.bind::<BigInt, _>(*id).bind::<Text, _>(domain.clone());
    }
    query.execute(c)
}
