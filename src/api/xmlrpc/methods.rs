//! Answering what is asked.

use super::ask::Ask;
use super::writer::Writer;
use crate::accounts::Username;
use crate::accounts::user::User;
use crate::app::App;
use crate::catalog::project::{Project, Status};
use crate::catalog::role::Role;
use crate::catalog::{classifier, journal};
use crate::db::Conn;
use crate::error::Result;
use crate::packaging::NormalizedName;
use crate::search::{follow, parts};

/// Projects that a search finds: more of them nobody reads.
const MOST_FOUND: i64 = 100;
/// Rows of the journal in one answer, as many as in PyPI's. Mirrors ask again behind the last one.
const MOST_CHANGES: i64 = 50_000;
/// Projects that are read at once: enough that asking costs little, few enough to be held.
const PIECE: usize = 10_000;
/// Releases in one answer to `browse`.
const MOST_RELEASES: i64 = 50_000;

/// The document that answers. All of it is made where queries are: lists may be long.
pub(super) async fn run(app: &App, ask: Ask) -> Result<String> {
    if matches!(ask, Ask::Search(_)) {
        // Programs expect to find what they have just uploaded.
        follow::catch_up(&app.db).await?;
    }
    app.db
        .read(move |c| {
            let mut out = Writer::default();
            write(c, ask, &mut out)?;
            Ok(out.into_answer())
        })
        .await
}

fn write(c: &mut Conn, ask: Ask, out: &mut Writer) -> Result<()> {
    match ask {
        Ask::Search(wanted) => {
            let found = parts::find(c, &wanted, MOST_FOUND)?;
            out.array(|rows| found.iter().for_each(|it| hit(rows, it)));
        }
        Ask::Projects => out.structure(|members| all_projects(c, members))?,
        Ask::LastSerial => out.int(journal::last_serial(c)?),
        Ask::Changes(serial) => {
            let entries = journal::since(c, serial, MOST_CHANGES)?;
            out.array(|rows| entries.iter().for_each(|it| change(rows, it)));
        }
        Ask::RolesOf(name) => pairs(out, &roles_of(c, &name)?),
        Ask::ProjectsOf(name) => pairs(out, &projects_of(c, &name)?),
        Ask::ReleasesWith(classifiers) => {
            pairs(out, &classifier::releases_with(c, &classifiers, MOST_RELEASES)?);
        }
    }
    Ok(())
}

/// Name and serial of every project, read a piece at a time.
fn all_projects(c: &mut Conn, members: &mut Writer) -> Result<()> {
    let mut last = None;
    loop {
        // The last one of the piece before comes again, as its first.
        let piece = Project::list(c, (last.as_ref(), None), Some(PIECE))?;
        let is_end = piece.len() < PIECE;
        let new = piece.into_iter().filter(|(_, normalized, _)| last.as_ref() != Some(normalized));
        let mut end = None;
        for (name, normalized, serial) in new {
            members.member(&name, |value| value.int(serial));
            end = Some(normalized);
        }
        if is_end || end.is_none() {
            return Ok(());
        }
        last = end;
    }
}

fn hit(rows: &mut Writer, found: &parts::Found) {
    rows.structure(|members| {
        members.member("name", |value| value.text(&found.name));
        members.member("summary", |value| value.text(&found.summary));
        members.member("version", |value| value.text(&found.version));
    });
}

fn change(rows: &mut Writer, entry: &journal::Entry) {
    rows.array(|row| {
        row.text(&entry.project);
        row.maybe(entry.version.as_deref());
        row.int(entry.at.and_utc().timestamp());
        row.text(&entry.action);
        row.int(entry.serial);
    });
}

fn pairs(out: &mut Writer, pairs: &[(String, String)]) {
    out.array(|rows| {
        for (one, other) in pairs {
            rows.array(|row| {
                row.text(one);
                row.text(other);
            });
        }
    });
}

fn roles_of(c: &mut Conn, name: &str) -> Result<Vec<(String, String)>> {
    let Some(name) = NormalizedName::parse(name) else { return Ok(Vec::new()) };
    let found = Project::by_name(c, &name)?;
    let shown = found.filter(|project| project.status() != Status::Quarantined);
    Ok(match shown {
        Some(project) => Role::of_project(c, project.id)?,
        None => Vec::new(),
    })
}

fn projects_of(c: &mut Conn, name: &str) -> Result<Vec<(String, String)>> {
    let Some(name) = Username::parse(name) else { return Ok(Vec::new()) };
    // As on the page of the account: one that is disabled has none.
    let found = User::by_name(c, &name)?.filter(|user| user.disabled_at.is_none());
    Ok(match found {
        Some(user) => Role::of_user(c, user.id)?,
        None => Vec::new(),
    })
}
