//! Which names a new project may have.

use crate::accounts::{Caller, Way};
use crate::catalog::former;
use crate::catalog::prefix;
use crate::catalog::prohibited;
use crate::catalog::project::Project;
use crate::catalog::role::Role;
use crate::db::Conn;
use crate::error::{Error, Kind, Result};
use crate::packaging::name_rules::{confusable_key, is_standard_library};
use crate::packaging::{NormalizedName, ProjectName};

/// Checks the name of a project that is about to be created.
pub(super) fn check(c: &mut Conn, caller: &Caller, name: &ProjectName) -> Result<()> {
    let normalized = name.normalized();
    // Backports such as dataclasses are real projects: who runs the index may have them.
    if is_standard_library(&normalized) && !is_trusted(caller) {
        return Err(Error::invalid(
            "The project name belongs to the standard library",
            format!("The name {name} isn't allowed: it is a module of Python's standard library."),
        ));
    }
    if let Some(reason) = prohibited::reason(c, &normalized)? {
        let words = if reason.is_empty() { ".".to_owned() } else { format!(": {reason}") };
        return Err(Error::invalid(
            "The project name is prohibited here",
            format!("The name {name} isn't allowed here{words}"),
        ));
    }
    if !is_trusted(caller)
        && let Some(kept) = prefix::keeping_from(c, &normalized, caller.user_id)?
    {
        let words = format!(
            "The name {name} isn't allowed: names that begin with {kept} are reserved here. Ask \
             the administrators for it."
        );
        return Err(Error::new(Kind::Conflict, "The prefix of this name is reserved", words));
    }
    if !is_trusted(caller) && former::is_kept_from(c, &normalized, caller.user_id)? {
        return Err(Error::new(
            Kind::Conflict,
            "The project name is kept for the owners of a deleted project",
            format!(
                "The name {name} was that of a project that has been deleted. Only those who owned \
                 it then, or an administrator, can use it again."
            ),
        ));
    }
    if former::is_kept(c, &normalized)? {
        // It is theirs, whatever has come to look like it since.
        return Ok(());
    }
    check_confusable(c, caller, name)
}

fn is_trusted(caller: &Caller) -> bool {
    caller.is_admin || matches!(caller.way, Way::Operator)
}

/// A name that people take for another project's is that of its owners or of nobody.
fn check_confusable(c: &mut Conn, caller: &Caller, name: &ProjectName) -> Result<()> {
    if is_trusted(caller) {
        return Ok(());
    }
    for other in Project::confusable_with(c, name)? {
        if Role::of(c, other.id, caller.user_id)? != Some(Role::Owner) {
            return Err(Error::invalid(
                "The project name is too similar to an existing project",
                format!("The name {name} is too similar to the existing project {}.", other.name),
            ));
        }
    }
    // Those of deleted projects, too: installers still ask for them.
    let key = confusable_key(name);
    let looks_so = |kept: &NormalizedName| {
        ProjectName::parse(kept.as_str()).is_some_and(|kept| confusable_key(&kept) == key)
    };
    match former::kept_from(c, caller.user_id)?.into_iter().find(looks_so) {
        None => Ok(()),
        Some(kept) => Err(Error::invalid(
            "The project name is too similar to that of a deleted project",
            format!(
                "The name {name} is too similar to {kept}, which was that of a project that has \
                 been deleted. An administrator can free that name."
            ),
        )),
    }
}
