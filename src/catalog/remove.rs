//! Taking files, releases and projects away. Their file names stay taken for ever, the name of a
//! project stays with its last owners; bytes go when nothing refers to them any more.

use super::file::File;
use super::former;
use super::journal::{self, Action, Change};
use super::letters::{News, tell};
use super::member;
use super::project::Project;
use super::release::Release;
use super::role::Role;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::packaging::{NormalizedName, Version};
use crate::time::Time;

/// What is to be taken away.
#[derive(Debug, Clone)]
pub enum Target {
    /// A whole project.
    Project,
    /// One release of it.
    Release(Version),
    /// One file of it.
    File(String),
}

/// Takes something of a project away, in the name of `actor`. Returns how many files went.
pub fn remove(
    c: &mut Conn,
    name: &NormalizedName,
    target: &Target,
    actor: &str,
    now: Time,
) -> Result<usize> {
    let missing = || Error::not_found(format!("there is no project named {name}"));
    let project = Project::locked(c, name)?.ok_or_else(missing)?;
    let (version, action, files) = match target {
        Target::Project => {
            let files = File::of_project(c, project.id)?.len();
            // While there is still somebody to be told.
            tell(c, &project, News::ProjectRemoved, actor, now)?;
            let members = member::of_project(c, project.id)?;
            let owners: Vec<_> = members.iter().filter(|it| it.role == Role::Owner).collect();
            let owners: Vec<_> = owners.into_iter().map(|it| it.user).collect();
            former::keep(c, name, &owners, now)?;
            Project::delete(c, project.id)?;
            (None, Action::RemoveProject, files)
        }
        Target::Release(version) => {
            let missing = || Error::not_found(format!("{name} has no release {version}"));
            let release = Release::by_version(c, project.id, version)?.ok_or_else(missing)?;
            let files = File::of_release(c, release.id)?.len();
            tell(c, &project, News::ReleaseRemoved { version: &release.version }, actor, now)?;
            Release::delete(c, release.id)?;
            (Some(release.version), Action::RemoveRelease, files)
        }
        Target::File(filename) => {
            let found = File::by_name(c, filename)?.filter(|(_, owner)| owner == name);
            let missing = || Error::not_found(format!("{name} has no file {filename}"));
            let (file, _) = found.ok_or_else(missing)?;
            tell(c, &project, News::FileRemoved { filename }, actor, now)?;
            File::delete(c, file.id)?;
            let action = Action::RemoveFile { filename: filename.clone() };
            (Release::version_of(c, file.release_id)?, action, 1)
        }
    };
    let change = Change {
        project: project.id,
        name: &project.spelled()?,
        version: version.as_deref(),
        actor,
        actions: &[action],
    };
    journal::write(c, &change, now)?;
    Ok(files)
}
