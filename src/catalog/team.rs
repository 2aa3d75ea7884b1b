//! Changing and taking away roles. A project always keeps an owner whose account works.

use serde_json::{Value, json};

use super::journal::{self, Action, Change};
use super::letters::{News, tell};
use super::member::{self, Member, keep_an_owner};
use super::permission::{self, Standing};
use super::project::Project;
use super::role::Role;
use super::role_invitation::RoleInvitation;
use crate::accounts::Visit;
use crate::accounts::event::{self, Tag};
use crate::accounts::user::User;
use crate::db::{Conn, UserId};
use crate::error::{Error, Result};
use crate::packaging::NormalizedName;

/// Gives a member another role. For owners. Returns whether that changed anything.
pub fn change(
    c: &mut Conn,
    (visit, by): (&Visit, UserId),
    name: &NormalizedName,
    (username, role): (&str, Role),
) -> Result<bool> {
    let Standing { project, user: owner, .. } = permission::hold_as_owner(c, name, by)?;
    let members = member::of_project(c, project.id)?;
    let member = find(&members, username)?;
    if member.role == role {
        return Ok(false);
    }
    if member.role == Role::Owner {
        keep_an_owner(&members, member.user)?;
        RoleInvitation::end_of_inviter(c, project.id, member.user)?;
    }
    role.replace(c, project.id, member.user)?;
    let detail = detail(&project, role, member, &owner);
    record(c, (&owner, visit), member.user, Tag::RoleChanged, &detail)?;
    let news = News::RoleChanged { username: &member.username, role };
    tell(c, &project, news, &owner.username, visit.at)?;
    let action = Action::ChangeRole {
        from: member.role.as_str(),
        to: role.as_str(),
        username: member.username.clone(),
    };
    journalled(c, &project, &owner, action, visit)?;
    Ok(true)
}

/// Takes the role of a member away. For owners.
pub fn remove(
    c: &mut Conn,
    (visit, by): (&Visit, UserId),
    name: &NormalizedName,
    username: &str,
) -> Result<()> {
    let standing = permission::hold_as_owner(c, name, by)?;
    take_away(c, visit, &standing, username)
}

/// Gives up the own role, also where the project is quarantined.
pub fn leave(c: &mut Conn, (visit, user): (&Visit, UserId), name: &NormalizedName) -> Result<()> {
    let standing = permission::hold(c, name, user)?;
    let username = standing.user.username.clone();
    take_away(c, visit, &standing, &username)
}

fn take_away(c: &mut Conn, visit: &Visit, by: &Standing, username: &str) -> Result<()> {
    let Standing { project, user: actor, .. } = by;
    let members = member::of_project(c, project.id)?;
    let member = find(&members, username)?;
    if member.role == Role::Owner {
        keep_an_owner(&members, member.user)?;
        // Whoever goes leaves nobody behind who comes in later.
        RoleInvitation::end_of_inviter(c, project.id, member.user)?;
    }
    let news = News::RoleRemoved { username: &member.username, role: member.role };
    // They are still among those who are told.
    tell(c, project, news, &actor.username, visit.at)?;
    Role::revoke(c, project.id, member.user)?;
    let detail = detail(project, member.role, member, actor);
    record(c, (actor, visit), member.user, Tag::RoleRemoved, &detail)?;
    let role = member.role.as_str();
    let action = Action::RemoveRole { role, username: member.username.clone() };
    journalled(c, project, actor, action, visit)
}

fn find<'a>(members: &'a [Member], username: &str) -> Result<&'a Member> {
    let found = members.iter().find(|member| member.username == username);
    found.ok_or_else(|| Error::not_found("Nobody of that name has a role in this project."))
}

/// Writes it down for both sides; whom it happens to does not see from where it was done.
fn record(
    c: &mut Conn,
    (actor, visit): (&User, &Visit),
    member: UserId,
    tag: Tag,
    detail: &Value,
) -> Result<()> {
    event::record(c, actor, tag, visit, detail)?;
    if member == actor.id {
        return Ok(());
    }
    if let Some(user) = User::by_id(c, member)? {
        let unseen = Visit { ip: None, agent: None, at: visit.at };
        event::record(c, &user, tag, &unseen, detail)?;
    }
    Ok(())
}

fn detail(project: &Project, role: Role, member: &Member, by: &User) -> Value {
    json!({
        "project": project.name,
        "role_name": role.as_str(),
        "whom": member.username,
        "by": by.username,
    })
}

fn journalled(
    c: &mut Conn,
    project: &Project,
    actor: &User,
    action: Action,
    visit: &Visit,
) -> Result<()> {
    let (project, name, actions) = (project.id, &project.spelled()?, &[action]);
    let change = Change { project, name, version: None, actor: &actor.username, actions };
    journal::write(c, &change, visit.at)?;
    Ok(())
}
