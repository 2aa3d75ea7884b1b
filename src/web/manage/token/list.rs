//! The tokens of an account, and the projects that it could make one for.

use crate::accounts::token::{Scope, Token};
use crate::catalog::project::Project;
use crate::catalog::role::Role;
use crate::db::{Conn, UserId};
use crate::error::Result;
use crate::packaging::NormalizedName;
use crate::time::{self, Time};

use super::form::Form;

/// A token as pages show it.
pub(in crate::web) struct Row {
    pub(in crate::web) id: i64,
    pub(in crate::web) label: String,
    pub(in crate::web) may: &'static str,
    pub(in crate::web) projects: String,
    pub(in crate::web) created: String,
    pub(in crate::web) last_used: String,
    pub(in crate::web) expires: String,
}

/// The tokens of an account that are not revoked, newest first.
pub(in crate::web) fn rows(c: &mut Conn, user: UserId, now: Time) -> Result<Vec<Row>> {
    let tokens = Token::of(c, user)?;
    tokens.into_iter().map(|token| row(c, token, now)).collect()
}

/// One token.
pub(in crate::web) fn row(c: &mut Conn, token: Token, now: Time) -> Result<Row> {
    let projects = if token.all_projects {
        "all projects".to_owned()
    } else {
        let ids = Token::projects(c, token.id)?;
        let names = Project::names(c, &ids)?;
        if names.is_empty() { "a project that is gone".to_owned() } else { names.join(", ") }
    };
    Ok(Row {
        id: token.id.get(),
        may: match token.scope() {
            Scope::Upload => "upload and read",
            Scope::Read => "read",
        },
        projects,
        created: time::for_people(token.created_at),
        last_used: token.last_used_at.map_or_else(|| "never".to_owned(), time::for_people),
        expires: match token.expires_at {
            None => "never".to_owned(),
            Some(end) if end <= now => format!("expired {}", time::for_people(end)),
            Some(end) => time::for_people(end),
        },
        label: token.label,
    })
}

/// A project that a token can be made for.
pub(in crate::web) struct Choice {
    pub(in crate::web) name: String,
    pub(in crate::web) normalized: String,
    /// Whether it is the chosen one.
    pub(in crate::web) is_chosen: bool,
    /// Whether it is one of the further ones.
    pub(in crate::web) is_ticked: bool,
}

/// The projects of an account, with what a form has chosen of them.
pub(in crate::web) fn choices(c: &mut Conn, user: UserId, form: &Form) -> Result<Vec<Choice>> {
    let mut found = Vec::new();
    for (_, name) in Role::of_user(c, user)? {
        let Some(normalized) = NormalizedName::parse(&name) else { continue };
        let normalized = normalized.to_string();
        found.push(Choice {
            is_chosen: form.chooses(&normalized),
            is_ticked: form.ticks(&normalized),
            name,
            normalized,
        });
    }
    Ok(found)
}
