//! The rows of the switches. One that is off has none.

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::site_flags as flags;
use crate::error::Result;
use crate::time::Time;

/// Which switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// Nothing is changed any more.
    ReadOnly,
    /// Every page shows a text.
    Banner,
}

impl Name {
    fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::Banner => "banner",
        }
    }
}

/// The switches that are on, with what visitors read about them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// Nothing is changed: why, possibly empty.
    pub read_only: Option<String>,
    /// What every page shows.
    pub banner: Option<String>,
}

/// All of them.
pub fn read(c: &mut Conn) -> QueryResult<Flags> {
    let rows: Vec<(String, String)> = flags::table.select((flags::name, flags::words)).load(c)?;
    let words = |name: Name| {
        let row = rows.iter().find(|(known, _)| known == name.as_str());
        row.map(|(_, words)| words.clone())
    };
    Ok(Flags { read_only: words(Name::ReadOnly), banner: words(Name::Banner) })
}

/// Switches one on with its words, or off.
pub fn set(c: &mut Conn, name: Name, words: Option<&str>, now: Time) -> QueryResult<usize> {
    diesel::delete(flags::table.find(name.as_str())).execute(c)?;
    let Some(words) = words else { return Ok(0) };
    let row = (flags::name.eq(name.as_str()), flags::words.eq(words), flags::set_at.eq(now));
    diesel::insert_into(flags::table).values(row).execute(c)
}

/// Refuses, within a transaction that is about to change something, where the switch is on: what
/// began before it came on must not end after it.
pub fn check_writable(c: &mut Conn) -> Result<()> {
    match read(c)?.read_only {
        Some(words) => Err(super::still(&words)),
        None => Ok(()),
    }
}
