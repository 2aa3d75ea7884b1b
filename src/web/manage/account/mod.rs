//! `/manage/account/` and everything below it but the tokens.

mod addresses;
mod advice;
pub(in crate::web) mod events;
mod history;
mod overview;
mod password;
mod profile;
mod recovery;
mod sessions;
mod totp;
mod two_factor;
mod unverified;

use actix_web::web::{ServiceConfig, get, post, resource};

/// Where the area begins.
const HOME: &str = "/manage/account/";

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/manage/account/").route(get().to(overview::show)))
        .service(resource("/manage/account/profile").route(post().to(profile::save)))
        .service(resource("/manage/account/password").route(post().to(password::change)))
        .service(resource("/manage/account/emails/add").route(post().to(addresses::add)))
        .service(resource("/manage/account/emails/primary").route(post().to(addresses::primary)))
        .service(resource("/manage/account/emails/reverify").route(post().to(addresses::reverify)))
        .service(resource("/manage/account/emails/delete").route(post().to(addresses::delete)))
        .service(resource("/manage/unverified-account/").route(get().to(unverified::show)))
        .service(resource("/manage/account/history/").route(get().to(history::show)))
        .configure(second_factor)
        .configure(browsers);
}

fn second_factor(config: &mut ServiceConfig) {
    config
        .service(resource("/manage/account/two-factor/").route(get().to(two_factor::show)))
        .service(
            resource("/manage/account/recovery-codes/generate")
                .route(get().to(recovery::explain))
                .route(post().to(recovery::generate)),
        )
        .service(
            resource("/manage/account/recovery-codes/burn")
                .route(get().to(recovery::ask))
                .route(post().to(recovery::burn)),
        )
        .service(
            resource("/manage/account/totp-provision")
                .route(get().to(totp::show))
                .route(post().to(totp::enable)),
        )
        .service(resource("/manage/account/totp-disable").route(post().to(totp::disable)));
}

fn browsers(config: &mut ServiceConfig) {
    config
        .service(resource("/manage/account/sessions/").route(get().to(sessions::show)))
        .service(resource("/manage/account/sessions/end").route(post().to(sessions::end)))
        .service(resource("/manage/account/devices/forget").route(post().to(sessions::forget)));
}
