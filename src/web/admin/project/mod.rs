//! `/admin/project/{project}/`: one project, and what administrators do to it.
//!
//! | path | fields of the form |
//! | --- | --- |
//! | `…/quarantine` | `reason`, which readers and uploaders see |
//! | `…/release` | `reason` |
//! | `…/limits` | `max_file_size`, `max_project_size`: sizes such as `1GiB`, empty for the default |
//! | `…/roles/set` | `username`, `role_name` (`Owner` or `Maintainer`) |
//! | `…/roles/remove` | `username`, `reason` |
//! | `…/delete` | `confirm_project_name`, `reason`, `prohibit` |

mod acts;
mod page;

use actix_web::web::{ServiceConfig, get, post, resource};

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/admin/project/{project}/").route(get().to(page::show)))
        .service(resource("/admin/project/{project}/quarantine").route(post().to(acts::quarantine)))
        .service(resource("/admin/project/{project}/release").route(post().to(acts::release)))
        .service(resource("/admin/project/{project}/limits").route(post().to(acts::limits)))
        .service(resource("/admin/project/{project}/roles/set").route(post().to(acts::set_role)))
        .service(
            resource("/admin/project/{project}/roles/remove").route(post().to(acts::remove_role)),
        )
        .service(resource("/admin/project/{project}/delete").route(post().to(acts::delete)));
}
