//! What is in a file: its members, page by page, and one of them as text.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::opening::Stored;
use super::paging::{self, Paging};
use super::place::Place;
use super::source::{Shown, shown};
use super::{elsewhere, opening};
use crate::app::App;
use crate::catalog::uploaded::in_release;
use crate::config::size_for_people;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::path::redirect;
use crate::http::visitor::Visitor;
use crate::packaging::archive::{Contents, Item, Kind};
use crate::packaging::{Blake2b256, NormalizedName};
use crate::simple::{address_url, file_url};
use crate::web::page::{Frame, send};

/// Members on a page.
const SIZE: usize = 200;

/// The file that is looked into.
struct Opened {
    name: String,
    normalized: NormalizedName,
    version: String,
    filename: String,
    /// Where its bytes are kept.
    blob: Blake2b256,
    /// Where it is downloaded.
    url: String,
    /// Where its members are listed.
    here: String,
}

struct Row {
    name: String,
    /// The query that shows it, where it can be shown.
    query: Option<String>,
    size: String,
    is_link: bool,
}

#[derive(Template)]
#[template(path = "browse/contents.html")]
struct ContentsPage {
    frame: Frame,
    file: Opened,
    rows: Vec<Row>,
    is_cut: bool,
    paging: Paging,
    here: String,
}

#[derive(Template)]
#[template(path = "browse/member.html")]
struct MemberPage {
    frame: Frame,
    file: Opened,
    member: String,
    size: String,
    shown: Shown,
}

/// `/project/{project}/{version}/files/{filename}/`, with `?member=` for one of its members
pub(super) async fn show(
    app: Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    path: Path<(String, String, String)>,
) -> Result<HttpResponse> {
    let place = Place::read(&path.0, &path.1)?;
    let filename = path.2.clone();
    // No file is named so, and PostgreSQL takes no NUL even in a question.
    if filename.contains(char::is_control) {
        return Err(missing());
    }
    let here = super::file_list::contents_path("", &place.path(), &filename);
    if !place.is_canonical(request.path()) {
        return redirect(&request, &here);
    }
    let found = match hosted(&app, &place, filename.clone()).await? {
        Some(found) => Some(found),
        None => mirrored(&app, &place, filename).await?,
    };
    let opened = found.ok_or_else(missing)?.at(app.public_url.prefix(), &here);
    let list = opening::contents(&app, &place.name, opened.stored()).await?;
    match paging::parameter(request.query_string(), "member") {
        None => {
            let page = members(&app, &visitor, opened, request.query_string(), &list)?;
            send(&app, &visitor, &page)
        }
        Some(name) => {
            let item = list.get(&name).ok_or_else(|| {
                Error::not_found(format!("The file {} has no such member.", opened.filename))
            })?;
            let shown = content(&app, &opened, item, &list).await?;
            let (member, size) = (item.name.clone(), size_for_people(item.size));
            let frame = Frame::of(&app, &visitor);
            send(&app, &visitor, &MemberPage { frame, file: opened, member, size, shown })
        }
    }
}

fn missing() -> Error {
    Error::not_found("There is no such file in this release.")
}

fn members(
    app: &App,
    visitor: &Visitor,
    file: Opened,
    query: &str,
    list: &Contents,
) -> Result<ContentsPage> {
    let paging = Paging::of(query, list.items.len(), SIZE)?;
    let here = format!("{}?page=", file.here);
    let rows = paging.cut(&list.items).iter().map(|item| row(item, list)).collect();
    let frame = Frame::of(app, visitor);
    Ok(ContentsPage { frame, file, rows, is_cut: list.is_cut, paging, here })
}

fn row(item: &Item, list: &Contents) -> Row {
    let encoded = || url::form_urlencoded::byte_serialize(item.name.as_bytes()).collect::<String>();
    let is_shown = item.kind == Kind::File && item.size <= opening::LONGEST_TEXT && !list.is_cut;
    Row {
        query: is_shown.then(|| format!("?member={}", encoded())),
        name: item.name.clone(),
        size: size_for_people(item.size),
        is_link: item.kind == Kind::Link,
    }
}

async fn content(app: &App, file: &Opened, item: &Item, list: &Contents) -> Result<Shown> {
    if item.kind == Kind::Link {
        return Ok(Shown::Not("It is a link to another member, not a file of its own."));
    }
    if item.size > opening::LONGEST_TEXT || list.is_cut {
        return Ok(Shown::Not("It is too large to be shown here; download the file to read it."));
    }
    let found = opening::member(app, &file.normalized, file.stored(), item.name.clone()).await?;
    Ok(found.map_or(Shown::Not("It cannot be read."), |bytes| shown(&bytes)))
}

impl Opened {
    /// The same where this index lives under that path, and its page is there.
    fn at(self, prefix: &str, here: &str) -> Self {
        let (url, here) = (format!("{prefix}{}", self.url), format!("{prefix}{here}"));
        Self { url, here, ..self }
    }

    fn stored(&self) -> Stored<'_> {
        Stored { filename: &self.filename, blob: &self.blob }
    }
}

/// A file that is hosted here.
async fn hosted(app: &App, place: &Place, filename: String) -> Result<Option<Opened>> {
    let wanted = place.clone();
    let read = move |c: &mut Conn| {
        let Some((project, release)) = wanted.find(c)? else { return Ok(None) };
        let file = in_release(c, (project.id, release.id), &filename)?;
        Ok(file.map(|file| Opened {
            name: project.name,
            normalized: project.normalized,
            version: release.version,
            url: file_url("", &file.blake2_256, &file.filename),
            filename: file.filename,
            blob: file.blake2_256,
            here: String::new(),
        }))
    };
    app.db.read(read).await
}

/// A file of another index, where it is stored here.
async fn mirrored(app: &App, place: &Place, filename: String) -> Result<Option<Opened>> {
    let Some(project) = elsewhere::readable(app, &place.name).await? else { return Ok(None) };
    let release = project.release(&place.version);
    let file = release.and_then(|it| it.files.iter().find(|it| it.shown.filename == filename));
    let Some(file) = file else { return Ok(None) };
    let stored = file.shown.stored.as_ref().ok_or_else(|| {
        Error::not_found(format!("The file {filename} was not asked for here yet."))
    })?;
    Ok(Some(Opened {
        name: place.name.to_string(),
        normalized: place.name.clone(),
        version: place.version.to_string(),
        url: address_url("", file.shown.address, &filename),
        filename,
        blob: stored.blob.clone(),
        here: String::new(),
    }))
}
