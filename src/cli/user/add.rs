//! `cheeseshop user add`

use clap::Args;
use serde_json::json;

use super::password::ask_password;
use super::{Failure, out, username};
use crate::accounts::Visit;
use crate::accounts::email::Email;
use crate::accounts::event::{self, Tag};
use crate::accounts::password::Password;
use crate::accounts::user::{NewUser, User};
use crate::address::EmailAddress;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::time;

#[derive(Args)]
pub(in crate::cli) struct Add {
    /// The user name
    name: String,
    /// The mail address
    #[arg(long, value_name = "ADDR")]
    email: String,
    /// The address is known to be theirs
    #[arg(long)]
    verified: bool,
    /// The account may administer the index
    #[arg(long)]
    admin: bool,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

impl Add {
    pub(super) async fn run(self, db: &Db) -> Result<(), Failure> {
        let name = username(&self.name)?;
        let address = EmailAddress::parse(&self.email)
            .ok_or_else(|| Failure::Usage(format!("{:?} is not a mail address", self.email)))?;
        let typed = ask_password(self.password_stdin)?;
        let password = Password::choose(&typed, &[name.as_str(), address.as_str()]);
        let hash = password?.hash().await?;
        let shown = name.to_string();
        let (verified, admin) = (self.verified, self.admin);
        db.write(move |c| {
            let now = time::now();
            if User::by_name(c, &name)?.is_some() {
                return Err(taken("account named", &name));
            }
            if Email::is_taken(c, &address)? {
                return Err(taken("account with the address", &address));
            }
            let new = NewUser {
                username: &name,
                full_name: "",
                password_hash: Some(&hash),
                is_admin: admin,
                is_service: false,
            };
            let id = User::create(c, new, now)?;
            Email::create(c, id, &address, true, verified, now)?;
            if let Some(user) = User::by_id(c, id)? {
                let visit = Visit::operator();
                event::record(c, &user, Tag::Created, &visit, &json!({}))?;
            }
            Ok(())
        })
        .await?;
        out::note(format!("The account {shown} is ready."));
        Ok(())
    }
}

fn taken(what: &str, value: &impl std::fmt::Display) -> Error {
    Error::invalid("Already there", format!("there is already an {what} {value}"))
}
