//! `/manage/projects/`: the own projects, and invitations to others.

mod answer;

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;

pub(super) use answer::{accept, decline};

use crate::app::App;
use crate::catalog::invite;
use crate::catalog::project::Status;
use crate::catalog::ranked;
use crate::catalog::role::Role;
use crate::db::{Conn, UserId};
use crate::error::{Error, Result};
use crate::http::guard::{Member, Person};
use crate::http::visitor::Visitor;
use crate::time;
use crate::web::form::{problem, refuse};
use crate::web::page::Frame;
use crate::web::paging::{Asked, Paging};

const PLACE: &str = "/manage/projects/";
/// Projects on one page: of each all versions are read to find the latest.
const PAGE: usize = 25;

#[derive(Template)]
#[template(path = "manage/projects.html")]
struct ProjectsPage {
    frame: Frame,
    here: &'static str,
    place: &'static str,
    problem: Option<String>,
    invitations: Vec<Invitation>,
    projects: Vec<Row>,
    paging: Paging,
    /// Base URL of this index.
    url: String,
}

struct Row {
    name: String,
    normalized: String,
    role: String,
    /// The release that stands for it.
    latest: Option<String>,
    /// Where it is not active.
    status: Option<&'static str>,
}

struct Invitation {
    id: i64,
    project: String,
    role: &'static str,
    /// The address that it was sent to, where it was not the account's name.
    address: Option<String>,
    ends: String,
}

/// What is read from the database for it.
struct Found {
    invitations: Vec<Invitation>,
    projects: Vec<Row>,
    paging: Paging,
}

pub(in crate::web::manage) async fn show(
    app: Data<App>,
    visitor: Visitor,
    who: Member,
    asked: Query<Asked>,
) -> Result<HttpResponse> {
    page(&app, &visitor, &who, asked.into_inner(), None).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    who: &Person,
    asked: Asked,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let (user, visit) = (who.user.id, who.visit.clone());
    let reading = move |c: &mut Conn| {
        let count = usize::try_from(Role::count_of(c, user)?).unwrap_or_default();
        let paging = asked.of(count, PAGE);
        let waiting = invite::waiting(c, &visit, user)?;
        let invitations = waiting.into_iter().filter_map(|(it, project)| {
            Some(Invitation {
                id: it.id.get(),
                project,
                role: it.role()?.as_str(),
                address: it.address.filter(|_| it.user_id.is_none()),
                ends: time::for_people(it.expires_at),
            })
        });
        let invitations = invitations.collect();
        Ok(Found { invitations, projects: rows(c, user, paging)?, paging })
    };
    let Found { invitations, projects, paging } = app.db.read(reading).await?;
    let page = ProjectsPage {
        frame: Frame::of(app, visitor),
        here: "projects",
        place: PLACE,
        problem: problem(error),
        invitations,
        projects,
        paging,
        url: app.public_url.to_string(),
    };
    refuse(app, visitor, error, &page)
}

fn rows(c: &mut Conn, user: UserId, paging: Paging) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (project, role) in Role::projects_of(c, user, paging.rows())? {
        let releases = ranked::releases(c, project.id)?;
        let status = project.status();
        rows.push(Row {
            latest: ranked::latest(&releases).map(|it| it.version.to_string()),
            status: (status != Status::Active).then(|| status.as_str()),
            normalized: project.normalized.to_string(),
            name: project.name,
            role,
        });
    }
    Ok(rows)
}
