//! Finding and reading: the home page and the pages of projects.

mod facts;
mod home;
mod project;
mod search;
mod search_query;

use actix_web::web::{ServiceConfig, get, head, resource};

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/").route(get().to(home::show)).route(head().to(home::show)))
        .service(
            resource(["/search", "/search/"])
                .route(get().to(search::show))
                .route(head().to(search::show)),
        )
        .service(
            resource(["/project/{project}", "/project/{project}/"])
                .route(get().to(project::show_latest))
                .route(head().to(project::show_latest)),
        )
        .service(
            resource(["/project/{project}/{version}", "/project/{project}/{version}/"])
                .route(get().to(project::show_version))
                .route(head().to(project::show_version)),
        );
}
