//! `cheeseshop user list` and `show`

use clap::Args;
use serde::Serialize;

use super::{Failure, find, out, username};
use crate::accounts::email::Email;
use crate::accounts::service;
use crate::accounts::user::User;
use crate::db::{Conn, Db};
use crate::error::Result;
use crate::time;

#[derive(Args)]
pub(in crate::cli) struct Listing {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(in crate::cli) struct Show {
    /// The user name
    name: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the JSON has a field for each")]
struct Account {
    username: String,
    full_name: String,
    admin: bool,
    service: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    disabled: bool,
    second_factor: bool,
    created: String,
    last_login: Option<String>,
    emails: Vec<Address>,
}

#[derive(Serialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
    unverify_reason: Option<String>,
}

impl Listing {
    pub(super) async fn run(self, db: &Db) -> Result<(), Failure> {
        let accounts = db
            .read(|c| {
                let users = User::all(c)?;
                users.into_iter().map(|user| account(c, user)).collect::<Result<Vec<_>>>()
            })
            .await?;
        if self.json {
            return out::json(&accounts);
        }
        let rows: Vec<_> = accounts.iter().map(row).collect();
        out::table(["NAME", "EMAIL", "ADMIN", "STATE", "CREATED"], &rows);
        Ok(())
    }
}

fn row(account: &Account) -> [String; 5] {
    let yes = |truth: bool, word: &str| if truth { word.to_owned() } else { String::new() };
    let address = account.emails.first();
    let email = address.map_or_else(String::new, |it| {
        format!("{}{}", it.email, if it.verified { "" } else { " (unverified)" })
    });
    [
        account.username.clone(),
        email,
        yes(account.admin, "admin"),
        yes(account.disabled, "disabled"),
        account.created.clone(),
    ]
}

impl Show {
    pub(super) async fn run(self, db: &Db) -> Result<(), Failure> {
        let name = username(&self.name)?;
        let account = db
            .read(move |c| {
                let user = find(c, &name)?;
                account(c, user)
            })
            .await?;
        if self.json {
            return out::json(&account);
        }
        let yes = |truth| if truth { "yes" } else { "no" };
        out::line(format!("name      {}", account.username));
        out::line(format!("admin     {}", yes(account.admin)));
        out::line(format!("service   {}", yes(account.service)));
        if let Some(owner) = &account.owner {
            out::line(format!("owner     {owner}"));
        }
        out::line(format!("disabled  {}", yes(account.disabled)));
        out::line(format!("2fa       {}", yes(account.second_factor)));
        out::line(format!("created   {}", account.created));
        let last = account.last_login.as_deref().unwrap_or("never");
        out::line(format!("logged in {last}"));
        for it in account.emails {
            let primary = if it.primary { ", primary" } else { "" };
            let verified = if it.verified { "verified" } else { "not verified" };
            let reason = it.unverify_reason.map(|why| format!(": {why}")).unwrap_or_default();
            out::line(format!("email     {} ({verified}{primary}{reason})", it.email));
        }
        Ok(())
    }
}

fn account(c: &mut Conn, user: User) -> Result<Account> {
    let emails = Email::of(c, user.id)?.into_iter().map(|email| Address {
        email: email.address,
        primary: email.is_primary,
        verified: email.verified_at.is_some(),
        unverify_reason: email.unverify_reason,
    });
    let owner = if user.is_service { Some(service::owner(c, user.id)?.to_string()) } else { None };
    Ok(Account {
        owner,
        emails: emails.collect(),
        service: user.is_service,
        second_factor: user.has_second_factor(),
        last_login: user.last_login_at.map(time::iso),
        username: user.username,
        full_name: user.full_name,
        admin: user.is_admin,
        disabled: user.disabled_at.is_some(),
        created: time::iso(user.created_at),
    })
}
