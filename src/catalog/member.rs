//! The people behind the roles of a project.

use diesel::prelude::*;

use super::role::Role;
use crate::db::schema::{roles, users};
use crate::db::{Conn, ProjectId, UserId};
use crate::error::{Error, Kind, Result};

/// Somebody with a role in a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub user: UserId,
    /// Its name.
    pub username: String,
    /// What it is to the project.
    pub role: Role,
    /// Whether the account works: a disabled one does nothing for its projects.
    pub is_active: bool,
}

/// All members of a project, owners first.
pub fn of_project(c: &mut Conn, project: ProjectId) -> QueryResult<Vec<Member>> {
    let rows: Vec<(UserId, String, String, bool)> = roles::table
        .inner_join(users::table)
        .filter(roles::project_id.eq(project))
        // "Owner" stands behind "Maintainer" in the alphabet.
        .order((roles::role.desc(), users::username_key))
        .select((users::id, users::username, roles::role, users::disabled_at.is_null()))
        .load(c)?;
    let member = |(user, username, role, is_active): (UserId, String, String, bool)| {
        Role::parse(&role).map(|role| Member { user, username, role, is_active })
    };
    Ok(rows.into_iter().filter_map(member).collect())
}

/// Refuses where `user` is the last owner of these members whose account works: nobody could do
/// anything for the project any more.
pub(super) fn keep_an_owner(members: &[Member], user: UserId) -> Result<()> {
    let acts = |it: &Member| it.role == Role::Owner && it.is_active && it.user != user;
    if members.iter().any(acts) {
        return Ok(());
    }
    Err(Error::new(
        Kind::Conflict,
        "A project keeps an owner",
        "This is the last owner of the project. Make somebody else an owner first.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_owner_who_can_act_stays() {
        let member = |id, role, is_active| Member {
            user: UserId::new(id),
            username: String::new(),
            role,
            is_active,
        };
        let team = |others: &[(Role, bool)]| {
            let others = others.iter().enumerate();
            let others = others.map(|(n, (role, acts))| {
                member(i64::try_from(n).unwrap_or_default() + 2, *role, *acts)
            });
            std::iter::once(member(1, Role::Owner, true)).chain(others).collect::<Vec<_>>()
        };
        for (others, may_go) in [
            (vec![], false),
            (vec![(Role::Maintainer, true)], false),
            (vec![(Role::Owner, false)], false),
            (vec![(Role::Owner, true)], true),
            (vec![(Role::Maintainer, true), (Role::Owner, true)], true),
        ] {
            let kept = keep_an_owner(&team(&others), UserId::new(1));
            assert_eq!(kept.is_ok(), may_go, "{others:?}");
        }
    }
}
