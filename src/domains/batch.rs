//! Statements about many rows at once, in the SQL that both databases speak.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::db::{Conn, EmailId, MultiBackend};

/// The values of so many rows with so many columns: `($1, $2), ($3, $4)`. PostgreSQL counts them
/// so; SQLite takes them for names and counts in the order in which they come.
pub(super) fn placeholders(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let cells = (1..=columns).map(|column| format!("${}", row * columns + column));
        format!("({})", cells.collect::<Vec<_>>().join(","))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(",")
}

/// Keeps the registrable domains of addresses.
pub(super) fn set_domains(c: &mut Conn, rows: &[(EmailId, String)]) -> QueryResult<usize> {
    if rows.is_empty() {
        return Ok(0);
    }
    // Both call the columns of bare values so.
    let sql = format!(
        "UPDATE emails SET domain = v.column2 FROM (VALUES {}) AS v WHERE emails.id = v.column1",
        placeholders(rows.len(), 2)
    );
    let mut query = diesel::sql_query(sql).into_boxed::<MultiBackend>();
    for (id, domain) in rows {
        query = query.bind::<BigInt, _>(*id).bind::<Text, _>(domain.clone());
    }
    query.execute(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_place() {
        assert_eq!(placeholders(2, 3), "($1,$2,$3),($4,$5,$6)");
    }
}
