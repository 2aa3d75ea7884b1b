//! `/admin/projects/`: finding projects, quarantined ones too.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use super::{cut, in_query};
use crate::app::App;
use crate::catalog::figures;
use crate::catalog::project::{Project, Status};
use crate::catalog::role::Role;
use crate::db::Conn;
use crate::error::Result;
use crate::http::guard::Admin;
use crate::http::visitor::Visitor;
use crate::packaging::NormalizedName;
use crate::web::form::refuse;
use crate::web::page::Frame;

/// Projects on one page.
const PAGE: i64 = 100;
const STATUSES: [Status; 4] =
    [Status::Active, Status::Deprecated, Status::Archived, Status::Quarantined];

#[derive(Template)]
#[template(path = "admin/projects.html")]
struct ProjectsPage {
    frame: Frame,
    here: &'static str,
    wanted: String,
    statuses: Vec<(&'static str, bool)>,
    projects: Vec<Row>,
    next: Option<String>,
}

struct Row {
    project: Project,
    status: &'static str,
    members: String,
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    after: String,
}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    _who: Admin,
    wanted: Query<Wanted>,
) -> Result<HttpResponse> {
    let Wanted { q, status, after } = wanted.into_inner();
    let (text, status) = (q.clone(), Status::parse(&status));
    let after = NormalizedName::parse(&after);
    let work = move |c: &mut Conn| {
        let mut found = figures::find(c, (&text, status), after.as_ref(), PAGE + 1)?;
        let has_more = cut(&mut found, PAGE);
        let rows: Result<Vec<Row>> = found.into_iter().map(|project| row(c, project)).collect();
        Ok((rows?, has_more))
    };
    let (projects, has_more) = app.db.read(work).await?;
    let word = status.map_or("", Status::as_str);
    let last = projects.last().filter(|_| has_more);
    let next =
        last.map(|it| format!("?q={}&status={word}&after={}", in_query(&q), it.project.normalized));
    let page = ProjectsPage {
        frame: Frame::of(&app, &visitor),
        here: "projects",
        wanted: q,
        statuses: STATUSES.iter().map(|it| (it.as_str(), Some(*it) == status)).collect(),
        projects,
        next,
    };
    refuse(&app, &visitor, None, &page)
}

fn row(c: &mut Conn, project: Project) -> Result<Row> {
    let members = Role::names(c, project.id)?.join(", ");
    Ok(Row { status: project.status().as_str(), members, project })
}
