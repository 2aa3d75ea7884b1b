//! `/admin/user/{username}/`: one account, and what administrators do to it.
//!
//! | path | fields of the form |
//! | --- | --- |
//! | `…/disable`, `…/enable`, `…/reset-password`, `…/reset-2fa` | `reason` |
//! | `…/verify` | `email_id`, `reason` |
//! | `…/administrator` | `is_admin` (`yes` or `no`), `reason` |
//! | `…/sessions/end` | `session_id`; without it all |

mod acts;
mod page;
pub(super) mod sessions;

use actix_web::web::{ServiceConfig, get, post, resource};

use crate::accounts::user::User;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/admin/user/{username}/").route(get().to(page::show)))
        .service(resource("/admin/user/{username}/disable").route(post().to(acts::disable)))
        .service(resource("/admin/user/{username}/enable").route(post().to(acts::enable)))
        .service(resource("/admin/user/{username}/verify").route(post().to(acts::verify)))
        .service(
            resource("/admin/user/{username}/reset-password")
                .route(post().to(acts::reset_password)),
        )
        .service(resource("/admin/user/{username}/reset-2fa").route(post().to(acts::reset_factor)))
        .service(
            resource("/admin/user/{username}/administrator").route(post().to(acts::administrator)),
        )
        .service(resource("/admin/user/{username}/sessions/end").route(post().to(sessions::end)));
}

fn place(user: &User) -> String {
    format!("/admin/user/{}/", user.username)
}
