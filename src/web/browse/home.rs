//! The home page: what this is, what is new in it, and how to use it.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

use crate::app::App;
use crate::catalog::project::Project;
use crate::catalog::release::{Listed, Release};
use crate::db::Conn;
use crate::error::Result;
use crate::http::visitor::Visitor;
use crate::search;
use crate::time;
use crate::web::page::{Frame, send};

/// How many releases and projects are listed; who wants more searches.
const LISTED: i64 = 10;

#[derive(Template)]
#[template(path = "browse/home.html")]
struct HomePage {
    frame: Frame,
    /// Base URL of this index.
    url: String,
    host: String,
    count: i64,
    releases: Vec<Row>,
    projects: Vec<Row>,
    is_empty: bool,
    is_plain_http: bool,
}

struct Row {
    name: String,
    normalized: String,
    version: String,
    summary: String,
    day: String,
}

pub(super) async fn show(app: Data<App>, visitor: Visitor) -> Result<HttpResponse> {
    let read = |c: &mut Conn| {
        let releases = Release::newest(c, LISTED)?.into_iter().map(Row::of_release).collect();
        Ok((Project::count(c)?, releases, newest_projects(c)?))
    };
    let (count, releases, projects) = app.db.read(read).await?;
    let origin = app.public_url.origin();
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let page = HomePage {
        frame: Frame::of(&app, &visitor),
        url: app.public_url.to_string(),
        host: host.to_owned(),
        is_empty: count == 0,
        is_plain_http: origin.starts_with("http://"),
        count,
        releases,
        projects,
    };
    send(&app, &visitor, &page)
}

fn newest_projects(c: &mut Conn) -> Result<Vec<Row>> {
    let projects = Project::newest(c, LISTED)?;
    let names: Vec<_> = projects.iter().map(|project| project.normalized.clone()).collect();
    let mut known = search::summaries(c, &names)?;
    let row = |project: Project| {
        // One that has just come is not in the index yet.
        let (version, summary) = known.remove(&project.normalized).unwrap_or_default();
        let day = time::day(project.created_at);
        let normalized = project.normalized.to_string();
        Row { name: project.name, normalized, version, summary, day }
    };
    Ok(projects.into_iter().map(row).collect())
}

impl Row {
    fn of_release(release: Listed) -> Self {
        let Listed { name, normalized, version, summary, created_at } = release;
        let day = time::day(created_at);
        Self { name, normalized: normalized.to_string(), version, summary, day }
    }
}
