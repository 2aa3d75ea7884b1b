//! Deleting a project, and its name with it where that is wanted.

use serde_json::json;

use super::hold;
use crate::accounts::act::{Act, Order};
use crate::catalog::file::File;
use crate::catalog::prohibited;
use crate::catalog::remove::{Target, remove};
use crate::db::Conn;
use crate::error::Result;
use crate::packaging::NormalizedName;

/// Deletes a project with everything below it; with `prohibit` nobody can make one of its name
/// again. Returns how many files went.
pub fn delete(c: &mut Conn, order: &Order, name: &NormalizedName, prohibit: bool) -> Result<usize> {
    let project = hold(c, name)?;
    if prohibit {
        prohibited::add(c, name, order.reason(), order.visit.at)?;
    }
    let files = File::of_project(c, project.id)?.len();
    let detail = json!({ "files": files, "prohibited": prohibit });
    order.log(c, Act::ProjectDeleted, name.as_str(), &detail)?;
    remove(c, name, &Target::Project, order.actor(), order.visit.at)
}
