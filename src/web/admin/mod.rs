//! Pages for administrators. To everybody else they are not there. What changes anything asks for
//! the password again after half an hour, and stands in the log of the administrators' acts.
//!
//! | path | fields of the form |
//! | --- | --- |
//! | `/admin/` | figures, and what needs attention |
//! | `/admin/users/` | `?q=`, `?after=` |
//! | `/admin/users/service` | `username`: makes a service account |
//! | `/admin/users/invite/` | `note`, `email`: where the link is mailed to, if anywhere |
//! | `/admin/users/invite/revoke` | `invitation_id` |
//! | `/admin/users/{username}/history/` | |
//! | `/admin/users/{username}/token/` | as `/manage/account/token/`; of service accounts |
//! | `/admin/users/{username}/token/revoke` | `token_id`, `reason` |
//! | `/admin/user/{username}/…` | see [`user`] |
//! | `/admin/domains/` | |
//! | `/admin/domains/{domain}/` | |
//! | `/admin/domains/sweep` | `confirm`: `yes` to go ahead where the brake stopped a sweep |
//! | `/admin/downloads/` | by GET: `project`, `version`, `file`, `digest`, `user`, `since`, `before` |
//! | `/admin/downloads/export` | the same, and `format`: `csv` or `jsonl` |
//! | `/admin/projects/` | `?q=`, `?status=`, `?after=` |
//! | `/admin/project/{project}/…` | see [`project`] |
//! | `/admin/names/…` | see [`names`] |
//! | `/admin/mirror/…` | see [`mirror`] |
//! | `/admin/jobs/`, `/admin/jobs/run` | `name` |
//! | `/admin/mail/`, `/admin/mail/retry` | `mail_id`; without it all that wait |
//! | `/admin/journal/` | `?project=`, `?before=` |
//! | `/admin/events/` | `?username=`, `?ip=`, `?before=` |
//! | `/admin/log/` | `?who=`, `?act=`, `?target=`, `?before=` |
//! | `/admin/site/…` | see [`site`] |
//! | `/admin/tokens/` | `token`: the token that somebody found |
//! | `/admin/tokens/revoke` | `token_id`, `reason` |

mod domain;
mod domains;
mod downloads;
mod events;
mod history;
mod invite;
mod jobs;
mod journal;
mod log;
mod mail;
mod mirror;
mod names;
mod overview;
mod project;
mod projects;
mod service;
mod site;
mod tokens;
mod user;
mod users;

use actix_web::web::{ServiceConfig, get, post, resource};

use crate::accounts::Username;
use crate::accounts::user::User;
use crate::db::Conn;
use crate::error::{Error, Result};

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/admin/").route(get().to(overview::show)))
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
        .service(
            resource("/admin/users/{username}/token/revoke")
                .route(post().to(user::sessions::revoke_token)),
        )
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
        .service(resource("/admin/tokens/revoke").route(post().to(tokens::revoke)))
        .service(resource("/admin/projects/").route(get().to(projects::show)))
        .service(resource("/admin/jobs/").route(get().to(jobs::show)))
        .service(resource("/admin/jobs/run").route(post().to(jobs::run)))
        .service(resource("/admin/mail/").route(get().to(mail::show)))
        .service(resource("/admin/mail/retry").route(post().to(mail::retry)))
        .service(resource("/admin/journal/").route(get().to(journal::show)))
        .service(resource("/admin/events/").route(get().to(events::show)))
        .service(resource("/admin/log/").route(get().to(log::show)));
    user::configure(config);
    project::configure(config);
    names::configure(config);
    mirror::configure(config);
    site::configure(config);
}

/// The account that a path names.
fn named(c: &mut Conn, text: &str) -> Result<User> {
    let user = match Username::parse(text) {
        Some(name) => User::by_name(c, &name)?,
        None => None,
    };
    user.ok_or_else(|| Error::not_found("There is no such account."))
}

/// Cuts a list that was read one longer than a page; whether there is more.
fn cut<T>(rows: &mut Vec<T>, page: i64) -> bool {
    let shown = usize::try_from(page).unwrap_or(usize::MAX);
    let has_more = rows.len() > shown;
    rows.truncate(shown);
    has_more
}

/// What somebody typed into a field of a search, in the query of a link.
fn in_query(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
