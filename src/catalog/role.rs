//! Who may do what with a project.

use diesel::prelude::*;

use super::project::{Project, Status};
use crate::db::schema::{projects, roles, users};
use crate::db::{Conn, ProjectId, UserId};

/// What an account is to a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// May do everything.
    Owner,
    /// May upload.
    Maintainer,
}

impl Role {
    /// The word for it, in the database and everywhere else.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Maintainer => "Maintainer",
        }
    }

    /// Reads that word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "Owner" => Some(Self::Owner),
            "Maintainer" => Some(Self::Maintainer),
            _ => None,
        }
    }

    /// Gives a role to an account that has none.
    pub fn grant(self, c: &mut Conn, project: ProjectId, user: UserId) -> QueryResult<usize> {
        let row =
            (roles::project_id.eq(project), roles::user_id.eq(user), roles::role.eq(self.as_str()));
        diesel::insert_into(roles::table).values(row).execute(c)
    }

    /// Replaces the role of an account. Returns how many there were: one or none.
    pub fn replace(self, c: &mut Conn, project: ProjectId, user: UserId) -> QueryResult<usize> {
        let row = roles::table.filter(roles::project_id.eq(project).and(roles::user_id.eq(user)));
        diesel::update(row).set(roles::role.eq(self.as_str())).execute(c)
    }

    /// Takes the role of an account away. Returns how many there were: one or none.
    pub fn revoke(c: &mut Conn, project: ProjectId, user: UserId) -> QueryResult<usize> {
        let row = roles::table.filter(roles::project_id.eq(project).and(roles::user_id.eq(user)));
        diesel::delete(row).execute(c)
    }

    /// The role of an account in a project.
    pub fn of(c: &mut Conn, project: ProjectId, user: UserId) -> QueryResult<Option<Self>> {
        let row = roles::table
            .filter(roles::project_id.eq(project).and(roles::user_id.eq(user)))
            .select(roles::role);
        let word: Option<String> = row.first(c).optional()?;
        Ok(word.as_deref().and_then(Self::parse))
    }

    /// The names of all accounts with a role, owners first.
    pub fn names(c: &mut Conn, project: ProjectId) -> QueryResult<Vec<String>> {
        roles::table
            .inner_join(users::table)
            .filter(roles::project_id.eq(project))
            // "Owner" stands behind "Maintainer" in the alphabet.
            .order((roles::role.desc(), users::username_key))
            .select(users::username)
            .load(c)
    }

    /// Every role in a project with the account's name, owners first.
    pub fn of_project(c: &mut Conn, project: ProjectId) -> QueryResult<Vec<(String, String)>> {
        roles::table
            .inner_join(users::table)
            .filter(roles::project_id.eq(project))
            .order((roles::role.desc(), users::username_key))
            .select((roles::role, users::username))
            .load(c)
    }

    /// Every role of an account with the project's name, quarantined projects left out.
    pub fn of_user(c: &mut Conn, user: UserId) -> QueryResult<Vec<(String, String)>> {
        roles::table
            .inner_join(projects::table)
            .filter(roles::user_id.eq(user))
            .filter(projects::status.ne(Status::Quarantined.as_str()))
            .order((roles::role.desc(), projects::normalized))
            .select((roles::role, projects::name))
            .load(c)
    }

    /// Projects of an account with its role in them, quarantined ones too, by name: at most
    /// `limit` behind the first `offset`.
    pub fn projects_of(
        c: &mut Conn,
        user: UserId,
        (offset, limit): (i64, i64),
    ) -> QueryResult<Vec<(Project, String)>> {
        roles::table
            .inner_join(projects::table)
            .filter(roles::user_id.eq(user))
            .order(projects::normalized)
            .offset(offset)
            .limit(limit)
            .select((Project::as_select(), roles::role))
            .load(c)
    }

    /// In how many projects an account has a role.
    pub fn count_of(c: &mut Conn, user: UserId) -> QueryResult<i64> {
        roles::table.filter(roles::user_id.eq(user)).count().get_result(c)
    }

    /// Whether an account has a role in any project.
    pub fn has_any(c: &mut Conn, user: UserId) -> QueryResult<bool> {
        let row = roles::table.filter(roles::user_id.eq(user)).select(roles::id);
        row.first::<i64>(c).optional().map(|found| found.is_some())
    }

    /// Whether it allows to upload.
    pub fn may_upload(self) -> bool {
        matches!(self, Self::Owner | Self::Maintainer)
    }
}
