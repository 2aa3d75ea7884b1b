//! File names that were ever published: none of them is used again.

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::file_names;
use crate::packaging::{Filename, NormalizedName};
use crate::time::Time;

/// Whether a file of that name was ever published.
pub fn was_used(c: &mut Conn, filename: &Filename) -> QueryResult<bool> {
    let row = file_names::table.find(filename.as_str()).select(file_names::filename);
    row.first::<String>(c).optional().map(|found| found.is_some())
}

/// Notes that it is used from now on; a second time is a unique violation.
pub fn note(
    c: &mut Conn,
    filename: &Filename,
    project: &NormalizedName,
    now: Time,
) -> QueryResult<usize> {
    let row = (
        file_names::filename.eq(filename.as_str()),
        file_names::project.eq(project.as_str()),
        file_names::first_used_at.eq(now),
    );
    diesel::insert_into(file_names::table).values(row).execute(c)
}
