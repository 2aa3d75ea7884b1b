//! What a reader of a private index may read.

use super::{Caller, Way};
use crate::db::ProjectId;

/// Whether a caller may read a project: a token that speaks for chosen projects reads those only.
pub fn may_read(caller: &Caller, project: ProjectId) -> bool {
    match &caller.way {
        Way::Token { projects: Some(projects), .. } => projects.contains(&project),
        _ => true,
    }
}
