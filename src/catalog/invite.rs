//! Inviting people to roles, and what they answer.
//!
//! An invitation goes to an account by its name, or to whoever has an address. Of the latter the
//! inviter never learns whether an account has it, unless its owner accepts.

use serde_json::{Value, json};

use super::journal::{self, Action, Change};
use super::letters::{self, News, tell};
use super::permission::{self, Standing};
use super::project::Project;
use super::role::Role;
use super::role_invitation::{Invitee, RoleInvitation};
use crate::accounts::email::Email;
use crate::accounts::event::{self, Tag};
use crate::accounts::letters::Letterhead;
use crate::accounts::throttle::{self, Counted, Kind as Limit};
use crate::accounts::user::User;
use crate::accounts::{Username, Visit, sign_in};
use crate::address::EmailAddress;
use crate::db::{Conn, RoleInvitationId, UserId};
use crate::error::{Error, Kind, Result};
use crate::packaging::NormalizedName;

/// Who stands in the journal where an account must not be named: saying who declined what was
/// sent to an address would say whose it is.
const INVITEE: &str = "invitee";

/// Whom an owner names.
enum Named {
    Account { user: User, address: String },
    Address(EmailAddress),
}

impl Named {
    /// Finds the account of that name, or takes the text as an address.
    fn find(c: &mut Conn, text: &str) -> Result<Self> {
        let text = text.trim();
        if text.contains('@') {
            let words = "This is not a mail address.";
            let bad = || Error::invalid("This is no mail address", words);
            return Ok(Self::Address(EmailAddress::parse(text).ok_or_else(bad)?));
        }
        let missing = || {
            let words = "There is no account of that name that could be invited.";
            Error::invalid("There is no such account", words)
        };
        let name = Username::parse(text).ok_or_else(missing)?;
        let user = User::by_name(c, &name)?.filter(|user| user.disabled_at.is_none());
        let user = user.ok_or_else(missing)?;
        let primary = Email::primary(c, user.id)?;
        let primary = primary.filter(|email| email.verified_at.is_some()).ok_or_else(|| {
            let words = format!(
                "{} cannot be invited: the account has no verified primary address.",
                user.username
            );
            Error::invalid("This account cannot be invited", words)
        })?;
        Ok(Self::Account { user, address: primary.address })
    }

    fn invitee(&self) -> Invitee<'_> {
        match self {
            Self::Account { user, .. } => Invitee::Account(user.id),
            Self::Address(address) => Invitee::Address(address),
        }
    }

    /// The name of the account, and where the mail goes.
    fn mailed(&self) -> (Option<&str>, &str) {
        match self {
            Self::Account { user, address } => (Some(&user.username), address),
            Self::Address(address) => (None, address.as_str()),
        }
    }
}

/// Invites somebody, by the name of an account or an address, for 7 days. For owners.
pub fn invite(
    c: &mut Conn,
    head: &Letterhead,
    (visit, by): (&Visit, UserId),
    name: &NormalizedName,
    (whom, role): (&str, Role),
) -> Result<()> {
    let Standing { project, user: owner, .. } = permission::hold_as_owner(c, name, by)?;
    let named = Named::find(c, whom)?;
    permit(c, &project, &named, visit)?;
    let counted = [Counted::user(Limit::RoleInvite, owner.id)];
    throttle::admit(c, &counted, visit.at)?;
    RoleInvitation::create(c, project.id, named.invitee(), role, owner.id, visit.at)?;
    let what = (project.name.as_str(), role, owner.username.as_str());
    letters::invited(c, head, what, named.mailed(), visit.at)?;
    let (username, address) = named.mailed();
    let detail = detail(&project, role, username.unwrap_or(address), &owner.username);
    event::record(c, &owner, Tag::RoleInvited, visit, &detail)?;
    if let Some(invited) = account_of(c, &named)?.filter(|user| user.id != owner.id) {
        event::record(c, &invited, Tag::RoleInvited, &unseen(visit), &detail)?;
    }
    let username = username.map(str::to_owned);
    journalled(
        c,
        &project,
        &owner.username,
        Action::Invite { role: role.as_str(), username },
        visit,
    )
}

fn permit(c: &mut Conn, project: &Project, named: &Named, visit: &Visit) -> Result<()> {
    if let Named::Account { user, .. } = named
        && let Some(role) = Role::of(c, project.id, user.id)?
    {
        let words = format!("{} is {} already.", user.username, role.as_str());
        return Err(Error::new(Kind::Conflict, "There is a role already", words));
    }
    RoleInvitation::forget_of(c, project.id, visit.at)?;
    RoleInvitation::forget_void(c, project.id, named.invitee())?;
    if RoleInvitation::is_pending(c, project.id, named.invitee())? {
        let words = "This invitation waits for an answer already.";
        return Err(Error::new(Kind::Conflict, "There is an invitation already", words));
    }
    Ok(())
}

fn account_of(c: &mut Conn, named: &Named) -> Result<Option<User>> {
    match named {
        Named::Account { user, .. } => Ok(Some(user.clone())),
        Named::Address(address) => holder(c, address),
    }
}

/// The account that has verified an address.
fn holder(c: &mut Conn, address: &EmailAddress) -> Result<Option<User>> {
    let held = Email::holder(c, address)?.filter(|email| email.verified_at.is_some());
    Ok(held.map(|email| User::by_id(c, email.user_id)).transpose()?.flatten())
}

/// Takes an invitation of a project back. For owners.
pub fn revoke(
    c: &mut Conn,
    (visit, by): (&Visit, UserId),
    name: &NormalizedName,
    id: RoleInvitationId,
) -> Result<()> {
    let Standing { project, user: owner, .. } = permission::hold_as_owner(c, name, by)?;
    let found = RoleInvitation::live(c, id, visit.at)?;
    let found = found.filter(|it| it.project_id == project.id).ok_or_else(over)?;
    let role = found.role().ok_or_else(over)?;
    RoleInvitation::remove(c, id)?;
    let invited = found.user_id.map(|id| User::by_id(c, id)).transpose()?.flatten();
    let username = invited.as_ref().map(|user| user.username.clone());
    let whom = username.as_deref().or(found.address.as_deref()).unwrap_or_default();
    let detail = detail(&project, role, whom, &owner.username);
    event::record(c, &owner, Tag::RoleRevoked, visit, &detail)?;
    let by_address = found.address.as_deref().and_then(EmailAddress::parse);
    let invited = match (invited, by_address) {
        (None, Some(address)) => holder(c, &address)?,
        (invited, _) => invited,
    };
    if let Some(invited) = invited.filter(|user| user.id != owner.id) {
        event::record(c, &invited, Tag::RoleRevoked, &unseen(visit), &detail)?;
    }
    let action = Action::RevokeInvite { role: role.as_str(), username };
    journalled(c, &project, &owner.username, action, visit)
}

/// Gives an invited account its role. It needs a verified primary address.
pub fn accept(
    c: &mut Conn,
    (visit, user): (&Visit, UserId),
    id: RoleInvitationId,
) -> Result<Project> {
    let (project, user, invitation, role) = own(c, visit, user, id)?;
    permission::check_open(&project)?;
    match Role::of(c, project.id, user.id)? {
        None => role.grant(c, project.id, user.id)?,
        Some(Role::Maintainer) if role == Role::Owner => role.replace(c, project.id, user.id)?,
        Some(has) => {
            let words = format!("You are {} of {} already.", has.as_str(), project.name);
            return Err(Error::new(Kind::Conflict, "There is a role already", words));
        }
    };
    RoleInvitation::remove(c, id)?;
    let detail = detail(&project, role, &user.username, &user.username);
    event::record(c, &user, Tag::RoleAdded, visit, &detail)?;
    if let Some(inviter) = inviter(c, &invitation, user.id)? {
        event::record(c, &inviter, Tag::RoleAdded, &unseen(visit), &detail)?;
    }
    let username = user.username.as_str();
    tell(c, &project, News::RoleAdded { username, role }, username, visit.at)?;
    let action = Action::AddRole { role: role.as_str(), username: user.username.clone() };
    journalled(c, &project, username, action, visit)?;
    Ok(project)
}

/// Declines an invitation.
pub fn decline(c: &mut Conn, (visit, user): (&Visit, UserId), id: RoleInvitationId) -> Result<()> {
    let (project, user, invitation, role) = own(c, visit, user, id)?;
    RoleInvitation::remove(c, id)?;
    let own_detail = detail(&project, role, &user.username, &user.username);
    event::record(c, &user, Tag::RoleDeclined, visit, &own_detail)?;
    let by_name = invitation.user_id.map(|_| user.username.clone());
    let whom = by_name.as_deref().or(invitation.address.as_deref()).unwrap_or_default();
    if let Some(inviter) = inviter(c, &invitation, user.id)? {
        let detail = detail(&project, role, whom, whom);
        event::record(c, &inviter, Tag::RoleDeclined, &unseen(visit), &detail)?;
    }
    let actor = by_name.clone().unwrap_or_else(|| INVITEE.to_owned());
    let action = Action::DeclineInvite { role: role.as_str(), username: by_name };
    journalled(c, &project, &actor, action, visit)
}

/// An invitation that this account may answer, with the project's row held.
fn own(
    c: &mut Conn,
    visit: &Visit,
    user: UserId,
    id: RoleInvitationId,
) -> Result<(Project, User, RoleInvitation, Role)> {
    let found = RoleInvitation::live(c, id, visit.at)?.ok_or_else(over)?;
    let project = Project::by_id(c, found.project_id)?.ok_or_else(over)?;
    let project = Project::locked(c, &project.normalized)?;
    let project = project.filter(|it| it.id == found.project_id).ok_or_else(over)?;
    // Again with the row held: it may have been taken back meanwhile.
    let found = RoleInvitation::live(c, id, visit.at)?.ok_or_else(over)?;
    if is_void(c, &found)? {
        return Err(over());
    }
    let user = User::by_id(c, user)?.ok_or_else(sign_in::refused)?;
    if user.disabled_at.is_some() {
        return Err(sign_in::disabled());
    }
    let keys = verified(c, user.id)?;
    let address = found.address.as_deref().and_then(EmailAddress::parse);
    let is_address = address.is_some_and(|address| keys.contains(&address.key()));
    if found.user_id != Some(user.id) && !is_address {
        return Err(over());
    }
    if !Email::is_primary_verified(c, user.id)? {
        let words = "Verify your primary address first.";
        return Err(Error::forbidden("The primary address is not verified", words));
    }
    let role = found.role().ok_or_else(over)?;
    Ok((project, user, found, role))
}

/// The invitations that an account may answer, with the names of their projects.
pub fn waiting(c: &mut Conn, visit: &Visit, user: UserId) -> Result<Vec<(RoleInvitation, String)>> {
    let keys = verified(c, user)?;
    let mut waiting = Vec::new();
    for (invitation, project) in RoleInvitation::waiting_for(c, user, &keys, visit.at)? {
        if !is_void(c, &invitation)? {
            waiting.push((invitation, project));
        }
    }
    Ok(waiting)
}

/// Whether the account of whoever invites is stopped: it lets nobody in any more. (Who is no owner
/// any more has no invitations.)
fn is_void(c: &mut Conn, invitation: &RoleInvitation) -> Result<bool> {
    let by = invitation.invited_by.map(|by| User::by_id(c, by)).transpose()?.flatten();
    Ok(by.is_some_and(|user| user.disabled_at.is_some()))
}

/// The keys of the verified addresses of an account.
fn verified(c: &mut Conn, user: UserId) -> Result<Vec<String>> {
    let own = Email::of(c, user)?.into_iter().filter(|email| email.verified_at.is_some());
    let keys = own.filter_map(|email| EmailAddress::parse(&email.address));
    Ok(keys.map(|address| address.key()).collect())
}

fn inviter(c: &mut Conn, invitation: &RoleInvitation, but: UserId) -> Result<Option<User>> {
    let by = invitation.invited_by.filter(|by| *by != but);
    Ok(by.map(|by| User::by_id(c, by)).transpose()?.flatten())
}

fn detail(project: &Project, role: Role, whom: &str, by: &str) -> Value {
    json!({ "project": project.name, "role_name": role.as_str(), "whom": whom, "by": by })
}

/// What the other side may see of a visit: when, and not from where.
fn unseen(visit: &Visit) -> Visit {
    Visit { ip: None, agent: None, at: visit.at }
}

fn journalled(
    c: &mut Conn,
    project: &Project,
    actor: &str,
    action: Action,
    visit: &Visit,
) -> Result<()> {
    let (project, name, actions) = (project.id, &project.spelled()?, &[action]);
    journal::write(c, &Change { project, name, version: None, actor, actions }, visit.at)?;
    Ok(())
}

fn over() -> Error {
    Error::not_found("There is no such invitation any more.")
}
