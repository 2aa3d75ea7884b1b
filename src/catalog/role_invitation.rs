//! The row of an invitation to a role: for an account, or for whoever has an address.

use std::time::Duration;

use diesel::prelude::*;

use super::role::Role;
use crate::address::EmailAddress;
use crate::db::schema::{projects, role_invitations as invitations, users};
use crate::db::{Conn, ProjectId, RoleInvitationId, UserId};
use crate::time::Time;

/// How long an invitation may wait.
pub const INVITED_FOR: Duration = Duration::from_hours(7 * 24);

/// An invitation to a role.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub struct RoleInvitation {
    /// Its id.
    pub id: RoleInvitationId,
    /// The project.
    pub project_id: ProjectId,
    /// The invited account; none: whoever has the address.
    pub user_id: Option<UserId>,
    /// The invited address, as the inviter wrote it.
    pub address: Option<String>,
    role: String,
    /// Who invites; none: somebody whose account is gone.
    pub invited_by: Option<UserId>,
    /// When it stops working.
    pub expires_at: Time,
}

/// Who is invited.
#[derive(Debug, Clone, Copy)]
pub enum Invitee<'a> {
    /// An account.
    Account(UserId),
    /// Whoever has this address, now or later.
    Address(&'a EmailAddress),
}

#[derive(Insertable)]
#[diesel(table_name = invitations, treat_none_as_default_value = false)]
struct NewRow<'a> {
    project_id: ProjectId,
    user_id: Option<UserId>,
    address: Option<&'a str>,
    address_key: Option<String>,
    role: &'a str,
    invited_by: UserId,
    created_at: Time,
    expires_at: Time,
}

impl RoleInvitation {
    /// Makes one; a second one for the same invitee is a unique violation.
    pub(super) fn create(
        c: &mut Conn,
        project: ProjectId,
        invitee: Invitee<'_>,
        role: Role,
        by: UserId,
        now: Time,
    ) -> QueryResult<RoleInvitationId> {
        let (user_id, address) = match invitee {
            Invitee::Account(user) => (Some(user), None),
            Invitee::Address(address) => (None, Some(address)),
        };
        let new = NewRow {
            project_id: project,
            user_id,
            address: address.map(EmailAddress::as_str),
            address_key: address.map(EmailAddress::key),
            role: role.as_str(),
            invited_by: by,
            created_at: now,
            expires_at: now + INVITED_FOR,
        };
        diesel::insert_into(invitations::table).values(new).returning(invitations::id).get_result(c)
    }

    /// What the invitee is to be.
    pub fn role(&self) -> Option<Role> {
        Role::parse(&self.role)
    }

    /// The invitation with that id, if it still works.
    pub(super) fn live(c: &mut Conn, id: RoleInvitationId, now: Time) -> QueryResult<Option<Self>> {
        let row = invitations::table.find(id).filter(invitations::expires_at.gt(now));
        row.select(Self::as_select()).first(c).optional()
    }

    /// Whether somebody is invited to a project already.
    pub(super) fn is_pending(
        c: &mut Conn,
        project: ProjectId,
        invitee: Invitee<'_>,
    ) -> QueryResult<bool> {
        let mut rows = invitations::table.filter(invitations::project_id.eq(project)).into_boxed();
        rows = match invitee {
            Invitee::Account(user) => rows.filter(invitations::user_id.eq(user)),
            Invitee::Address(address) => rows.filter(invitations::address_key.eq(address.key())),
        };
        let found = rows.select(invitations::id).first::<RoleInvitationId>(c).optional()?;
        Ok(found.is_some())
    }

    /// Those of a project that still work, the oldest first, with the names of invited accounts.
    pub fn of_project(
        c: &mut Conn,
        project: ProjectId,
        now: Time,
    ) -> QueryResult<Vec<(Self, Option<String>)>> {
        invitations::table
            .left_join(users::table)
            .filter(invitations::project_id.eq(project).and(invitations::expires_at.gt(now)))
            .order(invitations::id)
            .select((Self::as_select(), users::username.nullable()))
            .load(c)
    }

    /// Those that still work for an account with these verified addresses (their keys), with the
    /// names of the projects.
    pub fn waiting_for(
        c: &mut Conn,
        user: UserId,
        addresses: &[String],
        now: Time,
    ) -> QueryResult<Vec<(Self, String)>> {
        let is_theirs =
            invitations::user_id.eq(user).or(invitations::address_key.eq_any(addresses.to_vec()));
        invitations::table
            .inner_join(projects::table)
            .filter(invitations::expires_at.gt(now))
            .filter(is_theirs)
            .order(invitations::id)
            .select((Self::as_select(), projects::name))
            .load(c)
    }

    /// Takes one away. Returns how many there were: one or none.
    pub(super) fn remove(c: &mut Conn, id: RoleInvitationId) -> QueryResult<usize> {
        diesel::delete(invitations::table.find(id)).execute(c)
    }

    /// Takes all of a project away that somebody made.
    pub(super) fn end_of_inviter(
        c: &mut Conn,
        project: ProjectId,
        by: UserId,
    ) -> QueryResult<usize> {
        let own = invitations::project_id.eq(project).and(invitations::invited_by.eq(by));
        diesel::delete(invitations::table.filter(own)).execute(c)
    }

    /// Removes those of a project whose time is over, so that their invitees can be invited again.
    pub(super) fn forget_of(c: &mut Conn, project: ProjectId, now: Time) -> QueryResult<usize> {
        let over = invitations::project_id.eq(project).and(invitations::expires_at.le(now));
        diesel::delete(invitations::table.filter(over)).execute(c)
    }

    /// Removes those of somebody to a project that the account of their inviter lets nobody answer,
    /// because it is stopped: they are in nobody's way. Returns how many.
    pub(super) fn forget_void(
        c: &mut Conn,
        project: ProjectId,
        invitee: Invitee<'_>,
    ) -> QueryResult<usize> {
        let stopped = users::table.filter(users::disabled_at.is_not_null());
        let by = invitations::invited_by.eq_any(stopped.select(users::id.nullable()));
        let void = invitations::table.filter(invitations::project_id.eq(project).and(by));
        match invitee {
            Invitee::Account(user) => {
                diesel::delete(void.filter(invitations::user_id.eq(user))).execute(c)
            }
            Invitee::Address(address) => {
                diesel::delete(void.filter(invitations::address_key.eq(address.key()))).execute(c)
            }
        }
    }

    /// Removes all whose time is over. Returns how many.
    pub fn forget(c: &mut Conn, now: Time) -> QueryResult<usize> {
        diesel::delete(invitations::table.filter(invitations::expires_at.le(now))).execute(c)
    }
}
