//! Who may see and change a project. Pages ask once to show what is possible, and every change
//! asks again in its transaction, with the project's row held.

use super::project::{Project, Status};
use super::role::Role;
use crate::accounts::sign_in;
use crate::accounts::user::User;
use crate::db::{Conn, UserId};
use crate::error::{Error, Result};
use crate::packaging::NormalizedName;

/// A project with somebody who has a role in it.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The project.
    pub project: Project,
    /// The account.
    pub user: User,
    /// What the account is to the project.
    pub role: Role,
}

/// What an account is to the project of that name. An error where it is nothing: a project that
/// is quarantined is then not told apart from one that is not there.
pub fn find(c: &mut Conn, name: &NormalizedName, user: UserId) -> Result<Standing> {
    let project = Project::by_name(c, name)?.ok_or_else(missing)?;
    stand(c, project, user)
}

/// The same with the project's row held until the transaction ends.
pub fn hold(c: &mut Conn, name: &NormalizedName, user: UserId) -> Result<Standing> {
    let project = Project::locked(c, name)?.ok_or_else(missing)?;
    stand(c, project, user)
}

/// The same for what only owners may do, and nobody while the project is quarantined.
pub fn hold_as_owner(c: &mut Conn, name: &NormalizedName, user: UserId) -> Result<Standing> {
    let standing = hold(c, name, user)?;
    standing.demand_owner()?;
    check_open(&standing.project)?;
    Ok(standing)
}

impl Standing {
    /// Refuses who is no owner.
    pub fn demand_owner(&self) -> Result<()> {
        if self.role == Role::Owner {
            return Ok(());
        }
        let words = format!("Only the owners of {} may do this.", self.project.name);
        Err(Error::forbidden("Only owners may do this", words))
    }
}

/// Refuses while a project is quarantined.
pub(super) fn check_open(project: &Project) -> Result<()> {
    if project.status() != Status::Quarantined {
        return Ok(());
    }
    let words = format!(
        "{} is quarantined, so nothing about it can be changed. An administrator can end that.",
        project.name
    );
    Err(Error::forbidden("This project is quarantined", words))
}

fn stand(c: &mut Conn, project: Project, user: UserId) -> Result<Standing> {
    let user = User::by_id(c, user)?.ok_or_else(sign_in::refused)?;
    if user.disabled_at.is_some() {
        return Err(sign_in::disabled());
    }
    match Role::of(c, project.id, user.id)? {
        Some(role) => Ok(Standing { project, user, role }),
        None if project.status() == Status::Quarantined => Err(missing()),
        None => {
            let words = format!("You have no role in the project {}.", project.name);
            Err(Error::forbidden("This is not one of your projects", words))
        }
    }
}

fn missing() -> Error {
    Error::not_found("There is no project of that name here.")
}
