//! Changing what may be done with a project (PEP 792).

use super::journal::{self, Action, Change};
use super::letters::{News, tell};
use super::project::{Project, Status};
use super::yank::check_reason;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::packaging::NormalizedName;
use crate::time::Time;

/// Gives a project a status with a reason, in the name of `actor`. Returns whether that changed
/// anything.
pub fn set(
    c: &mut Conn,
    name: &NormalizedName,
    (status, reason): (Status, Option<&str>),
    actor: &str,
    now: Time,
) -> Result<bool> {
    check_reason(reason)?;
    let missing = || Error::not_found(format!("there is no project named {name}"));
    let project = Project::locked(c, name)?.ok_or_else(missing)?;
    if project.status() == status && project.status_reason.as_deref() == reason {
        return Ok(false);
    }
    Project::set_status(c, project.id, status, reason)?;
    let news = News::Status { status, reason: reason.unwrap_or_default() };
    tell(c, &project, news, actor, now)?;
    let change = Change {
        project: project.id,
        name: &project.spelled()?,
        version: None,
        actor,
        actions: &[Action::SetStatus(status)],
    };
    journal::write(c, &change, now)?;
    Ok(true)
}
