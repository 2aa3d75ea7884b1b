//! What stands above every page about one project.

use crate::catalog::permission::Standing;
use crate::catalog::project::Status;
use crate::catalog::role::Role;
use crate::http::manager::Manager;

/// What every page about one project says first.
pub(super) struct Head {
    pub(super) name: String,
    pub(super) normalized: String,
    pub(super) role: &'static str,
    /// Where it is not active.
    pub(super) status: Option<&'static str>,
    pub(super) status_reason: String,
    /// Whether this person may change things here.
    pub(super) may_change: bool,
    /// Whether the password was typed in a short time ago.
    pub(super) is_confirmed: bool,
    /// Which page it is.
    pub(super) here: &'static str,
}

impl Head {
    pub(super) fn of(who: &Manager, here: &'static str) -> Self {
        let Standing { project, role, .. } = &who.standing;
        let status = project.status();
        Self {
            name: project.name.clone(),
            normalized: project.normalized.to_string(),
            role: role.as_str(),
            status: (status != Status::Active).then(|| status.as_str()),
            status_reason: project.status_reason.clone().unwrap_or_default(),
            may_change: *role == Role::Owner && status != Status::Quarantined,
            is_confirmed: who.person.session.is_confirmed(who.person.visit.at),
            here,
        }
    }
}
