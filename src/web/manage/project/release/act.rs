//! What the forms of a release's page ask for.

use serde::Deserialize;

use super::super::confirm;
use crate::catalog::file::File;
use crate::catalog::permission::{self, Standing};
use crate::catalog::release::Release;
use crate::catalog::{remove, yank};
use crate::db::{Conn, FileId, UserId};
use crate::error::{Error, Result};
use crate::packaging::{NormalizedName, Version};
use crate::time::Time;
use crate::web::said::Said;

/// Any of the forms: which one it is, is said by the field that confirms it.
#[derive(Default, Deserialize)]
pub(in crate::web::manage::project) struct Form {
    confirm_yank_version: Option<String>,
    yanked_reason: Option<String>,
    confirm_unyank_version: Option<String>,
    confirm_delete_version: Option<String>,
    confirm_project_name: Option<String>,
    /// One file instead of the release.
    file_id: Option<i64>,
}

/// What was done.
pub(super) enum Done {
    /// The release is still there.
    Changed(Said),
    /// It is not.
    Gone(Said),
}

impl Done {
    pub(super) fn said(&self) -> Said {
        match self {
            Self::Changed(said) | Self::Gone(said) => *said,
        }
    }
}

/// What is asked for, with what was typed to confirm it.
#[derive(Debug, PartialEq, Eq)]
enum Act<'a> {
    Yank(&'a str),
    Unyank(&'a str),
    DeleteRelease(&'a str),
    DeleteFile(&'a str, FileId),
}

impl Form {
    fn act(&self) -> Result<Act<'_>> {
        let [yank, unyank, delete, file] = [
            &self.confirm_yank_version,
            &self.confirm_unyank_version,
            &self.confirm_delete_version,
            &self.confirm_project_name,
        ]
        .map(Option::as_deref);
        match (yank, unyank, delete, file, self.file_id) {
            (Some(typed), None, None, None, _) => Ok(Act::Yank(typed)),
            (None, Some(typed), None, None, _) => Ok(Act::Unyank(typed)),
            (None, None, Some(typed), None, None) => Ok(Act::DeleteRelease(typed)),
            (None, None, None, Some(typed), Some(id)) => {
                Ok(Act::DeleteFile(typed, FileId::new(id)))
            }
            _ => Err(Error::invalid(
                "The form is unclear",
                "The form does not say clearly what is to be done, so nothing was done.",
            )),
        }
    }
}

/// Does it, for an owner.
pub(super) fn run(
    c: &mut Conn,
    (name, version): (&NormalizedName, &Version),
    user: UserId,
    form: &Form,
    now: Time,
) -> Result<Done> {
    let Standing { project, user, .. } = permission::hold_as_owner(c, name, user)?;
    let release = Release::by_version(c, project.id, version)?.ok_or_else(super::missing)?;
    let actor = user.username.as_str();
    let file = form.file_id.map(|id| file(c, &release, FileId::new(id))).transpose()?;
    match form.act()? {
        Act::Yank(typed) => {
            confirm::version(typed, &release.version)?;
            let reason = form.yanked_reason.as_deref().unwrap_or_default().trim();
            yank::set_yanked(c, name, &yankable(version, file), Some(reason), actor, now)?;
            Ok(Done::Changed(Said::Yanked))
        }
        Act::Unyank(typed) => {
            confirm::version(typed, &release.version)?;
            yank::set_yanked(c, name, &yankable(version, file), None, actor, now)?;
            Ok(Done::Changed(Said::Unyanked))
        }
        Act::DeleteRelease(typed) => {
            confirm::version(typed, &release.version)?;
            remove::remove(c, name, &remove::Target::Release(version.clone()), actor, now)?;
            Ok(Done::Gone(Said::ReleaseDeleted))
        }
        Act::DeleteFile(typed, id) => {
            confirm::project(typed, &project.name)?;
            let filename = self::file(c, &release, id)?;
            remove::remove(c, name, &remove::Target::File(filename), actor, now)?;
            Ok(Done::Changed(Said::FileDeleted))
        }
    }
}

fn yankable(version: &Version, file: Option<String>) -> yank::Target {
    file.map_or_else(|| yank::Target::Release(version.clone()), yank::Target::File)
}

/// The name of a file of this release; those of others are not there.
fn file(c: &mut Conn, release: &Release, id: FileId) -> Result<String> {
    let found = File::in_release(c, release.id, id)?;
    let missing = || Error::not_found("This release has no such file.");
    found.map(|file| file.filename).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_asks_for_one_thing() {
        let text = || Some("1.0".to_owned());
        let yank = Form { confirm_yank_version: text(), ..Form::default() };
        assert_eq!(yank.act().ok(), Some(Act::Yank("1.0")));
        let file = Form { confirm_project_name: text(), file_id: Some(7), ..Form::default() };
        assert_eq!(file.act().ok(), Some(Act::DeleteFile("1.0", FileId::new(7))));
        for unclear in [
            Form::default(),
            Form { file_id: Some(7), ..Form::default() },
            Form { confirm_project_name: text(), ..Form::default() },
            // Whoever wants to delete a file must not lose the release.
            Form { confirm_delete_version: text(), file_id: Some(7), ..Form::default() },
            Form { confirm_delete_version: text(), ..yank },
        ] {
            assert!(unclear.act().is_err());
        }
    }
}
