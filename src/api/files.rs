//! `/packages/…`: the files themselves, and the metadata beside each wheel.

mod fetched;
mod hidden;
mod send;

use actix_web::web::{Data, Path, ServiceConfig, get, head, resource};
use actix_web::{HttpRequest, HttpResponse};

use self::fetched::Asked;
use self::send::{About, Served, lost, send};
use crate::app::App;
use crate::catalog::file::File;
use crate::db::ProjectId;
use crate::error::{Error, Result};
use crate::http::{cors, gate};
use crate::mirror::page::possible_projects;
use crate::packaging::{Blake2b256, Filename, NormalizedName};
use crate::simple::{Address, Form, Shown, Stored};

const METADATA_SUFFIX: &str = ".metadata";
/// The longest file name that file systems take.
const LONGEST_NAME: usize = 255;
/// How many projects are looked at for a file name that does not tell its project: each of them
/// may cost a question to another index, and no real project has so many dashes in its name.
const MOST_PROJECTS: usize = 6;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/packages/{first}/{second}/{rest}/{filename}")
                .route(get().to(file))
                .route(head().to(file)),
        )
        .service(
            resource("/packages/{first}/{digest}/{filename}")
                .route(get().to(other))
                .route(head().to(other)),
        );
}

async fn file(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String, String, String)>,
) -> HttpResponse {
    let (first, second, rest, filename) = path.into_inner();
    let address = Address::parse(&[&first, &second, &rest]);
    cors::answer(answer(&app, &request, address, &filename).await)
}

/// Mirrored files whose index has other paths than this one.
async fn other(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String, String)>,
) -> HttpResponse {
    let (first, digest, filename) = path.into_inner();
    let address = Address::parse(&[&first, &digest]);
    cors::answer(answer(&app, &request, address, &filename).await)
}

/// A file that may be got.
struct Found {
    /// Its bytes, where they are known to be here.
    served: Option<Served>,
    /// The project and the page that offers it, if it is mirrored: it may have to be fetched.
    mirrored: Option<(NormalizedName, Shown)>,
}

async fn answer(
    app: &App,
    request: &HttpRequest,
    address: Option<Address>,
    filename: &str,
) -> Result<HttpResponse> {
    let address = address.ok_or_else(nothing)?;
    let Some(found) = find(app, request, filename, address).await? else {
        let why = hidden::why(app, request, filename, address).await?;
        return Err(why.unwrap_or_else(nothing));
    };
    if let Some(served) = &found.served
        && let Some(reply) = send(app, request, served).await?
    {
        return Ok(reply);
    }
    match (found.mirrored, found.served) {
        (Some((project, page)), _) => {
            let asked = Asked { app, request, project, page, filename, address };
            asked.answer().await
        }
        (None, Some(served)) => Err(lost(&served.blob)),
        (None, None) => Err(nothing()),
    }
}

fn nothing() -> Error {
    Error::not_found("There is no such file here.")
}

/// Answers from memory alone, where the project's page and the bytes are there.
pub(super) fn at_hand(app: &App, request: &HttpRequest) -> Option<HttpResponse> {
    let (folders, filename) = request.path().strip_prefix("/packages/")?.rsplit_once('/')?;
    // What is percent-encoded is left to the router.
    if filename.contains('%') {
        return None;
    }
    let mut folders = folders.split('/');
    let (first, second) = (folders.next()?, folders.next()?);
    let address = match (folders.next(), folders.next()) {
        (None, _) => Address::parse(&[first, second]),
        (Some(third), None) => Address::parse(&[first, second, third]),
        (Some(_), Some(_)) => None,
    };
    let address = address?;
    // (A name that is wrong in any other way is on no page.)
    let project = Filename::project_of(bare(filename))?;
    let page = app.pages.ready(project.as_str(), Form::Json)?;
    let Offered::Here(served) = offered(request, &page, filename, address)? else { return None };
    let bytes = app.storage.at_hand(&served.blob)?;
    Some(send::whole(app, request, &served, &bytes))
}

/// Finds a file by the page of its project, which is kept ready, and by the database where its
/// name does not tell the project.
async fn find(
    app: &App,
    request: &HttpRequest,
    filename: &str,
    address: Address,
) -> Result<Option<Found>> {
    let wanted = bare(filename);
    if !can_be_a_name(wanted) {
        return Ok(None);
    }
    let told = Filename::parse_alone(wanted).ok().map(|parsed| parsed.name().clone());
    if let Some(name) = &told
        && let Some(found) = on_page(app, request, name, filename, address).await?
    {
        return Ok(Some(found));
    }
    if let Some(served) = in_catalog(app, request, filename, address).await? {
        return Ok(Some(Found { served: Some(served), mirrored: None }));
    }
    if app.mirror.is_none() {
        return Ok(None);
    }
    let others = possible_projects(wanted).into_iter().filter(|name| Some(name) != told.as_ref());
    for name in others.take(MOST_PROJECTS) {
        if let Some(found) = on_page(app, request, &name, filename, address).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Whether any file is named so. PostgreSQL takes no NUL even in a question.
fn can_be_a_name(name: &str) -> bool {
    name.len() <= LONGEST_NAME && !name.contains(char::is_control)
}

/// A file by the page of a project.
async fn on_page(
    app: &App,
    request: &HttpRequest,
    project: &NormalizedName,
    filename: &str,
    address: Address,
) -> Result<Option<Found>> {
    let Some(page) = app.pages.project(&app.db, project, Form::Json).await? else {
        return Ok(None);
    };
    let served = match offered(request, &page, filename, address) {
        Some(Offered::Here(served)) => Some(served),
        Some(Offered::Somewhere) => None,
        None => return Ok(None),
    };
    let mirrored = is_mirrored(&page).then(|| (project.clone(), page));
    Ok(Some(Found { served, mirrored }))
}

/// A hosted file by its name alone.
async fn in_catalog(
    app: &App,
    request: &HttpRequest,
    filename: &str,
    address: Address,
) -> Result<Option<Served>> {
    let wanted = bare(filename).to_owned();
    let found = app.db.read(move |c| Ok(File::offered(c, &wanted)?)).await?;
    let is_meant = |(file, project): &(File, ProjectId)| {
        Address::of(&file.blake2_256) == address && gate::may_read(request, *project)
    };
    let Some((file, _)) = found.filter(is_meant) else { return Ok(None) };
    let size = u64::try_from(file.size).unwrap_or_default();
    let stored = Stored { id: file.id, blob: file.blake2_256, size };
    Ok(hosted(filename, file.metadata_blake2_256.as_ref(), &stored))
}

/// What a page offers.
enum Offered {
    /// Bytes that are here.
    Here(Served),
    /// A mirrored file that was not asked for yet, as far as the page knows.
    Somewhere,
}

/// A file or its metadata by the page of its project, if the caller may get it.
fn offered(
    request: &HttpRequest,
    page: &Shown,
    filename: &str,
    address: Address,
) -> Option<Offered> {
    let offer = page.files.find(bare(filename), address)?;
    if !gate::may_read(request, page.id) {
        return None;
    }
    if !is_mirrored(page) {
        return hosted(filename, offer.metadata(), offer.stored()?).map(Offered::Here);
    }
    let about = About::mirrored(filename, address);
    let served = if filename.ends_with(METADATA_SUFFIX) {
        offer.metadata().map(|blob| Served::metadata(blob, about))
    } else {
        offer.stored().map(|stored| Served::file(stored, about))
    };
    Some(served.map_or(Offered::Somewhere, Offered::Here))
}

fn is_mirrored(page: &Shown) -> bool {
    page.id.get() < 0
}

fn bare(filename: &str) -> &str {
    filename.strip_suffix(METADATA_SUFFIX).unwrap_or(filename)
}

fn hosted(filename: &str, metadata: Option<&Blake2b256>, stored: &Stored) -> Option<Served> {
    if filename.ends_with(METADATA_SUFFIX) {
        return metadata.map(|blob| Served::metadata(blob, About::hosted(filename, blob)));
    }
    Some(Served::file(stored, About::hosted(filename, &stored.blob)))
}
