//! `/admin/mirror/`: what is taken from other indexes, and what of it is not served.
//!
//! | path | fields of the form |
//! | --- | --- |
//! | `/admin/mirror/` | |
//! | `/admin/mirror/quarantine` | `project` and, of it, `version` or `file`, or `digest` alone; `reason`, which readers see |
//! | `/admin/mirror/allow` | `project` and, of it, `version` or `file`; `until`: the last day; `reason` |
//! | `/admin/mirror/release` | `rule_id`, `reason` |

mod acts;
mod page;

use actix_web::web::{ServiceConfig, get, post, resource};

const PLACE: &str = "/admin/mirror/";

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/admin/mirror/").route(get().to(page::show)))
        .service(resource("/admin/mirror/quarantine").route(post().to(acts::quarantine)))
        .service(resource("/admin/mirror/allow").route(post().to(acts::allow)))
        .service(resource("/admin/mirror/release").route(post().to(acts::release)));
}
