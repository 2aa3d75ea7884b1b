//! The checks that need the database, made before anything is inspected or stored: what is
//! refused then leaves nothing behind. The transaction makes them again.

use super::permit::permit;
use super::spool::Spooled;
use super::{Intake, Origin, naming, rules};
use crate::accounts::Caller;
use crate::catalog::project::Project;
use crate::catalog::release::Release;
use crate::catalog::yank::check_reason;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::packaging::{Filename, NormalizedName, ProjectName};
use crate::time;

/// Whether `caller` may upload so many bytes to a project of that name, existing or not.
pub(super) async fn project(
    intake: &Intake,
    caller: &Caller,
    name: &NormalizedName,
    size: u64,
) -> Result<()> {
    let (policy, caller, name) = (intake.policy.clone(), caller.clone(), name.clone());
    let check = move |c: &mut Conn| {
        let project = Project::by_name(c, &name)?;
        permit(c, &policy, &caller, &name, project.as_ref())?;
        if project.is_none() {
            let name = ProjectName::parse(name.as_str())
                .ok_or_else(|| Error::internal("reading a project name", "it is not valid"))?;
            naming::check(c, &caller, &name)?;
        }
        rules::check_file_size(&policy, project.as_ref(), size)
    };
    intake.db.read(check).await
}

/// Whether the same file is published already; if not, whether its project and release take it.
pub(super) async fn file(
    intake: &Intake,
    filename: &Filename,
    spooled: &Spooled,
    origin: &Origin,
) -> Result<bool> {
    check_reason(origin.yanked.as_deref())?;
    let uploaded_at = origin.uploaded_at;
    let (policy, filename) = (intake.policy.clone(), filename.clone());
    let (size, digests) = (spooled.size(), spooled.digests().clone());
    let check = move |c: &mut Conn| {
        if rules::is_published(c, &filename, &digests)? {
            return Ok(true);
        }
        let project = Project::by_name(c, filename.name())?;
        rules::check_project_size(c, &policy, project.as_ref(), size)?;
        if let Some(project) = project
            && let Some(release) = Release::by_version(c, project.id, filename.version())?
        {
            let at = uploaded_at.unwrap_or_else(time::now);
            rules::check_release(c, &policy, &release, &filename, at)?;
        }
        Ok(false)
    };
    intake.db.read(check).await
}
