//! What people do with their own account and projects.
//!
//! | path | fields of the form | guard |
//! | --- | --- | --- |
//! | `/manage/account/` | | logged in, with all that is demanded |
//! | `…/profile` | `full_name` | the same |
//! | `…/password` | `password`, `new_password`, `password_confirm` | the same |
//! | `…/emails/add` | `email` | logged in, password typed in lately |
//! | `…/emails/primary` | `email_id` | the same |
//! | `…/emails/reverify` | `email_id` | logged in |
//! | `…/emails/delete` | `email_id` | all that is demanded, password typed in lately |
//! | `…/two-factor/` | | verified address, password typed in lately |
//! | `…/totp-provision` | `totp_value` | the same |
//! | `…/totp-disable` | `totp_value`: a code of the app or a recovery code | the same |
//! | `…/recovery-codes/generate` | | the same |
//! | `…/recovery-codes/burn` | `recovery_code_value` | the same |
//! | `…/sessions/`, `…/sessions/end` | `session_id`; none: all others | all that is demanded |
//! | `…/devices/forget` | `device_id`; none: all | the same |
//! | `…/history/` | | the same |
//! | `…/token/` | `description`, `token_scope`, `permission`, `expires_days`, `project:NAME` | the same; to make one the password typed in lately |
//! | `…/token/revoke` | `token_id` | all that is demanded, password typed in lately |
//! | `/manage/unverified-account/` | | logged in |
//! | `/manage/projects/` | | all that is demanded |
//! | `…/invitations/accept`, `…/decline` | `invitation_id` | the same |
//! | `/manage/project/{project}/…` | see [`project`] | a role in the project |

pub(super) mod account;
mod project;
mod projects;
pub(super) mod token;

use actix_web::web::{ServiceConfig, get, post, resource};

pub(super) fn configure(config: &mut ServiceConfig) {
    account::configure(config);
    project::configure(config);
    config
        .service(
            resource("/manage/account/token/")
                .route(get().to(token::own::show))
                .route(post().to(token::own::create)),
        )
        .service(resource("/manage/account/token/revoke").route(post().to(token::own::revoke)))
        .service(resource("/manage/projects/").route(get().to(projects::show)))
        .service(resource("/manage/projects/invitations/accept").route(post().to(projects::accept)))
        .service(
            resource("/manage/projects/invitations/decline").route(post().to(projects::decline)),
        );
}
