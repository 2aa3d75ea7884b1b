//! The journal: one row for every change that a reader can see, with strictly increasing serials
//! in the order of commits.

use diesel::prelude::*;

use super::project::{Project, Status};
use crate::db::schema::{journal, journal_counter};
use crate::db::{Conn, ProjectId, notice};
use crate::packaging::{NormalizedName, ProjectName};
use crate::time::Time;

/// What happened to a project, in PyPI's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The project came to be.
    Create,
    /// An account got a role.
    AddRole {
        /// Which role.
        role: &'static str,
        /// Who.
        username: String,
    },
    /// Somebody was invited to a role: by name, or by an address, which readers do not learn.
    Invite {
        /// Which role.
        role: &'static str,
        /// Who; none: by an address.
        username: Option<String>,
    },
    /// An invitation was taken back.
    RevokeInvite {
        /// Which role.
        role: &'static str,
        /// Who; none: by an address.
        username: Option<String>,
    },
    /// An invitation was declined.
    DeclineInvite {
        /// Which role.
        role: &'static str,
        /// Who; none: by an address.
        username: Option<String>,
    },
    /// An account has another role.
    ChangeRole {
        /// Which role it had.
        from: &'static str,
        /// Which it has.
        to: &'static str,
        /// Who.
        username: String,
    },
    /// An account has no role any more.
    RemoveRole {
        /// Which role it had.
        role: &'static str,
        /// Who.
        username: String,
    },
    /// A version came to be.
    NewRelease,
    /// A file came.
    AddFile {
        /// The Python tag of a wheel, or `source`.
        python_version: String,
        /// Its name.
        filename: String,
    },
    /// A file went.
    RemoveFile {
        /// Its name.
        filename: String,
    },
    /// A release went with its files.
    RemoveRelease,
    /// The project went with everything below it.
    RemoveProject,
    /// A release is yanked.
    YankRelease,
    /// A release is not yanked any more.
    UnyankRelease,
    /// A file is yanked by itself.
    YankFile {
        /// Its name.
        filename: String,
    },
    /// A file is not yanked by itself any more.
    UnyankFile {
        /// Its name.
        filename: String,
    },
    /// The project has another status.
    SetStatus(Status),
}

impl Action {
    /// The text of the journal, as PyPI writes it.
    pub fn text(&self) -> String {
        match self {
            Self::Create => "create".to_owned(),
            Self::AddRole { role, username } => format!("add {role} {username}"),
            Self::Invite { role, username } => {
                format!("invite {role} {}", whom(username.as_deref()))
            }
            Self::RevokeInvite { role, username } => {
                format!("revoke_invite {role} {}", whom(username.as_deref()))
            }
            Self::DeclineInvite { role, username } => {
                format!("decline_invite {role} {}", whom(username.as_deref()))
            }
            Self::ChangeRole { from, to, username } => {
                format!("change {from} {username} to {to}")
            }
            Self::RemoveRole { role, username } => format!("remove {role} {username}"),
            Self::NewRelease => "new release".to_owned(),
            Self::AddFile { python_version, filename } => {
                format!("add {python_version} file {filename}")
            }
            Self::RemoveFile { filename } => format!("remove file {filename}"),
            Self::RemoveRelease => "remove release".to_owned(),
            Self::RemoveProject => "remove project".to_owned(),
            Self::YankRelease => "yank release".to_owned(),
            Self::UnyankRelease => "unyank release".to_owned(),
            Self::YankFile { filename } => format!("yank file {filename}"),
            Self::UnyankFile { filename } => format!("unyank file {filename}"),
            Self::SetStatus(Status::Quarantined) => "project quarantined".to_owned(),
            Self::SetStatus(Status::Archived) => "project archived".to_owned(),
            Self::SetStatus(Status::Deprecated) => "project deprecated".to_owned(),
            Self::SetStatus(Status::Active) => "project active again".to_owned(),
        }
    }
}

fn whom(username: Option<&str>) -> &str {
    username.unwrap_or("by mail")
}

/// A change of one project, to be written as the last act of its transaction.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// The project.
    pub project: ProjectId,
    /// Its name as spelled from now on.
    pub name: &'a ProjectName,
    /// The version that it is about.
    pub version: Option<&'a str>,
    /// Who did it.
    pub actor: &'a str,
    /// What happened, in order.
    pub actions: &'a [Action],
}

#[derive(Insertable)]
#[diesel(table_name = journal, treat_none_as_default_value = false)]
struct Row<'a> {
    serial: i64,
    project: &'a str,
    normalized: NormalizedName,
    version: Option<&'a str>,
    action: String,
    actor: Option<&'a str>,
    at: Time,
}

/// A row of the journal.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = journal)]
pub struct Entry {
    /// Its place in the order of all changes.
    pub serial: i64,
    /// The project as spelled then.
    pub project: String,
    /// The version that it is about.
    pub version: Option<String>,
    /// What happened.
    pub action: String,
    /// When.
    pub at: Time,
}

/// A row of the journal with who did it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = journal)]
pub struct Told {
    /// Its place in the order of all changes.
    pub serial: i64,
    /// The version that it is about.
    pub version: Option<String>,
    /// What happened.
    pub action: String,
    /// Who did it.
    pub actor: Option<String>,
    /// When.
    pub at: Time,
}

/// What happened to a project of that name, also to earlier ones, the latest first, at most
/// `limit` rows; `before` a serial, if one is given.
pub fn history(
    c: &mut Conn,
    name: &NormalizedName,
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<Told>> {
    journal::table
        .filter(journal::normalized.eq(name))
        .filter(journal::serial.lt(before.unwrap_or(i64::MAX)))
        .order(journal::serial.desc())
        .limit(limit)
        .select(Told::as_select())
        .load(c)
}

/// Writes the rows of a change and notes the last serial with the project.
///
/// The counter's row stays locked until the transaction ends, so this must be its last act:
/// every other change waits for it.
pub fn write(c: &mut Conn, change: &Change<'_>, now: Time) -> QueryResult<i64> {
    let count = i64::try_from(change.actions.len()).unwrap_or(i64::MAX);
    let last: i64 = diesel::update(journal_counter::table)
        .set(journal_counter::last_serial.eq(journal_counter::last_serial + count))
        .returning(journal_counter::last_serial)
        .get_result(c)?;
    for (serial, action) in (last - count + 1..).zip(change.actions) {
        let row = Row {
            serial,
            project: change.name.as_str(),
            normalized: change.name.normalized(),
            version: change.version,
            action: action.text(),
            actor: Some(change.actor),
            at: now,
        };
        diesel::insert_into(journal::table).values(row).execute(c)?;
    }
    Project::touch(c, change.project, change.name.as_str(), last)?;
    notice::tell(c)?;
    Ok(last)
}

/// Holds the counter's row until the transaction ends: nothing is published meanwhile. The
/// last serial.
pub fn lock(c: &mut Conn) -> QueryResult<i64> {
    diesel::update(journal_counter::table)
        .set(journal_counter::last_serial.eq(journal_counter::last_serial))
        .returning(journal_counter::last_serial)
        .get_result(c)
}

/// The last serial of the index; 0 before the first change.
pub fn last_serial(c: &mut Conn) -> QueryResult<i64> {
    journal_counter::table.select(journal_counter::last_serial).first(c)
}

/// What happened after `serial`, oldest first, at most `limit` rows.
pub fn since(c: &mut Conn, serial: i64, limit: i64) -> QueryResult<Vec<Entry>> {
    let rows = journal::table.filter(journal::serial.gt(serial)).order(journal::serial);
    rows.limit(limit).select(Entry::as_select()).load(c)
}

/// The projects changed after `serial`, at most `limit` rows of the journal of them, and the
/// serial up to which that is complete.
pub fn changed_since(
    c: &mut Conn,
    serial: i64,
    limit: i64,
) -> QueryResult<(Vec<NormalizedName>, i64)> {
    let rows: Vec<(i64, NormalizedName)> = journal::table
        .filter(journal::serial.gt(serial))
        .order(journal::serial)
        .limit(limit)
        .select((journal::serial, journal::normalized))
        .load(c)?;
    let last = rows.last().map_or(serial, |(serial, _)| *serial);
    let mut names: Vec<_> = rows.into_iter().map(|(_, name)| name).collect();
    names.sort_unstable();
    names.dedup();
    Ok((names, last))
}
