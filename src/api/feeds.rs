//! `/rss/…`: what is new, for feed readers.

use actix_web::web::{Data, ServiceConfig, get, head, resource};
use actix_web::{HttpRequest, HttpResponse};

use super::rss::{Channel, Item};
use crate::app::App;
use crate::catalog::journal;
use crate::catalog::project::{Project, Status};
use crate::catalog::ranked;
use crate::catalog::release::{Listed, Release};
use crate::config::PublicUrl;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::ProjectPath;
use crate::http::fresh::Fresh;
use crate::http::path::redirect;
use crate::packaging::NormalizedName;

/// Releases in the feed of all releases,
const UPDATES: i64 = 100;
/// projects in the feed of new ones,
const PACKAGES: i64 = 40;
/// and releases in the feed of one project: as many as in PyPI's.
const RELEASES: i64 = 40;

const RSS: &str = "text/xml; charset=utf-8";

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/rss/updates.xml").route(get().to(updates)).route(head().to(updates)))
        .service(resource("/rss/packages.xml").route(get().to(packages)).route(head().to(packages)))
        .service(
            resource("/rss/project/{project}/releases.xml")
                .route(get().to(releases))
                .route(head().to(releases)),
        );
}

async fn updates(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let (serial, listed) =
        app.db.read(|c| Ok((journal::last_serial(c)?, Release::newest(c, UPDATES)?))).await?;
    let title = format!("{}: newest releases", app.config.site_name);
    let items = listed.iter().map(|it| item(&app.public_url, it, true)).collect();
    Ok(send(&app, &request, title, "", items, serial))
}

async fn packages(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let url = app.public_url.clone();
    let (serial, items) = app
        .db
        .read(move |c| {
            let projects = Project::newest(c, PACKAGES)?;
            let items: Result<Vec<_>> =
                projects.iter().map(|project| added(c, &url, project)).collect();
            Ok((journal::last_serial(c)?, items?))
        })
        .await?;
    let title = format!("{}: newest projects", app.config.site_name);
    Ok(send(&app, &request, title, "", items, serial))
}

async fn releases(app: Data<App>, request: HttpRequest, at: ProjectPath) -> Result<HttpResponse> {
    if !at.is_spelled_so {
        return redirect(&request, &format!("/rss/project/{}/releases.xml", at.name));
    }
    let name = at.name.clone();
    let found = app.db.read(move |c| of_project(c, &name)).await?;
    let Some((project, listed)) = found else {
        return Err(Error::not_found(format!("There is no project {} here.", at.name)));
    };
    let title = format!("{}: releases of {}", app.config.site_name, project.name);
    let items = listed.iter().map(|it| item(&app.public_url, it, false)).collect();
    let page = format!("project/{}/", project.normalized);
    Ok(send(&app, &request, title, &page, items, project.last_serial))
}

fn of_project(c: &mut Conn, name: &NormalizedName) -> Result<Option<(Project, Vec<Listed>)>> {
    let found = Project::by_name(c, name)?;
    let Some(project) = found.filter(|it| it.status() != Status::Quarantined) else {
        return Ok(None);
    };
    let listed = Release::newest_of(c, project.id, RELEASES)?;
    Ok(Some((project, listed)))
}

fn item(url: &PublicUrl, listed: &Listed, with_name: bool) -> Item {
    let Listed { name, normalized, version, .. } = listed;
    Item {
        title: if with_name { format!("{name} {version}") } else { version.clone() },
        link: format!("{url}/project/{normalized}/{version}/"),
        description: listed.summary.clone(),
        published: listed.created_at,
    }
}

fn added(c: &mut Conn, url: &PublicUrl, project: &Project) -> Result<Item> {
    let releases = ranked::releases(c, project.id)?;
    let description = match ranked::latest(&releases) {
        Some(latest) => Release::summary(c, latest.id)?,
        None => String::new(),
    };
    Ok(Item {
        title: format!("{} added", project.name),
        link: format!("{url}/project/{}/", project.normalized),
        description,
        published: project.created_at,
    })
}

fn send(
    app: &App,
    request: &HttpRequest,
    title: String,
    page: &str,
    items: Vec<Item>,
    serial: i64,
) -> HttpResponse {
    let channel = Channel {
        title,
        link: format!("{}/{page}", app.public_url),
        own_url: format!("{}{}", app.public_url, request.path()),
        items,
    };
    let body = channel.write().into();
    Fresh { body, content_type: RSS, serial: Some(serial) }.answer(app, request)
}
