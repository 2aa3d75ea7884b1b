//! The row of an API token, and what it may be used for.

use diesel::prelude::*;

use crate::db::schema::{token_projects, tokens};
use crate::db::{Conn, ProjectId, TokenId, UserId};
use crate::secret::TokenDigest;
use crate::time::Time;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Upload, and read as well.
    Upload,
    /// Read only.
    Read,
}

impl Scope {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Read => "read",
        }
    }

    /// Reads that word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "upload" => Some(Self::Upload),
            "read" => Some(Self::Read),
            _ => None,
        }
    }
}

/// An API token, as it is kept.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tokens)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its owner calls it.
    pub label: String,
    scope: String,
    /// Whether it speaks for all projects of its owner, also later ones.
    pub all_projects: bool,
    /// When it was made.
    pub created_at: Time,
    /// When it was used last, to the minute.
    pub last_used_at: Option<Time>,
    /// From when on it is no good any more.
    pub expires_at: Option<Time>,
    /// Since when it is no good any more.
    pub revoked_at: Option<Time>,
}

/// What is said about a token when it is made.
#[derive(Debug, Clone)]
pub struct Grant {
    /// What its owner calls it.
    pub label: String,
    /// What it may do.
    pub scope: Scope,
    /// The projects it speaks for; none: all projects of its owner.
    pub projects: Vec<ProjectId>,
    /// When it stops working.
    pub expires_at: Option<Time>,
}

#[derive(Insertable)]
#[diesel(table_name = tokens, treat_none_as_default_value = false)]
struct NewToken<'a> {
    user_id: UserId,
    label: &'a str,
    digest: &'a str,
    scope: &'a str,
    all_projects: bool,
    created_at: Time,
    expires_at: Option<Time>,
}

impl Token {
    /// Keeps a new token.
    pub fn create(
        c: &mut Conn,
        user: UserId,
        digest: &TokenDigest,
        grant: &Grant,
        now: Time,
    ) -> QueryResult<TokenId> {
        let new = NewToken {
            user_id: user,
            label: &grant.label,
            digest: digest.as_str(),
            scope: grant.scope.as_str(),
            all_projects: grant.projects.is_empty(),
            created_at: now,
            expires_at: grant.expires_at,
        };
        let id: TokenId =
            diesel::insert_into(tokens::table).values(new).returning(tokens::id).get_result(c)?;
        for project in &grant.projects {
            let row = (token_projects::token_id.eq(id), token_projects::project_id.eq(*project));
            diesel::insert_into(token_projects::table).values(row).execute(c)?;
        }
        Ok(id)
    }

    /// The token with that digest, whatever its state.
    pub fn by_digest(c: &mut Conn, digest: &TokenDigest) -> QueryResult<Option<Self>> {
        let row = tokens::table.filter(tokens::digest.eq(digest.as_str()));
        row.select(Self::as_select()).first(c).optional()
    }

    /// The token with that id, whatever its state.
    pub fn by_id(c: &mut Conn, id: TokenId) -> QueryResult<Option<Self>> {
        tokens::table.find(id).select(Self::as_select()).first(c).optional()
    }

    /// The tokens of one account that are not revoked, newest first.
    pub fn of(c: &mut Conn, user: UserId) -> QueryResult<Vec<Self>> {
        tokens::table
            .filter(tokens::user_id.eq(user).and(tokens::revoked_at.is_null()))
            .order(tokens::id.desc())
            .select(Self::as_select())
            .load(c)
    }

    /// The projects that a token speaks for, if not for all.
    pub fn projects(c: &mut Conn, id: TokenId) -> QueryResult<Vec<ProjectId>> {
        let rows = token_projects::table.filter(token_projects::token_id.eq(id));
        rows.order(token_projects::project_id).select(token_projects::project_id).load(c)
    }

    /// Ends a token. Returns how many were ended: none where it was not there or ended already.
    pub fn revoke(c: &mut Conn, id: TokenId, now: Time) -> QueryResult<usize> {
        let alive = tokens::table.filter(tokens::id.eq(id).and(tokens::revoked_at.is_null()));
        diesel::update(alive).set(tokens::revoked_at.eq(now)).execute(c)
    }

    /// Notes that it was used.
    pub fn touch(c: &mut Conn, id: TokenId, now: Time) -> QueryResult<usize> {
        diesel::update(tokens::table.find(id)).set(tokens::last_used_at.eq(now)).execute(c)
    }

    /// What it may do. An unknown word in the database grants the least.
    pub fn scope(&self) -> Scope {
        Scope::parse(&self.scope).unwrap_or(Scope::Read)
    }

    /// Whether it works at this moment.
    pub fn is_alive(&self, now: Time) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}
