//! `cheeseshop user …`

mod add;
mod change;
mod password;
mod show;

use clap::{Args, Subcommand};

use super::{Failure, out};
use crate::accounts::{Username, user};
use crate::config::Config;
use crate::db::{Conn, Db, UserId};
use crate::error::{Error, Result};

/// Manage accounts.
#[derive(Subcommand)]
pub(super) enum User {
    /// Create an account; asks for the password on a terminal
    Add(add::Add),
    /// List all accounts
    List(show::Listing),
    /// Show one account
    Show(show::Show),
    /// Let an account do nothing any more
    Disable(Name),
    /// Let a disabled account work again
    Enable(Name),
    /// Give an account a new password; asks for it on a terminal
    SetPassword(change::SetPassword),
    /// Print a link by which one account can be made
    Invite(change::Invite),
    /// Turn the second factor of an account off: its owner has lost the app and the codes
    #[command(name = "reset-2fa")]
    ResetSecondFactor(Name),
    /// Count the primary address of an account as verified
    VerifyEmail(Name),
    /// Create an account for machines: no address, no password, API tokens only
    AddService(Name),
}

#[derive(Args)]
pub(super) struct Name {
    /// The user name
    name: String,
}

impl User {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        let db = Db::open(&config.database_url, config.read_only)?;
        match self {
            Self::Add(add) => add.run(&db).await,
            Self::List(listing) => listing.run(&db).await,
            Self::Show(show) => show.run(&db).await,
            Self::Disable(name) => change::set_disabled(&db, &name.name, true).await,
            Self::Enable(name) => change::set_disabled(&db, &name.name, false).await,
            Self::SetPassword(set) => set.run(&db).await,
            Self::Invite(invite) => invite.run(&db, &config).await,
            Self::ResetSecondFactor(name) => change::reset_second_factor(&db, &name.name).await,
            Self::VerifyEmail(name) => change::verify_email(&db, &name.name).await,
            Self::AddService(name) => change::add_service(&db, &name.name).await,
        }
    }
}

async fn id_of(db: &Db, name: &Username) -> Result<UserId, Failure> {
    let name = name.clone();
    Ok(db.read(move |c| Ok(find(c, &name)?.id)).await?)
}

pub(super) fn username(text: &str) -> Result<Username, Failure> {
    Username::parse(text).ok_or_else(|| {
        Failure::Usage(format!(
            "{text:?} is not a user name: it has letters, digits, '.', '_' and '-', at most 50, \
             and begins and ends with a letter or digit"
        ))
    })
}

pub(super) fn find(c: &mut Conn, name: &Username) -> Result<user::User> {
    user::User::by_name(c, name)?
        .ok_or_else(|| Error::not_found(format!("there is no account named {name}")))
}
