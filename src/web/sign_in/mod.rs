//! Logging in and out: password, then the second factor where there is one.

mod login;
mod logout;
mod reauthenticate;
mod second_factor;

use actix_web::web::{ServiceConfig, get, post, resource};

use second_factor::{CodeForm, RecoveryForm};

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/account/login/")
                .route(get().to(login::show))
                .route(post().to(login::submit)),
        )
        .service(
            resource("/account/two-factor/")
                .route(get().to(second_factor::show::<CodeForm>))
                .route(post().to(second_factor::submit::<CodeForm>)),
        )
        .service(
            resource("/account/recovery-code/")
                .route(get().to(second_factor::show::<RecoveryForm>))
                .route(post().to(second_factor::submit::<RecoveryForm>)),
        )
        .service(
            resource("/account/reauthenticate/")
                .route(get().to(reauthenticate::show))
                .route(post().to(reauthenticate::submit)),
        )
        .service(resource("/account/logout/").route(post().to(logout::submit)));
}
