//! Finding and reading: the home page, the search, and the pages of projects and of people.

mod chart;
mod contents;
mod dependencies;
mod description;
mod elsewhere;
mod facts;
mod file_list;
mod files;
mod foreign;
mod found;
mod home;
mod links;
mod opening;
mod origin;
mod paging;
mod place;
mod project;
mod releases;
mod search;
mod search_query;
mod source;
mod user;

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
            resource(["/user/{name}", "/user/{name}/"])
                .route(get().to(user::show))
                .route(head().to(user::show)),
        );
    configure_projects(config);
}

fn configure_projects(config: &mut ServiceConfig) {
    config
        .service(
            resource(["/project/{project}", "/project/{project}/"])
                .route(get().to(project::show_latest))
                .route(head().to(project::show_latest)),
        )
        // Before the releases: no version reads so.
        .service(
            resource(["/project/{project}/releases", "/project/{project}/releases/"])
                .route(get().to(releases::show))
                .route(head().to(releases::show)),
        )
        .service(
            resource(["/project/{project}/{version}", "/project/{project}/{version}/"])
                .route(get().to(project::show_version))
                .route(head().to(project::show_version)),
        )
        .service(
            resource(["/project/{project}/{version}/files", "/project/{project}/{version}/files/"])
                .route(get().to(files::show))
                .route(head().to(files::show)),
        )
        .service(
            resource([
                "/project/{project}/{version}/files/{filename}",
                "/project/{project}/{version}/files/{filename}/",
            ])
            .route(get().to(contents::show))
            .route(head().to(contents::show)),
        );
}
