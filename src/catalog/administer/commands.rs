//! What the operator does to projects that owners can do themselves, too: on the server it stands in
//! the administrators' log.

use serde_json::json;

use super::hold;
use super::quarantine::keep;
use crate::accounts::act::{Act, Order};
use crate::catalog::project::Status;
use crate::catalog::{remove, status, yank};
use crate::db::Conn;
use crate::error::Result;
use crate::packaging::NormalizedName;

/// Gives a project a status; one that leaves a quarantine has what is named here, not what it had
/// before. Returns whether that changed anything.
pub fn set_status(
    c: &mut Conn,
    order: &Order,
    name: &NormalizedName,
    (status, reason): (Status, Option<&str>),
) -> Result<bool> {
    let project = hold(c, name)?;
    let before = project.status();
    let act = match (before == Status::Quarantined, status == Status::Quarantined) {
        (false, true) => {
            keep(c, project.id, Some((before, project.status_reason.as_deref())))?;
            Act::Quarantined
        }
        (true, false) => {
            keep(c, project.id, None)?;
            Act::Released
        }
        _ => Act::StatusSet,
    };
    let is_new = status::set(c, name, (status, reason), order.actor(), order.visit.at)?;
    if is_new {
        let detail = json!({ "status": status.as_str(), "before": before.as_str() });
        order.log(c, act, name.as_str(), &detail)?;
    }
    Ok(is_new)
}

/// Yanks a release or a file for the reason of the order, or with `is_yanked` unset takes that
/// back. Returns whether that changed anything.
pub fn set_yanked(
    c: &mut Conn,
    order: &Order,
    name: &NormalizedName,
    target: &yank::Target,
    is_yanked: bool,
) -> Result<bool> {
    let (reason, act) =
        if is_yanked { (Some(order.reason()), Act::Yanked) } else { (None, Act::Unyanked) };
    let is_new = yank::set_yanked(c, name, target, reason, order.actor(), order.visit.at)?;
    if is_new {
        let detail = match target {
            yank::Target::Release(version) => json!({ "version": version.to_string() }),
            yank::Target::File(filename) => json!({ "file": filename }),
        };
        order.log(c, act, name.as_str(), &detail)?;
    }
    Ok(is_new)
}

/// Deletes a project, a release or a file for good. Returns how many files went.
pub fn remove(
    c: &mut Conn,
    order: &Order,
    name: &NormalizedName,
    target: &remove::Target,
) -> Result<usize> {
    let (act, detail) = match target {
        remove::Target::Project => (Act::ProjectDeleted, json!({})),
        remove::Target::Release(version) => {
            (Act::ReleaseDeleted, json!({ "version": version.to_string() }))
        }
        remove::Target::File(filename) => (Act::FileDeleted, json!({ "file": filename })),
    };
    order.log(c, act, name.as_str(), &detail)?;
    remove::remove(c, name, target, order.actor(), order.visit.at)
}
