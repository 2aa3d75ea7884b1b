//! Pages for people. Each area has its routes, handlers and page structs in one folder.

mod admin;
mod assets;
mod browse;
mod form;
mod manage;
mod page;
mod paging;
mod register;
mod said;
mod sign_in;

use actix_web::middleware::from_fn;
use actix_web::web::{ServiceConfig, scope};

pub use page::not_found;

/// The routes of logging in, which stand first.
pub fn configure_sign_in(config: &mut ServiceConfig) {
    sign_in::configure(config);
}

/// All other routes of this area. They stand last: the scope takes every path that is left.
pub fn configure(config: &mut ServiceConfig) {
    assets::configure(config);
    let pages = scope("")
        .wrap(from_fn(page::still))
        .wrap(from_fn(page::errors))
        .configure(browse::configure)
        .configure(register::configure)
        .configure(manage::configure)
        .configure(admin::configure);
    config.service(pages.default_service(actix_web::web::to(not_found)));
}
