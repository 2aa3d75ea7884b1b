//! What administrators do to projects and names, each with its entry in their log, in one
//! transaction with what it changes.

mod commands;
mod names;
mod quarantine;
mod removal;
mod roles;

pub use commands::{remove, set_status, set_yanked};
pub use names::{free, permit, prohibit, reserve};
pub use quarantine::{quarantine, release};
pub use removal::delete;
pub use roles::{remove_role, set_role};

use serde_json::json;

use super::project::Project;
use crate::accounts::act::{Act, Order};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::packaging::NormalizedName;

/// Gives a project limits of its own, in bytes; none: what the configuration says.
pub fn set_limits(
    c: &mut Conn,
    order: &Order,
    name: &NormalizedName,
    (file, whole): (Option<i64>, Option<i64>),
) -> Result<()> {
    let project = hold(c, name)?;
    Project::set_limits(c, project.id, file, whole)?;
    let detail = json!({
        "max_file_size": file,
        "max_project_size": whole,
        "before": [project.max_file_size, project.max_project_size],
    });
    order.log(c, Act::LimitsSet, name.as_str(), &detail)?;
    Ok(())
}

/// The project, with its row held until the transaction ends.
fn hold(c: &mut Conn, name: &NormalizedName) -> Result<Project> {
    let missing = || Error::not_found("There is no project of that name here.");
    Project::locked(c, name)?.ok_or_else(missing)
}
