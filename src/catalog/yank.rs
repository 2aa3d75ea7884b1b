//! Yanking (PEP 592): what is yanked stays where it is, and installers take it only where exactly
//! that version is asked for.

use super::file::File;
use super::journal::{self, Action, Change};
use super::letters::{News, tell};
use super::project::Project;
use super::release::Release;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::packaging::{NormalizedName, Version};
use crate::time::Time;

/// Longest reason, in characters: it stands on the simple page with every file of the release.
pub const LONGEST_REASON: usize = 1000;

/// Why a file is yanked, by itself or with its release, if it is; the reason may be empty. A
/// reason says more than none.
pub fn reason<'a>(file: Option<&'a str>, release: Option<&'a str>) -> Option<&'a str> {
    file.filter(|reason| !reason.is_empty()).or(release).or(file)
}

/// What is to be yanked, or not any more.
#[derive(Debug, Clone)]
pub enum Target {
    /// A release with all its files, also later ones.
    Release(Version),
    /// One file.
    File(String),
}

/// Yanks something of a project with a reason, which may be empty, or takes that back (`None`),
/// in the name of `actor`. Returns whether that changed anything.
pub fn set_yanked(
    c: &mut Conn,
    name: &NormalizedName,
    target: &Target,
    reason: Option<&str>,
    actor: &str,
    now: Time,
) -> Result<bool> {
    check_reason(reason)?;
    let missing = || Error::not_found(format!("there is no project named {name}"));
    let project = Project::locked(c, name)?.ok_or_else(missing)?;
    let (version, action, what) = match target {
        Target::Release(version) => {
            let missing = || Error::not_found(format!("{name} has no release {version}"));
            let release = Release::by_version(c, project.id, version)?.ok_or_else(missing)?;
            if release.yanked.as_deref() == reason {
                return Ok(false);
            }
            Release::set_yanked(c, release.id, reason)?;
            let action = if reason.is_some() { Action::YankRelease } else { Action::UnyankRelease };
            (Some(release.version.clone()), action, format!("release {}", release.version))
        }
        Target::File(filename) => {
            let found = File::by_name(c, filename)?.filter(|(_, owner)| owner == name);
            let missing = || Error::not_found(format!("{name} has no file {filename}"));
            let (file, _) = found.ok_or_else(missing)?;
            if file.yanked.as_deref() == reason {
                return Ok(false);
            }
            File::set_yanked(c, file.id, reason)?;
            let filename = filename.clone();
            let action = match reason {
                Some(_) => Action::YankFile { filename },
                None => Action::UnyankFile { filename },
            };
            let what = format!("file {}", file.filename);
            (Release::version_of(c, file.release_id)?, action, what)
        }
    };
    let news = match reason {
        Some(reason) => News::Yanked { what: &what, reason },
        None => News::Unyanked { what: &what },
    };
    tell(c, &project, news, actor, now)?;
    let change = Change {
        project: project.id,
        name: &project.spelled()?,
        version: version.as_deref(),
        actor,
        actions: &[action],
    };
    journal::write(c, &change, now)?;
    Ok(true)
}

/// Checks a reason that readers will see.
pub fn check_reason(reason: Option<&str>) -> Result<()> {
    let reason = reason.unwrap_or_default();
    if reason.chars().count() > LONGEST_REASON || reason.contains(char::is_control) {
        return Err(Error::invalid(
            "The reason is not acceptable",
            format!("A reason is one line of at most {LONGEST_REASON} characters."),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn a_file_is_yanked_with_its_release() {
        for (file, release, expected) in [
            (None, None, None),
            (None, Some("old"), Some("old")),
            (Some("broken"), Some("old"), Some("broken")),
            (Some(""), Some("old"), Some("old")),
            (Some(""), None, Some("")),
        ] {
            assert_eq!(reason(file, release), expected);
        }
    }
}
