//! Giving and taking roles without an invitation.

use serde_json::json;

use super::hold;
use crate::accounts::act::{Act, Order};
use crate::accounts::event::{self, Tag};
use crate::accounts::user::User;
use crate::accounts::{Username, Visit};
use crate::catalog::journal::{self, Action, Change};
use crate::catalog::letters::{News, tell};
use crate::catalog::member::{self, keep_an_owner};
use crate::catalog::project::Project;
use crate::catalog::role::Role;
use crate::catalog::role_invitation::RoleInvitation;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::packaging::NormalizedName;

/// Gives an account a role, or another one. Returns whether that changed anything.
pub fn set_role(
    c: &mut Conn,
    order: &Order,
    name: &NormalizedName,
    (username, role): (&str, Role),
) -> Result<bool> {
    let project = hold(c, name)?;
    let user = account(c, username)?;
    let username = user.username.clone();
    let members = member::of_project(c, project.id)?;
    let before = members.iter().find(|it| it.user == user.id).map(|it| it.role);
    let (tag, action, news) = match before {
        Some(before) if before == role => return Ok(false),
        Some(before) => {
            if before == Role::Owner {
                keep_an_owner(&members, user.id)?;
                RoleInvitation::end_of_inviter(c, project.id, user.id)?;
            }
            role.replace(c, project.id, user.id)?;
            let (from, to) = (before.as_str(), role.as_str());
            let action = Action::ChangeRole { from, to, username: username.clone() };
            (Tag::RoleChanged, action, News::RoleChanged { username: &username, role })
        }
        None => {
            role.grant(c, project.id, user.id)?;
            let action = Action::AddRole { role: role.as_str(), username: username.clone() };
            (Tag::RoleAdded, action, News::RoleAdded { username: &username, role })
        }
    };
    write_down(c, order, (&project, &user, role), (tag, Act::RoleSet))?;
    tell(c, &project, news, order.actor(), order.visit.at)?;
    journalled(c, order, &project, action)?;
    Ok(true)
}

/// Takes the role of an account; the last owner stays.
pub fn remove_role(
    c: &mut Conn,
    order: &Order,
    name: &NormalizedName,
    username: &str,
) -> Result<()> {
    let project = hold(c, name)?;
    let user = account(c, username)?;
    let members = member::of_project(c, project.id)?;
    let none = || Error::not_found("Nobody of that name has a role in this project.");
    let role = members.iter().find(|it| it.user == user.id).ok_or_else(none)?.role;
    if role == Role::Owner {
        keep_an_owner(&members, user.id)?;
        RoleInvitation::end_of_inviter(c, project.id, user.id)?;
    }
    // They are still among those who are told.
    let news = News::RoleRemoved { username: &user.username, role };
    tell(c, &project, news, order.actor(), order.visit.at)?;
    Role::revoke(c, project.id, user.id)?;
    write_down(c, order, (&project, &user, role), (Tag::RoleRemoved, Act::RoleRemoved))?;
    let action = Action::RemoveRole { role: role.as_str(), username: user.username };
    journalled(c, order, &project, action)
}

fn account(c: &mut Conn, username: &str) -> Result<User> {
    let user = match Username::parse(username.trim()) {
        Some(name) => User::by_name(c, &name)?,
        None => None,
    };
    user.ok_or_else(|| Error::invalid("There is no such account", "There is no such account."))
}

/// In the history of the account, which does not show from where it was done, and in the log.
fn write_down(
    c: &mut Conn,
    order: &Order,
    (project, user, role): (&Project, &User, Role),
    (tag, act): (Tag, Act),
) -> Result<()> {
    let unseen = Visit { ip: None, agent: None, at: order.visit.at };
    let detail = json!({
        "project": project.name,
        "role_name": role.as_str(),
        "whom": user.username,
        "by": order.actor(),
    });
    event::record(c, user, tag, &unseen, &detail)?;
    let detail = json!({ "account": user.username, "role": role.as_str() });
    order.log(c, act, project.normalized.as_str(), &detail)?;
    Ok(())
}

fn journalled(c: &mut Conn, order: &Order, project: &Project, action: Action) -> Result<()> {
    let (name, actor) = (&project.spelled()?, order.actor());
    let change = Change { project: project.id, name, version: None, actor, actions: &[action] };
    journal::write(c, &change, order.visit.at)?;
    Ok(())
}
