//! The page of an account: who it is and what it works on.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::foreign;
use super::paging::Paging;
use crate::accounts::Username;
use crate::accounts::user::User;
use crate::app::App;
use crate::catalog::role::Role;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::path::redirect;
use crate::http::visitor::Visitor;
use crate::packaging::NormalizedName;
use crate::search;
use crate::time;
use crate::web::page::{Frame, send};

/// Projects on a page.
const SIZE: usize = 50;
/// Longest name of a person that is shown, in characters.
const LONGEST_NAME: usize = 100;

#[derive(Template)]
#[template(path = "browse/user.html")]
struct UserPage {
    frame: Frame,
    username: String,
    /// Possibly empty.
    full_name: String,
    since: String,
    is_service: bool,
    projects: Vec<Row>,
    paging: Paging,
    here: String,
}

struct Row {
    name: String,
    normalized: String,
    role: String,
    version: String,
    summary: String,
}

/// `/user/{name}/`
pub(super) async fn show(
    app: Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    path: Path<String>,
) -> Result<HttpResponse> {
    let name = Username::parse(&path).ok_or_else(missing)?;
    let query = request.query_string().to_owned();
    let read = move |c: &mut Conn| {
        let user = User::by_name(c, &name)?.filter(|user| user.disabled_at.is_none());
        let user = user.ok_or_else(missing)?;
        let roles = Role::of_user(c, user.id)?;
        let paging = Paging::of(&query, roles.len(), SIZE)?;
        let rows = rows(c, paging.cut(&roles))?;
        Ok((user, paging, rows))
    };
    let (user, paging, projects) = app.db.read(read).await?;
    let own = format!("/user/{}/", user.username);
    if user.username != *path || !request.path().ends_with('/') {
        return redirect(&request, &own);
    }
    let page = UserPage {
        frame: Frame::of(&app, &visitor),
        full_name: foreign::line(&user.full_name, LONGEST_NAME),
        since: time::day(user.created_at),
        is_service: user.is_service,
        username: user.username,
        projects,
        paging,
        here: format!("{}{own}?page=", app.public_url.prefix()),
    };
    send(&app, &visitor, &page)
}

fn missing() -> Error {
    Error::not_found("There is no such account here.")
}

fn rows(c: &mut Conn, roles: &[(String, String)]) -> Result<Vec<Row>> {
    let named = |(role, name): &(String, String)| {
        Some((role.clone(), name.clone(), NormalizedName::parse(name)?))
    };
    let named: Vec<_> = roles.iter().filter_map(named).collect();
    let names: Vec<_> = named.iter().map(|(_, _, normalized)| normalized.clone()).collect();
    let mut known = search::summaries(c, &names)?;
    let row = |(role, name, normalized): (String, String, NormalizedName)| {
        // One that has just come is not in the index yet.
        let (version, summary) = known.remove(&normalized).unwrap_or_default();
        Row { name, normalized: normalized.to_string(), role, version, summary }
    };
    Ok(named.into_iter().map(row).collect())
}
