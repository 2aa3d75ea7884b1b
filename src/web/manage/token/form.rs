//! The form that makes a token.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::accounts::token::{Grant, Scope};
use crate::catalog::project::Project;
use crate::catalog::role::Role;
use crate::db::{Conn, Db, ProjectId, UserId};
use crate::error::{Error, Result};
use crate::packaging::NormalizedName;
use crate::time::Time;

const DAY: Duration = Duration::from_hours(24);
/// A token that is to work for longer than ten years is one without an end.
const MOST_DAYS: u32 = 3650;
/// What the scope of a whole account is called.
const ACCOUNT: &str = "scope:user";
/// What the scope of a project begins with.
const PROJECT: &str = "scope:project:";
/// What the fields of further projects begin with.
const FURTHER: &str = "project:";

/// The form, as it was sent.
#[derive(Clone, Default, Deserialize)]
pub(in crate::web) struct Form {
    /// What the token is called.
    pub(in crate::web) description: String,
    /// `scope:user`, or `scope:project:NAME`.
    pub(in crate::web) token_scope: String,
    /// `upload` or `read`.
    #[serde(default)]
    pub(in crate::web) permission: String,
    /// When it stops working, in days from now; empty: never.
    #[serde(default)]
    pub(in crate::web) expires_days: String,
    /// Ticked boxes: further projects.
    #[serde(flatten)]
    further: BTreeMap<String, String>,
}

impl Form {
    /// The empty form with a project chosen.
    pub(super) fn choosing(normalized: &str) -> Self {
        Self { token_scope: format!("{PROJECT}{normalized}"), ..Self::default() }
    }

    /// Whether this is the chosen project.
    pub(super) fn chooses(&self, normalized: &str) -> bool {
        self.token_scope.strip_prefix(PROJECT) == Some(normalized)
    }

    /// Whether this is one of the further projects.
    pub(super) fn ticks(&self, normalized: &str) -> bool {
        self.further.contains_key(&format!("{FURTHER}{normalized}"))
    }

    /// Whether any further project is ticked.
    pub(in crate::web) fn ticks_any(&self) -> bool {
        self.further.keys().any(|key| key.starts_with(FURTHER))
    }

    /// Whether only reading is chosen.
    pub(in crate::web) fn only_reads(&self) -> bool {
        self.permission == Scope::Read.as_str()
    }

    /// What is to be granted, for an account whose projects they must be.
    pub(in crate::web) async fn grant(&self, db: &Db, user: UserId, now: Time) -> Result<Grant> {
        let label = self.description.trim().to_owned();
        if label.is_empty() {
            let words = "Give the token a name, so that you know later which one it is.";
            return Err(Error::invalid("The token has no name", words));
        }
        let scope = match self.permission.as_str() {
            "" => Scope::Upload,
            word => Scope::parse(word).ok_or_else(unknown)?,
        };
        let (expires_at, names) = (self.end(now)?, self.names()?);
        let found = db.read(move |c| names.iter().map(|name| own(c, user, name)).collect());
        Ok(Grant { label, scope, projects: found.await?, expires_at })
    }

    fn end(&self, now: Time) -> Result<Option<Time>> {
        let text = self.expires_days.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let days = text.parse().ok().filter(|days| (1..=MOST_DAYS).contains(days));
        let days = days.ok_or_else(|| {
            let words = format!("A token works for 1 to {MOST_DAYS} days, or without an end.");
            Error::invalid("The expiry is not acceptable", words)
        })?;
        Ok(Some(now + DAY * days))
    }

    /// The names of the chosen projects; none: the whole account.
    fn names(&self) -> Result<Vec<String>> {
        let further = self.further.keys().filter_map(|key| key.strip_prefix(FURTHER));
        let mut names: Vec<String> = further.map(str::to_owned).collect();
        match (self.token_scope.as_str(), self.token_scope.strip_prefix(PROJECT)) {
            (ACCOUNT, _) if names.is_empty() => {}
            (ACCOUNT, _) => {
                let words = "Choose either the whole account or single projects, not both.";
                return Err(Error::invalid("The scope is ambiguous", words));
            }
            (_, Some(name)) => names.push(name.to_owned()),
            _ => return Err(unknown()),
        }
        Ok(names)
    }
}

fn unknown() -> Error {
    Error::invalid("The scope is unknown", "Choose what the token is for.")
}

/// The project of that name, if the account may upload to it. What is not theirs is not told apart
/// from what is not there.
fn own(c: &mut Conn, user: UserId, name: &str) -> Result<ProjectId> {
    let missing = || {
        Error::invalid("This is not one of your projects", format!("You have no project {name:?}."))
    };
    let name = NormalizedName::parse(name).ok_or_else(missing)?;
    let project = Project::by_name(c, &name)?.ok_or_else(missing)?;
    let role = Role::of(c, project.id, user)?;
    if role.is_some_and(Role::may_upload) { Ok(project.id) } else { Err(missing()) }
}
