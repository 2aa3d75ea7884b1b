//! `/manage/project/{project}/settings/`: how much it holds, what may be done with it, its end.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use super::head::Head;
use super::{changed, confirm, is_for_the_page};
use crate::app::App;
use crate::catalog::file::File;
use crate::catalog::permission::{self, Standing};
use crate::catalog::project::{Project, Status};
use crate::catalog::{remove, status};
use crate::config::size_for_people;
use crate::db::{Conn, UserId};
use crate::error::{Error, Kind, Result};
use crate::http::manager::{Collaborator, Manager, OwnerConfirmed};
use crate::http::post::PostBy;
use crate::http::visitor::Visitor;
use crate::packaging::NormalizedName;
use crate::time::Time;
use crate::web::form::{problem, refuse};
use crate::web::page::{Frame, go};
use crate::web::said::Said;

#[derive(Template)]
#[template(path = "manage/project/settings.html")]
struct SettingsPage {
    frame: Frame,
    head: Head,
    place: String,
    problem: Option<String>,
    used: String,
    project_limit: String,
    file_limit: String,
    /// How much of the limit is used, in percent, at most 100.
    percent: u64,
    is_archived: bool,
    is_deprecated: bool,
    reason: String,
}

#[derive(Deserialize)]
pub(super) struct Form {
    action: Option<String>,
    reason: Option<String>,
    confirm_project_name: Option<String>,
}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    who: Collaborator,
) -> Result<HttpResponse> {
    page(&app, &visitor, &who, None).await
}

/// Changes the status, or deletes the project.
pub(super) async fn change(
    app: Data<App>,
    visitor: Visitor,
    PostBy(who, form): PostBy<OwnerConfirmed, Form>,
) -> Result<HttpResponse> {
    let name = who.standing.project.normalized.clone();
    let (user, now) = (who.person.user.id, who.person.visit.at);
    match app.db.write(move |c| run(c, &name, user, &form, now)).await {
        Ok(said) => {
            changed(&app, &who.standing.project.normalized);
            let place = match said {
                Said::ProjectDeleted => "/manage/projects/".to_owned(),
                _ => place(&who.standing.project),
            };
            Ok(go(&app, &place, Some(said)))
        }
        Err(error) if is_for_the_page(&error) => page(&app, &visitor, &who, Some(&error)).await,
        Err(error) => Err(error),
    }
}

fn run(c: &mut Conn, name: &NormalizedName, user: UserId, form: &Form, now: Time) -> Result<Said> {
    let Standing { project, user, .. } = permission::hold_as_owner(c, name, user)?;
    match (form.action.as_deref(), form.confirm_project_name.as_deref()) {
        (None, Some(typed)) => {
            confirm::project(typed, &project.name)?;
            remove::remove(c, name, &remove::Target::Project, &user.username, now)?;
            Ok(Said::ProjectDeleted)
        }
        (Some(action), None) => {
            let (wanted, said) = step(action, project.status())?;
            let reason = form.reason.as_deref().map(str::trim).filter(|text| !text.is_empty());
            let reason = reason.filter(|_| wanted != Status::Active);
            status::set(c, name, (wanted, reason), &user.username, now)?;
            Ok(said)
        }
        _ => Err(unclear()),
    }
}

/// What an action makes of a project.
fn step(action: &str, now: Status) -> Result<(Status, Said)> {
    let not_so = |words: &str| Err(Error::new(Kind::Conflict, "The status is another one", words));
    match (action, now) {
        ("archive", _) => Ok((Status::Archived, Said::Archived)),
        ("deprecate", Status::Archived) => not_so("The project is archived. End that first."),
        ("deprecate", _) => Ok((Status::Deprecated, Said::Deprecated)),
        ("unarchive", Status::Archived) | ("undeprecate", Status::Deprecated) => {
            Ok((Status::Active, Said::ActiveAgain))
        }
        ("unarchive", _) => not_so("The project is not archived."),
        ("undeprecate", _) => not_so("The project is not deprecated."),
        _ => Err(unclear()),
    }
}

fn unclear() -> Error {
    Error::invalid(
        "The form is unclear",
        "The form does not say clearly what is to be done, so nothing was done.",
    )
}

fn place(project: &Project) -> String {
    format!("/manage/project/{}/settings/", project.normalized)
}

async fn page(
    app: &App,
    visitor: &Visitor,
    who: &Manager,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    const WHOLE: u64 = 100;
    let project = &who.standing.project;
    let id = project.id;
    let used = app.db.read(move |c| Ok(File::total_size(c, id)?)).await?;
    let used = u64::try_from(used).unwrap_or_default();
    let own = |limit: Option<i64>| limit.and_then(|limit| u64::try_from(limit).ok());
    let uploads = &app.config.uploads;
    let limit = own(project.max_project_size).unwrap_or(uploads.max_project_size.0);
    let file_limit = own(project.max_file_size).unwrap_or(uploads.max_file_size.0);
    let page = SettingsPage {
        frame: Frame::of(app, visitor),
        head: Head::of(who, "settings"),
        place: place(project),
        problem: problem(error),
        used: size_for_people(used),
        project_limit: size_for_people(limit),
        file_limit: size_for_people(file_limit),
        percent: used.saturating_mul(WHOLE).checked_div(limit).unwrap_or(WHOLE).min(WHOLE),
        is_archived: project.status() == Status::Archived,
        is_deprecated: project.status() == Status::Deprecated,
        reason: project.status_reason.clone().unwrap_or_default(),
    };
    refuse(app, visitor, error, &page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_action_fits_to_a_status() {
        use Status::{Active, Archived, Deprecated};
        for (action, now, expected) in [
            ("archive", Active, Some(Archived)),
            ("archive", Deprecated, Some(Archived)),
            ("unarchive", Archived, Some(Active)),
            ("unarchive", Deprecated, None),
            ("deprecate", Active, Some(Deprecated)),
            ("deprecate", Archived, None),
            ("undeprecate", Deprecated, Some(Active)),
            ("undeprecate", Archived, None),
            ("quarantine", Active, None),
            ("", Active, None),
        ] {
            let found = step(action, now).ok().map(|(status, _)| status);
            assert_eq!(found, expected, "{action} of {now:?}");
        }
    }
}
