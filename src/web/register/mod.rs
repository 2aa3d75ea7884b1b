//! Getting an account, and getting back into one: registration, verifying an address by the mailed
//! link, and a new password by a mailed link.

mod account;
mod forgotten;
mod new_password;
mod verify;

use actix_web::web::{ServiceConfig, get, post, resource};

/// The answer where the same new password was not typed in twice.
const DIFFERENT: &str = "The two passwords differ.";

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/account/register/")
                .route(get().to(account::show))
                .route(post().to(account::submit)),
        )
        .service(
            resource("/account/request-password-reset/")
                .route(get().to(forgotten::show))
                .route(post().to(forgotten::submit)),
        )
        .service(
            resource("/account/reset-password/")
                .route(get().to(new_password::show))
                .route(post().to(new_password::submit)),
        )
        .service(
            resource("/account/verify-email/")
                .route(get().to(verify::show))
                .route(post().to(verify::submit)),
        );
}
