//! What administrators do to a project.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;

use super::page;
use crate::accounts::act::Order;
use crate::app::App;
use crate::catalog::administer;
use crate::catalog::project::Project;
use crate::catalog::role::Role;
use crate::config::ByteSize;
use crate::error::{Error, Result};
use crate::http::ProjectPath;
use crate::http::guard::AdminConfirmed;
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::packaging::NormalizedName;
use crate::web::page::go;
use crate::web::said::Said;

/// A form that asks why.
#[derive(Deserialize)]
pub(super) struct Why {
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
pub(super) struct Limits {
    #[serde(default)]
    max_file_size: String,
    #[serde(default)]
    max_project_size: String,
}

#[derive(Deserialize)]
pub(super) struct NewRole {
    username: String,
    role_name: String,
}

#[derive(Deserialize)]
pub(super) struct Whose {
    username: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
pub(super) struct Removal {
    #[serde(default)]
    confirm_project_name: String,
    #[serde(default)]
    reason: String,
    /// Whether nobody may use the name again.
    prohibit: Option<String>,
}

/// Takes everything of it out of the index.
pub(super) async fn quarantine(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    at: ProjectPath,
    Post(form): Post<Why>,
) -> Result<HttpResponse> {
    let done = async {
        let (order, name) =
            (Order::explained(&who.user, &who.visit, &form.reason)?, at.name.clone());
        app.db.write(move |c| administer::quarantine(c, &order, &name)).await?;
        Ok(Said::Quarantined)
    };
    answer(&app, &visitor, at.name.clone(), done.await).await
}

/// And brings it back.
pub(super) async fn release(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    at: ProjectPath,
    Post(form): Post<Why>,
) -> Result<HttpResponse> {
    let done = async {
        let (order, name) =
            (Order::explained(&who.user, &who.visit, &form.reason)?, at.name.clone());
        app.db.write(move |c| administer::release(c, &order, &name)).await?;
        Ok(Said::Released)
    };
    answer(&app, &visitor, at.name.clone(), done.await).await
}

/// Gives it limits of its own.
pub(super) async fn limits(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    at: ProjectPath,
    Post(form): Post<Limits>,
) -> Result<HttpResponse> {
    let done = async {
        let (order, name) = (Order::of(&who.user, &who.visit, "")?, at.name.clone());
        let limits = (limit(&form.max_file_size)?, limit(&form.max_project_size)?);
        app.db.write(move |c| administer::set_limits(c, &order, &name, limits)).await?;
        Ok(Said::LimitsSet)
    };
    answer(&app, &visitor, at.name.clone(), done.await).await
}

/// A limit of its own, or none.
fn limit(text: &str) -> Result<Option<i64>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let bytes = ByteSize::parse(text).and_then(|size| i64::try_from(size.0).ok());
    let bad = || {
        let words = format!("{text:?} is not a size, such as 100MiB or 2GiB.");
        Error::invalid("This is not a size", words)
    };
    bytes.map(Some).ok_or_else(bad)
}

/// Gives somebody a role.
pub(super) async fn set_role(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    at: ProjectPath,
    Post(form): Post<NewRole>,
) -> Result<HttpResponse> {
    let done = async {
        let (order, name) = (Order::of(&who.user, &who.visit, "")?, at.name.clone());
        let bad = || Error::invalid("This is no role", "A role is Owner or Maintainer.");
        let role = Role::parse(&form.role_name).ok_or_else(bad)?;
        let whom = form.username.clone();
        let set = move |c: &mut _| administer::set_role(c, &order, &name, (&whom, role));
        let changed = app.db.write(set).await?;
        Ok(if changed { Said::RoleSet } else { Said::NothingChanged })
    };
    answer(&app, &visitor, at.name.clone(), done.await).await
}

/// Takes a role away.
pub(super) async fn remove_role(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    at: ProjectPath,
    Post(form): Post<Whose>,
) -> Result<HttpResponse> {
    let done = async {
        let (order, name) =
            (Order::explained(&who.user, &who.visit, &form.reason)?, at.name.clone());
        let whom = form.username.clone();
        app.db.write(move |c| administer::remove_role(c, &order, &name, &whom)).await?;
        Ok(Said::RoleRemoved)
    };
    answer(&app, &visitor, at.name.clone(), done.await).await
}

/// Deletes it, once its name was typed in.
pub(super) async fn delete(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    at: ProjectPath,
    Post(form): Post<Removal>,
) -> Result<HttpResponse> {
    let done = async {
        let order = Order::explained(&who.user, &who.visit, &form.reason)?;
        let (name, prohibit) = (at.name.clone(), form.prohibit.is_some());
        app.db
            .write(move |c| {
                let project = Project::by_name(c, &name)?.ok_or_else(missing)?;
                if form.confirm_project_name.trim() != project.name {
                    let words = format!("Type the name exactly as it stands: {}", project.name);
                    return Err(Error::invalid("The name was not typed exactly", words));
                }
                administer::delete(c, &order, &name, prohibit)
            })
            .await
    };
    match done.await {
        Ok(_) => {
            app.pages.changed(&at.name);
            Ok(go(&app, "/admin/projects/", Some(Said::ProjectGone)))
        }
        Err(error) => page::again(&app, &visitor, at.name, error).await,
    }
}

fn missing() -> Error {
    Error::not_found("There is no project of that name here.")
}

/// Leads back to the project with what was done, or shows it with what was wrong.
async fn answer(
    app: &App,
    visitor: &Visitor,
    name: NormalizedName,
    done: Result<Said>,
) -> Result<HttpResponse> {
    match done {
        Ok(said) => {
            app.pages.changed(&name);
            Ok(go(app, &format!("/admin/project/{name}/"), Some(said)))
        }
        Err(error) => page::again(app, visitor, name, error).await,
    }
}
