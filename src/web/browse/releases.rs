//! All releases of a project, page by page.

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::paging::Paging;
use super::place::readable;
use super::{elsewhere, foreign};
use crate::app::App;
use crate::catalog::ranked::{self, Ranked};
use crate::catalog::release::Release;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::ProjectPath;
use crate::http::path::redirect;
use crate::http::visitor::Visitor;
use crate::mirror;
use crate::packaging::{NormalizedName, Version};
use crate::time;
use crate::web::page::{Frame, send};

/// Releases on a page.
const SIZE: usize = 100;

/// A release in a list of them.
pub(super) struct ReleaseRow {
    pub(super) version: String,
    pub(super) day: String,
    pub(super) is_prerelease: bool,
    pub(super) yanked: Option<String>,
    pub(super) is_shown: bool,
    /// Whether it is of another index, and none of its files is served.
    pub(super) is_held: bool,
}

#[derive(Template)]
#[template(path = "browse/releases.html")]
struct ReleasesPage {
    frame: Frame,
    name: String,
    normalized: String,
    releases: Vec<ReleaseRow>,
    paging: Paging,
    /// What stands before the number of a page in an address.
    here: String,
}

/// `/project/{project}/releases/`
pub(super) async fn show(
    app: Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    at: ProjectPath,
) -> Result<HttpResponse> {
    let name = at.name;
    let own = format!("/project/{name}/releases/");
    if !at.is_spelled_so || !request.path().ends_with('/') {
        return redirect(&request, &own);
    }
    let (wanted, query) = (name.clone(), request.query_string().to_owned());
    let found = match app.db.read(move |c| hosted(c, &wanted, &query)).await? {
        Some(found) => Some(found),
        None => mirrored(&app, &name, request.query_string()).await?,
    };
    let missing = || Error::not_found(format!("There is no project {name} here."));
    let (shown, paging, releases) = found.ok_or_else(missing)?;
    let page = ReleasesPage {
        frame: Frame::of(&app, &visitor),
        name: shown,
        normalized: name.to_string(),
        releases,
        paging,
        here: format!("{}{own}?page=", app.public_url.prefix()),
    };
    send(&app, &visitor, &page)
}

/// The name of a project as it is shown, and a page of its releases, the newest first.
type Listing = (String, Paging, Vec<ReleaseRow>);

fn hosted(c: &mut Conn, name: &NormalizedName, query: &str) -> Result<Option<Listing>> {
    let Some(project) = readable(c, name)? else { return Ok(None) };
    let mut releases = ranked::releases(c, project.id)?;
    releases.reverse();
    let paging = Paging::of(query, releases.len(), SIZE)?;
    let rows = ReleaseRow::of(c, paging.cut(&releases), None)?;
    Ok(Some((project.name, paging, rows)))
}

async fn mirrored(app: &App, name: &NormalizedName, query: &str) -> Result<Option<Listing>> {
    let Some(project) = elsewhere::readable(app, name).await? else { return Ok(None) };
    let releases: Vec<_> = project.releases.iter().rev().collect();
    let paging = Paging::of(query, releases.len(), SIZE)?;
    let rows = paging.cut(&releases).iter().map(|it| ReleaseRow::mirrored(it, None)).collect();
    Ok(Some((name.to_string(), paging, rows)))
}

impl ReleaseRow {
    /// The lines of these releases, of which one may be the one that is shown.
    pub(super) fn of(c: &mut Conn, releases: &[Ranked], shown: Option<&str>) -> Result<Vec<Self>> {
        let ids = releases.iter().map(|release| release.id).collect();
        let times: HashMap<_, _> = Release::times(c, ids)?.into_iter().collect();
        let row = |release: &Ranked| {
            let version = release.version.to_string();
            Self {
                day: times.get(&release.id).map(|at| time::day(*at)).unwrap_or_default(),
                is_prerelease: release.version.is_prerelease(),
                yanked: foreign::reason(release.yanked.as_deref()),
                is_shown: shown == Some(version.as_str()),
                is_held: false,
                version,
            }
        };
        Ok(releases.iter().map(row).collect())
    }

    /// The line of a release of another index.
    pub(super) fn mirrored(release: &mirror::project::Release, shown: Option<&Version>) -> Self {
        Self {
            version: release.version.to_string(),
            day: release.published().map(time::day).unwrap_or_default(),
            is_prerelease: release.version.is_prerelease(),
            yanked: foreign::reason(release.yanked()),
            is_shown: shown == Some(&release.version),
            is_held: release.is_held(),
        }
    }
}
