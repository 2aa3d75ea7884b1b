//! The home page: what this is, how to use it, what is in it.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

use crate::app::App;
use crate::catalog::project::Project;
use crate::catalog::ranked;
use crate::catalog::release::Release;
use crate::error::Result;
use crate::http::visitor::Visitor;
use crate::web::page::{Frame, send};

/// How many projects are listed; the whole list is the simple index.
const LISTED: i64 = 100;

#[derive(Template)]
#[template(path = "browse/home.html")]
struct HomePage {
    frame: Frame,
    /// Base URL of this index.
    url: String,
    host: String,
    count: i64,
    projects: Vec<Entry>,
    is_empty: bool,
    is_whole: bool,
    is_plain_http: bool,
}

struct Entry {
    name: String,
    normalized: String,
    latest: String,
    summary: String,
}

pub(super) async fn show(app: Data<App>, visitor: Visitor) -> Result<HttpResponse> {
    let (count, projects) = app
        .db
        .read(|c| {
            let mut entries = Vec::new();
            for project in Project::recent(c, LISTED)? {
                entries.push(entry(c, project)?);
            }
            Ok((Project::count(c)?, entries))
        })
        .await?;
    let origin = app.public_url.origin();
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let page = HomePage {
        frame: Frame::of(&app, &visitor),
        url: app.public_url.to_string(),
        host: host.to_owned(),
        is_empty: count == 0,
        is_whole: count <= LISTED,
        is_plain_http: origin.starts_with("http://"),
        count,
        projects,
    };
    send(&app, &visitor, &page)
}

fn entry(c: &mut crate::db::Conn, project: Project) -> Result<Entry> {
    let releases = ranked::releases(c, project.id)?;
    let latest = ranked::latest(&releases);
    let summary = match latest {
        Some(release) => Release::summary(c, release.id)?,
        None => String::new(),
    };
    Ok(Entry {
        name: project.name,
        normalized: project.normalized.to_string(),
        latest: latest.map(|release| release.version.to_string()).unwrap_or_default(),
        summary,
    })
}
