//! Pages for administrators. To everybody else they are not there.
//!
//! | path | fields of the form |
//! | --- | --- |
//! | `/admin/` | leads to the accounts |
//! | `/admin/users/` | |
//! | `/admin/users/service` | `username`: makes a service account |
//! | `/admin/users/invite/` | `note`, `email`: where the link is mailed to, if anywhere |
//! | `/admin/users/invite/revoke` | `invitation_id` |
//! | `/admin/users/{username}/history/` | |
//! | `/admin/users/{username}/token/` | as `/manage/account/token/`; of service accounts |
//! | `/admin/users/{username}/token/revoke` | `token_id` |
//! | `/admin/domains/` | |
//! | `/admin/domains/{domain}/` | |
//! | `/admin/domains/sweep` | `confirm`: `yes` to go ahead where the brake stopped a sweep |
//! | `/admin/downloads/` | by GET: `project`, `version`, `file`, `digest`, `user`, `since`, `before` |
//! | `/admin/downloads/export` | the same, and `format`: `csv` or `jsonl` |
//! | `/admin/tokens/` | `token`: the token that somebody found |
//! | `/admin/tokens/revoke` | `token_id` |

mod domain;
mod domains;
mod downloads;
mod history;
mod invite;
mod service;
mod tokens;
mod users;

use actix_web::HttpResponse;
use actix_web::web::{Data, ServiceConfig, get, post, resource};

use crate::accounts::Username;
use crate::accounts::user::User;
use crate::app::App;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::guard::Admin;
use crate::web::page::go;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/admin/").route(get().to(home)))
        .service(resource("/admin/users/").route(get().to(users::show)))
        .service(resource("/admin/users/service").route(post().to(service::create)))
        .service(
            resource("/admin/users/invite/")
                .route(get().to(invite::show))
                .route(post().to(invite::make)),
        )
        .service(resource("/admin/users/invite/revoke").route(post().to(invite::revoke)))
        .service(resource("/admin/users/{username}/history/").route(get().to(history::show)))
        .service(
            resource("/admin/users/{username}/token/")
                .route(get().to(service::show))
                .route(post().to(service::make_token)),
        )
        .service(resource("/admin/users/{username}/token/revoke").route(post().to(service::revoke)))
        .service(resource("/admin/domains/").route(get().to(domains::show)))
        .service(resource("/admin/domains/sweep").route(post().to(domains::sweep)))
        .service(resource("/admin/domains/{domain}/").route(get().to(domain::show)))
        .service(resource("/admin/downloads/").route(get().to(downloads::show)))
        .service(resource("/admin/downloads/export").route(get().to(downloads::export)))
        .service(
            resource("/admin/tokens/")
                .route(get().to(tokens::show))
                .route(post().to(tokens::look_up)),
        )
        .service(resource("/admin/tokens/revoke").route(post().to(tokens::revoke)));
}

async fn home(app: Data<App>, _who: Admin) -> HttpResponse {
    go(&app, users::PLACE, None)
}

/// The account that a path names.
fn named(c: &mut Conn, text: &str) -> Result<User> {
    let user = match Username::parse(text) {
        Some(name) => User::by_name(c, &name)?,
        None => None,
    };
    user.ok_or_else(|| Error::not_found("There is no such account."))
}
