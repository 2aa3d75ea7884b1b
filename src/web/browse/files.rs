//! All files of a release, page by page.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::elsewhere;
use super::file_list::FileRow;
use super::paging::Paging;
use super::place::{Place, missing};
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
    let (wanted, prefix) = (place.clone(), app.public_url.prefix().to_owned());
    let found = match app.db.read(move |c| hosted(c, &wanted, &query, &prefix)).await? {
        Some(found) => Some(found),
        None => mirrored(&app, &place, request.query_string()).await?,
    };
    let Listing { name, version, paging, files } = found.ok_or_else(missing)?;
    let page = FilesPage {
        frame: Frame::of(&app, &visitor),
        name,
        normalized: place.name.to_string(),
        version,
        files,
        paging,
        here: format!("{}{own}?page=", app.public_url.prefix()),
    };
    send(&app, &visitor, &page)
}

/// A page of the files of a release.
struct Listing {
    name: String,
    version: String,
    paging: Paging,
    files: Vec<FileRow>,
}

fn hosted(c: &mut Conn, place: &Place, query: &str, prefix: &str) -> Result<Option<Listing>> {
    let Some((project, release)) = place.find(c)? else { return Ok(None) };
    let paging = Paging::of(query, Uploaded::count(c, release.id)?, SIZE)?;
    let files = Uploaded::of_release(c, release.id, paging.range())?.into_iter();
    let files = files.map(|file| FileRow::of(file, prefix, &place.path())).collect();
    Ok(Some(Listing { name: project.name, version: release.version, paging, files }))
}

async fn mirrored(app: &App, place: &Place, query: &str) -> Result<Option<Listing>> {
    let Some(project) = elsewhere::readable(app, &place.name).await? else { return Ok(None) };
    let Some(release) = project.release(&place.version) else { return Ok(None) };
    let (prefix, at) = (app.public_url.prefix(), place.path());
    let paging = Paging::of(query, release.files.len(), SIZE)?;
    let row = |file| FileRow::mirrored(file, &place.name, prefix, &at);
    let files = paging.cut(&release.files).iter().map(row).collect();
    let version = release.version.to_string();
    Ok(Some(Listing { name: place.name.to_string(), version, paging, files }))
}
