//! Who may upload what.

use super::policy::Policy;
use crate::accounts::email::Email;
use crate::accounts::token::Token;
use crate::accounts::user::User;
use crate::accounts::{Caller, Way, sign_in};
use crate::catalog::project::{Project, Status};
use crate::catalog::role::Role;
use crate::config::NewProjects;
use crate::db::{Conn, ProjectId};
use crate::error::{Error, Result};
use crate::packaging::NormalizedName;
use crate::time;

/// Whether the caller may upload to the project, or create it where it does not exist.
pub(super) fn permit(
    c: &mut Conn,
    policy: &Policy,
    caller: &Caller,
    name: &NormalizedName,
    project: Option<&Project>,
) -> Result<()> {
    let id = project.map(|project| project.id);
    let user = permit_caller(c, caller)?;
    permit_token(caller, name, id)?;
    permit_address(c, policy, caller, &user)?;
    let Some(project) = project else { return permit_new(policy, caller) };
    let role = Role::of(c, project.id, caller.user_id)?;
    if !role.is_some_and(Role::may_upload) {
        return Err(Error::forbidden(
            "This user is not allowed to upload to this project",
            format!("The user {} isn't allowed to upload to project {name}.", caller.username),
        ));
    }
    permit_status(project)
}

/// Between the credentials and the last byte of an upload hours may pass.
fn permit_caller(c: &mut Conn, caller: &Caller) -> Result<User> {
    let user = User::by_id(c, caller.user_id)?.ok_or_else(sign_in::refused)?;
    if user.disabled_at.is_some() {
        return Err(sign_in::disabled());
    }
    if let Way::Token { id, .. } = caller.way {
        let token = Token::by_id(c, id)?.filter(|token| token.is_alive(time::now()));
        token.ok_or_else(sign_in::ended)?;
        if user.tokens_suspended_at.is_some() {
            return Err(sign_in::suspended());
        }
    }
    Ok(user)
}

fn permit_token(caller: &Caller, name: &NormalizedName, project: Option<ProjectId>) -> Result<()> {
    let Way::Token { projects, .. } = &caller.way else { return Ok(()) };
    let covered = |own: &Vec<ProjectId>| project.is_some_and(|id| own.contains(&id));
    if projects.as_ref().is_some_and(|own| !covered(own)) {
        return Err(Error::forbidden(
            "This API token is not valid for this project",
            format!("This API token is limited to other projects than {name}."),
        ));
    }
    Ok(())
}

fn permit_address(c: &mut Conn, policy: &Policy, caller: &Caller, user: &User) -> Result<()> {
    // Machines have no mail box; the administrators who own them do.
    let has_none = matches!(caller.way, Way::Operator) || user.is_service;
    let is_asked = policy.require_verified_email && !has_none;
    if !is_asked || Email::is_primary_verified(c, caller.user_id)? {
        return Ok(());
    }
    let primary = Email::primary(c, caller.user_id)?;
    let lost = primary.and_then(|email| Some((email.address, email.unverify_reason?)));
    let why = lost.map(|(address, reason)| format!(" {address} is verified no more: {reason}."));
    Err(Error::forbidden(
        "This account has no verified primary mail address",
        format!(
            "The account {} has no verified primary mail address, which uploading needs.{}",
            caller.username,
            why.unwrap_or_default()
        ),
    ))
}

fn permit_new(policy: &Policy, caller: &Caller) -> Result<()> {
    if policy.new_projects == NewProjects::Everyone || caller.is_admin {
        return Ok(());
    }
    Err(Error::forbidden(
        "Only administrators may create projects here",
        "There is no project of that name yet, and only administrators may create projects here.",
    ))
}

fn permit_status(project: &Project) -> Result<()> {
    let because = |reason: &Option<String>| match reason {
        Some(reason) => format!(": {reason}"),
        None => ".".to_owned(),
    };
    let why = because(&project.status_reason);
    match project.status() {
        Status::Active | Status::Deprecated => Ok(()),
        Status::Archived => Err(Error::forbidden(
            "This project is archived",
            format!("The project {} is archived and takes no new files{why}", project.name),
        )),
        Status::Quarantined => Err(Error::forbidden(
            "This project is quarantined",
            format!("The project {} is quarantined and takes no new files{why}", project.name),
        )),
    }
}
