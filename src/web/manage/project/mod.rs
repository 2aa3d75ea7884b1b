//! Pages about managing one project. Maintainers see them, owners change things.
//!
//! | path | fields of the form |
//! | --- | --- |
//! | `/manage/project/{project}/` | leads to the releases |
//! | `…/releases/` | |
//! | `…/release/{version}/` | `confirm_yank_version` with `yanked_reason`, or `confirm_unyank_version`: the release, or with `file_id` one file of it; `confirm_delete_version`; `confirm_project_name` with `file_id` |
//! | `…/settings/` | `action`: `archive`, `unarchive`, `deprecate`, `undeprecate`, with `reason`; `confirm_project_name` deletes the project |
//! | `…/collaboration/` | `username` or an address, `role_name`: invites |
//! | `…/collaboration/revoke` | `invitation_id` |
//! | `…/collaboration/change` | `username`, `role_name` |
//! | `…/collaboration/remove` | `username` |
//! | `…/collaboration/leave` | |
//! | `…/history/` | |
//!
//! Every change needs the password typed in within the last 30 minutes.

mod collaboration;
mod confirm;
mod head;
mod history;
mod release;
mod releases;
mod settings;

use actix_web::HttpResponse;
use actix_web::web::{Data, ServiceConfig, get, post, resource};

use crate::app::App;
use crate::error::{Error, Kind};
use crate::http::manager::Collaborator;
use crate::packaging::NormalizedName;
use crate::web::page::go;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/manage/project/{project}/").route(get().to(home)))
        .service(resource("/manage/project/{project}/releases/").route(get().to(releases::show)))
        .service(
            resource("/manage/project/{project}/release/{version}/")
                .route(get().to(release::show))
                .route(post().to(release::change)),
        )
        .service(
            resource("/manage/project/{project}/settings/")
                .route(get().to(settings::show))
                .route(post().to(settings::change)),
        )
        .service(resource("/manage/project/{project}/history/").route(get().to(history::show)))
        .configure(people);
}

fn people(config: &mut ServiceConfig) {
    config
        .service(
            resource("/manage/project/{project}/collaboration/")
                .route(get().to(collaboration::show))
                .route(post().to(collaboration::invite)),
        )
        .service(
            resource("/manage/project/{project}/collaboration/revoke")
                .route(post().to(collaboration::revoke)),
        )
        .service(
            resource("/manage/project/{project}/collaboration/change")
                .route(post().to(collaboration::change)),
        )
        .service(
            resource("/manage/project/{project}/collaboration/remove")
                .route(post().to(collaboration::remove)),
        )
        .service(
            resource("/manage/project/{project}/collaboration/leave")
                .route(post().to(collaboration::leave)),
        );
}

async fn home(app: Data<App>, who: Collaborator) -> HttpResponse {
    let place = format!("/manage/project/{}/releases/", who.standing.project.normalized);
    go(&app, &place, None)
}

/// Says that a project was changed and who has to hear of it: readers of this process see it at
/// once, those of others as soon as they read the journal.
pub(super) fn changed(app: &App, name: &NormalizedName) {
    app.pages.changed(name);
    app.mailer.wake();
}

/// Whether an error is shown above the forms of these pages.
fn is_for_the_page(error: &Error) -> bool {
    matches!(error.kind(), Kind::Invalid | Kind::Conflict | Kind::TooMany)
}
