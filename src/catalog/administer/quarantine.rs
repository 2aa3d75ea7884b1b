//! Taking everything of a project out of the index until somebody has looked at it, and bringing
//! it back as it was.

use diesel::prelude::*;
use serde_json::json;

use super::hold;
use crate::accounts::act::{Act, Order};
use crate::catalog::project::Status;
use crate::catalog::status;
use crate::db::schema::projects;
use crate::db::{Conn, ProjectId};
use crate::error::{Error, Kind, Result};
use crate::packaging::NormalizedName;

/// Quarantines a project; the reason of the order is what readers and uploaders are told.
pub fn quarantine(c: &mut Conn, order: &Order, name: &NormalizedName) -> Result<()> {
    let project = hold(c, name)?;
    if project.status() == Status::Quarantined {
        return Err(conflict("The project is quarantined already."));
    }
    keep(c, project.id, Some((project.status(), project.status_reason.as_deref())))?;
    order.log(c, Act::Quarantined, name.as_str(), &json!({}))?;
    let new = (Status::Quarantined, Some(order.reason()));
    status::set(c, name, new, order.actor(), order.visit.at)?;
    Ok(())
}

/// Releases a project from its quarantine: it has the status again that it had before.
pub fn release(c: &mut Conn, order: &Order, name: &NormalizedName) -> Result<()> {
    let project = hold(c, name)?;
    if project.status() != Status::Quarantined {
        return Err(conflict("The project is not quarantined."));
    }
    let (word, reason): (Option<String>, Option<String>) = projects::table
        .find(project.id)
        .select((projects::held_status, projects::held_reason))
        .first(c)?;
    let before = word.as_deref().and_then(Status::parse).unwrap_or(Status::Active);
    keep(c, project.id, None)?;
    order.log(c, Act::Released, name.as_str(), &json!({ "status": before.as_str() }))?;
    status::set(c, name, (before, reason.as_deref()), order.actor(), order.visit.at)?;
    Ok(())
}

/// Keeps the status that comes back, or keeps none any more.
pub(super) fn keep(
    c: &mut Conn,
    id: ProjectId,
    held: Option<(Status, Option<&str>)>,
) -> QueryResult<usize> {
    let word = held.map(|(status, _)| status.as_str());
    let reason = held.and_then(|(_, reason)| reason);
    let columns = (projects::held_status.eq(word), projects::held_reason.eq(reason));
    diesel::update(projects::table.find(id)).set(columns).execute(c)
}

fn conflict(words: &str) -> Error {
    Error::new(Kind::Conflict, "The project has that status already", words)
}
