//! Why nobody gets a mirrored file that its index has.

use actix_web::HttpRequest;

use super::{MOST_PROJECTS, bare, can_be_a_name};
use crate::app::App;
use crate::catalog::project::Status;
use crate::db::ProjectId;
use crate::error::{Error, Result};
use crate::http::gate;
use crate::mirror::Mirror;
use crate::mirror::file::Fault;
use crate::mirror::page::possible_projects;
use crate::mirror::view::Source;
use crate::simple::Address;
use crate::time;

/// The words for whoever asks for a file that no page offers; none where no page that is kept has
/// ever named it.
pub(super) async fn why(
    app: &App,
    request: &HttpRequest,
    filename: &str,
    address: Address,
) -> Result<Option<Error>> {
    let Some(mirror) = app.mirror.as_ref().filter(|_| can_be_a_name(bare(filename))) else {
        return Ok(None);
    };
    for project in possible_projects(bare(filename)).into_iter().take(MOST_PROJECTS) {
        let Some(source) = mirror.kept(&project).await? else { continue };
        if gate::may_read(request, ProjectId::new(-source.head.id.get()))
            && let Some(error) = of_page(mirror, &source, filename, address)
        {
            return Ok(Some(error));
        }
    }
    Ok(None)
}

fn of_page(mirror: &Mirror, source: &Source, filename: &str, address: Address) -> Option<Error> {
    let file = source.page.find(bare(filename), address)?;
    let verdict = source.verdict(file, mirror.how(), time::now());
    if let Some(refusal) = verdict.refusal(filename) {
        return Some(refusal);
    }
    if source.page.status == Status::Quarantined {
        let words = format!("{filename} is quarantined by the index that it comes from.");
        return Some(Error::not_found(words));
    }
    mirror.config.offline.then(|| Fault::Offline.about(filename))
}
