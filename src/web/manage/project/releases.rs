//! `/manage/project/{project}/releases/`: all releases of a project.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;

use super::head::Head;
use crate::app::App;
use crate::catalog::file::File;
use crate::catalog::ranked::{self, Ranked};
use crate::db::{Conn, ProjectId, ReleaseId};
use crate::error::Result;
use crate::http::manager::Collaborator;
use crate::http::visitor::Visitor;
use crate::web::form::refuse;
use crate::web::page::Frame;
use crate::web::paging::{Asked, Paging};

/// Releases on one page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "manage/project/releases.html")]
struct ReleasesPage {
    frame: Frame,
    head: Head,
    place: String,
    releases: Vec<Row>,
    count: usize,
    paging: Paging,
    /// Base URL of this index.
    url: String,
}

struct Row {
    version: String,
    is_prerelease: bool,
    yanked: Option<String>,
    files: i64,
}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    who: Collaborator,
    asked: Query<Asked>,
) -> Result<HttpResponse> {
    let (id, asked) = (who.standing.project.id, asked.into_inner());
    let (releases, count, paging) = app.db.read(move |c| read(c, id, &asked)).await?;
    let head = Head::of(&who, "releases");
    let page = ReleasesPage {
        frame: Frame::of(&app, &visitor),
        place: format!("/manage/project/{}/releases/", head.normalized),
        head,
        releases,
        count,
        paging,
        url: app.public_url.to_string(),
    };
    refuse(&app, &visitor, None, &page)
}

fn read(c: &mut Conn, project: ProjectId, asked: &Asked) -> Result<(Vec<Row>, usize, Paging)> {
    let mut all = ranked::releases(c, project)?;
    all.reverse();
    let paging = asked.of(all.len(), PAGE);
    let (offset, size) = paging.window();
    let shown: Vec<Ranked> = all.iter().skip(offset).take(size).cloned().collect();
    let ids: Vec<ReleaseId> = shown.iter().map(|it| it.id).collect();
    let files: HashMap<ReleaseId, i64> = File::counts(c, &ids)?.into_iter().collect();
    let rows = shown.into_iter().map(|it| Row {
        version: it.version.to_string(),
        is_prerelease: it.version.is_prerelease(),
        yanked: it.yanked,
        files: files.get(&it.id).copied().unwrap_or_default(),
    });
    Ok((rows.collect(), all.len(), paging))
}
