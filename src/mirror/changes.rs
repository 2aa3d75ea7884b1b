//! Following what others change of what the mirror shows: rules, and which names are listed.

use std::sync::Arc;

use diesel::prelude::*;

use crate::db::schema::mirror_changes;
use crate::db::{Conn, Db};
use crate::simple::PageCache;

/// How often anything changed so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = mirror_changes)]
pub struct Changes {
    /// Rules, and who may use which name here.
    pub serial: i64,
    /// Names that are listed.
    pub names: i64,
}

impl Changes {
    /// Reads it.
    pub fn read(c: &mut Conn) -> QueryResult<Self> {
        mirror_changes::table.select(Self::as_select()).first(c)
    }

    /// Grows with each change of either kind.
    pub fn sum(self) -> i64 {
        self.serial.saturating_add(self.names)
    }
}

/// Follows the changes for ever. That the database does not answer is said by who follows the
/// journal.
pub async fn follow(db: Db, pages: Arc<PageCache>) {
    let mut seen: Option<Changes> = None;
    let mut news = db.news();
    loop {
        news.next().await;
        let Ok(now) = db.read(|c| Ok(Changes::read(c)?)).await else {
            news.read_again();
            continue;
        };
        // Pages read before the first look may lack a change that it includes.
        if seen.is_none_or(|seen| seen.serial != now.serial) {
            pages.rules_changed();
        }
        if seen.is_some_and(|seen| seen.names != now.names) {
            pages.names_changed();
        }
        seen = Some(now);
    }
}
