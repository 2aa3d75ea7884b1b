//! Whether a database may be filled: it is empty, or a copy that nobody has used.

use diesel::OptionalExtension;
use diesel::prelude::*;

use super::rows::{self, Sums};
use crate::db::schema::unused_copies::dsl;
use crate::db::{Conn, Db};
use crate::error::{Error, Kind, Result};
use crate::time::Time;

/// The one row.
const ROW: i64 = 1;
/// What a database has once somebody uses it.
const SIGNS: [&str; 5] = ["users", "projects", "journal", "mirror_pages", "mirror_rules"];

/// Refuses a database that somebody uses.
pub(super) fn check(c: &mut Conn) -> Result<()> {
    let sums = rows::count(c)?;
    let noted: Option<String> = dsl::unused_copies.select(dsl::counts).first(c).optional()?;
    let is_unused_copy = noted.is_some_and(|noted| Some(noted) == written(&sums));
    let is_empty = SIGNS.iter().all(|table| sums.counts.get(*table) == Some(&0));
    if is_unused_copy || is_empty {
        return Ok(());
    }
    let words = "the database to copy to is in use: it has accounts or projects; give \
                 an empty one";
    Err(Error::new(Kind::Conflict, "Not empty", words))
}

/// Notes that a copy was made, as the last act of its transaction.
pub(super) fn note(c: &mut Conn, sums: &Sums, now: Time) -> Result<()> {
    diesel::delete(dsl::unused_copies).execute(c)?;
    let row = (
        dsl::id.eq(ROW),
        dsl::made_at.eq(now),
        dsl::serial.eq(sums.serial),
        dsl::counts.eq(written(sums).unwrap_or_default()),
    );
    diesel::insert_into(dsl::unused_copies).values(row).execute(c)?;
    Ok(())
}

/// The counts as text, the same for the same counts.
fn written(sums: &Sums) -> Option<String> {
    serde_json::to_string(&sums.counts).ok()
}

/// Notes that a server runs on this database: from now on no copy may replace it.
pub async fn take_into_use(db: &Db) -> Result<()> {
    let is_copy = db.read(|c| Ok(dsl::unused_copies.count().get_result::<i64>(c)? > 0)).await?;
    if is_copy && db.is_writable() {
        db.write(|c| Ok(diesel::delete(dsl::unused_copies).execute(c)?)).await?;
    }
    Ok(())
}
