//! Logging in and out: password, then the second factor where there is one.
//!
//! These routes stand before all others of the server: a login would be compared with the patterns of
//! all those first.

mod login;
mod logout;
mod reauthenticate;
mod second_factor;

use actix_web::Resource;
use actix_web::dev::HttpServiceFactory;
use actix_web::middleware::from_fn;
use actix_web::web::{ServiceConfig, get, post, resource};

use second_factor::{CodeForm, RecoveryForm};

use super::page;

pub(super) fn configure(config: &mut ServiceConfig) {
    let login =
        resource("/account/login/").route(get().to(login::show)).route(post().to(login::submit));
    let second_factor = resource("/account/two-factor/")
        .route(get().to(second_factor::show::<CodeForm>))
        .route(post().to(second_factor::submit::<CodeForm>));
    let recovery_code = resource("/account/recovery-code/")
        .route(get().to(second_factor::show::<RecoveryForm>))
        .route(post().to(second_factor::submit::<RecoveryForm>));
    let again = resource("/account/reauthenticate/")
        .route(get().to(reauthenticate::show))
        .route(post().to(reauthenticate::submit));
    let logout = resource("/account/logout/").route(post().to(logout::submit));
    for pages in [login, second_factor, recovery_code, again, logout] {
        config.service(like_all(pages));
    }
}

/// What all other pages pass together.
fn like_all(pages: Resource) -> impl HttpServiceFactory {
    pages.wrap(from_fn(page::still)).wrap(from_fn(page::errors))
}
