//! `cheeseshop token …`

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::user::{find, username};
use super::{Failure, out};
use crate::accounts::act::Order;
use crate::accounts::api_token::check_label;
use crate::accounts::token::{self, Grant, Scope};
use crate::accounts::{Visit, api_token};
use crate::catalog::project::Project;
use crate::config::Config;
use crate::db::{Conn, Db, TokenId};
use crate::error::{Error, Result};
use crate::packaging::NormalizedName;
use crate::time::{self, Time};

/// Manage API tokens.
#[derive(Subcommand)]
pub(super) enum Token {
    /// Print one new API token, and nothing else, on standard output
    Create(Create),
    /// List the tokens of an account
    List(Listing),
    /// End a token
    Revoke(Revoke),
}

#[derive(Args)]
pub(super) struct Create {
    /// The account that it speaks for
    user: String,
    /// Limit it to this project; may be repeated
    #[arg(long, value_name = "NAME")]
    project: Vec<String>,
    /// What it may do; `upload` also reads
    #[arg(long, value_enum, default_value = "upload")]
    scope: ScopeWord,
    /// What to call it
    #[arg(long, value_name = "TEXT", default_value = "")]
    label: String,
    /// When it stops working, such as 90d or 12h from now [default: never]
    #[arg(long, value_name = "SPAN")]
    expires: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum ScopeWord {
    Upload,
    Read,
}

#[derive(Args)]
pub(super) struct Listing {
    /// The account
    user: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Revoke {
    /// The id, as `token list` shows it
    id: i64,
}

#[derive(Serialize)]
struct Entry {
    id: i64,
    label: String,
    scope: &'static str,
    /// Names of the projects; null: all.
    projects: Option<Vec<String>>,
    created: String,
    last_used: Option<String>,
    expires: Option<String>,
}

impl Token {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        let db = Db::open(&config.database_url, config.read_only)?;
        match self {
            Self::Create(create) => create.run(&db).await,
            Self::List(listing) => listing.run(&db).await,
            Self::Revoke(revoke) => revoke.run(&db).await,
        }
    }
}

impl Create {
    async fn run(self, db: &Db) -> Result<(), Failure> {
        let name = username(&self.user)?;
        let expires_at = self.expires.as_deref().map(expiry).transpose()?;
        check_label(&self.label).map_err(|error| Failure::Usage(error.detail().to_owned()))?;
        let scope = match self.scope {
            ScopeWord::Upload => Scope::Upload,
            ScopeWord::Read => Scope::Read,
        };
        let (names, label) = (self.project, self.label);
        let (user, projects) = db
            .read(move |c| {
                let user = find(c, &name)?;
                let projects = names.iter().map(|name| project(c, name)).collect::<Result<_>>()?;
                Ok((user.id, projects))
            })
            .await?;
        let grant = Grant { label, scope, projects, expires_at };
        let plain = api_token::create(db, &Visit::operator(), user, &grant).await?;
        out::line(plain.reveal());
        Ok(())
    }
}

fn project(c: &mut Conn, text: &str) -> Result<crate::db::ProjectId> {
    let found = match NormalizedName::parse(text) {
        Some(name) => Project::by_name(c, &name)?,
        None => None,
    };
    let missing = || Error::not_found(format!("there is no project named {text}"));
    found.map(|project| project.id).ok_or_else(missing)
}

fn expiry(text: &str) -> Result<Time, Failure> {
    let bad = || Failure::Usage(format!("--expires {text}: write a span such as 90d, 12h or 30m"));
    let span = time::parse_span(text).ok_or_else(bad)?;
    Ok(time::now() + span)
}

impl Listing {
    async fn run(self, db: &Db) -> Result<(), Failure> {
        let name = username(&self.user)?;
        let entries = db
            .read(move |c| {
                let user = find(c, &name)?;
                let tokens = token::Token::of(c, user.id)?;
                tokens.into_iter().map(|token| entry(c, token)).collect::<Result<Vec<_>>>()
            })
            .await?;
        if self.json {
            return out::json(&entries);
        }
        let rows: Vec<_> = entries.into_iter().map(row).collect();
        let heading = ["ID", "LABEL", "SCOPE", "PROJECTS", "CREATED", "LAST USED", "EXPIRES"];
        out::table(heading, &rows);
        Ok(())
    }
}

fn entry(c: &mut Conn, token: token::Token) -> Result<Entry> {
    let projects = if token.all_projects {
        None
    } else {
        let ids = token::Token::projects(c, token.id)?;
        Some(Project::names(c, &ids)?)
    };
    Ok(Entry {
        id: token.id.get(),
        scope: token.scope().as_str(),
        projects,
        created: time::iso(token.created_at),
        last_used: token.last_used_at.map(time::iso),
        expires: token.expires_at.map(time::iso),
        label: token.label,
    })
}

fn row(entry: Entry) -> [String; 7] {
    [
        entry.id.to_string(),
        entry.label,
        entry.scope.to_owned(),
        entry.projects.map_or_else(|| "all".to_owned(), |names| names.join(" ")),
        entry.created,
        entry.last_used.unwrap_or_else(|| "never".to_owned()),
        entry.expires.unwrap_or_else(|| "never".to_owned()),
    ]
}

impl Revoke {
    async fn run(self, db: &Db) -> Result<(), Failure> {
        let id = TokenId::new(self.id);
        api_token::revoke_by_order(db, &Order::operator(Visit::operator()), None, id).await?;
        out::note(format!("The token {} is revoked.", self.id));
        Ok(())
    }
}
