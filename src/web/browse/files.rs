//! All files of a release, page by page.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::file_list::FileRow;
use super::paging::Paging;
use super::place::Place;
use crate::app::App;
use crate::catalog::uploaded::Uploaded;
use crate::db::Conn;
use crate::error::Result;
use crate::http::path::redirect;
use crate::http::visitor::Visitor;
use crate::web::page::{Frame, send};

/// Files on a page.
const SIZE: usize = 50;

#[derive(Template)]
#[template(path = "browse/files.html")]
struct FilesPage {
    frame: Frame,
    name: String,
    normalized: String,
    version: String,
    files: Vec<FileRow>,
    paging: Paging,
    /// What stands before the number of a page in an address.
    here: String,
}

/// `/project/{project}/{version}/files/`
pub(super) async fn show(
    app: Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let place = Place::read(&path.0, &path.1)?;
    let own = format!("{}files/", place.path());
    if !place.is_canonical(request.path()) {
        return redirect(&request, &own);
    }
    let query = request.query_string().to_owned();
    let wanted = place.clone();
    let read = move |c: &mut Conn| {
        let (project, release) = wanted.find(c)?;
        let paging = Paging::of(&query, Uploaded::count(c, release.id)?, SIZE)?;
        let files = Uploaded::of_release(c, release.id, paging.range())?;
        Ok((project, release, paging, files))
    };
    let (project, release, paging, files) = app.db.read(read).await?;
    let prefix = app.public_url.prefix();
    let at = place.path();
    let page = FilesPage {
        frame: Frame::of(&app, &visitor),
        name: project.name,
        normalized: project.normalized.to_string(),
        version: release.version,
        files: files.into_iter().map(|file| FileRow::of(file, prefix, &at)).collect(),
        paging,
        here: format!("{prefix}{own}?page="),
    };
    send(&app, &visitor, &page)
}
