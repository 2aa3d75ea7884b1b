//! `cheeseshop user …`

use std::io::{IsTerminal, Read};

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Failure, out};
use crate::accounts::email::Email;
use crate::accounts::password::Password;
use crate::accounts::user::NewUser;
use crate::accounts::{
    Username, Visit, change_password, event, invitation, set_up, standing, user,
};
use crate::address::EmailAddress;
use crate::config::{Config, PublicUrl};
use crate::db::{Conn, Db, UserId};
use crate::error::{Error, Result};
use crate::time;

/// Manage accounts.
#[derive(Subcommand)]
pub(super) enum User {
    /// Create an account; asks for the password on a terminal
    Add(Add),
    /// List all accounts
    List(Listing),
    /// Show one account
    Show(Show),
    /// Let an account do nothing any more
    Disable(Name),
    /// Let a disabled account work again
    Enable(Name),
    /// Give an account a new password; asks for it on a terminal
    SetPassword(SetPassword),
    /// Print a link by which one account can be made
    Invite(Invite),
    /// Turn the second factor of an account off: its owner has lost the app and the codes
    #[command(name = "reset-2fa")]
    ResetSecondFactor(Name),
    /// Create an account for machines: no address, no password, API tokens only
    AddService(Name),
}

#[derive(Args)]
pub(super) struct Invite {
    /// For whom it is
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
}

#[derive(Args)]
pub(super) struct Add {
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

#[derive(Args)]
pub(super) struct Listing {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Show {
    /// The user name
    name: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Name {
    /// The user name
    name: String,
}

#[derive(Args)]
pub(super) struct SetPassword {
    /// The user name
    name: String,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the JSON has a field for each")]
struct Account {
    username: String,
    full_name: String,
    admin: bool,
    service: bool,
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

impl User {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        let db = Db::open(&config.database_url, config.read_only)?;
        match self {
            Self::Add(add) => add.run(&db).await,
            Self::List(listing) => listing.run(&db).await,
            Self::Show(show) => show.run(&db).await,
            Self::Disable(name) => set_disabled(&db, &name.name, true).await,
            Self::Enable(name) => set_disabled(&db, &name.name, false).await,
            Self::SetPassword(set) => set.run(&db).await,
            Self::Invite(invite) => invite.run(&db, &config).await,
            Self::ResetSecondFactor(name) => reset_second_factor(&db, &name.name).await,
            Self::AddService(name) => add_service(&db, &name.name).await,
        }
    }
}

impl Add {
    async fn run(self, db: &Db) -> Result<(), Failure> {
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
            if user::User::by_name(c, &name)?.is_some() {
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
            let id = user::User::create(c, new, now)?;
            Email::create(c, id, &address, true, verified, now)?;
            if let Some(user) = user::User::by_id(c, id)? {
                let visit = Visit::operator();
                event::record(c, &user, event::Tag::Created, &visit, &serde_json::json!({}))?;
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

impl Listing {
    async fn run(self, db: &Db) -> Result<(), Failure> {
        let accounts = db
            .read(|c| {
                let users = user::User::all(c)?;
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
    async fn run(self, db: &Db) -> Result<(), Failure> {
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

impl SetPassword {
    async fn run(self, db: &Db) -> Result<(), Failure> {
        let name = username(&self.name)?;
        let id = id_of(db, &name).await?;
        let typed = ask_password(self.password_stdin)?;
        change_password::set(db, &Visit::operator(), id, &typed).await?;
        out::note(format!("{name} has a new password."));
        Ok(())
    }
}

impl Invite {
    async fn run(self, db: &Db, config: &Config) -> Result<(), Failure> {
        let ticket = invitation::invite(db, &Visit::operator(), None, &self.note).await?;
        let url = config.public_url.clone();
        let url = url.unwrap_or_else(|| PublicUrl::of_listener(config.listen.0));
        out::line(format!("{url}/account/register/?invitation={}", ticket.reveal()));
        Ok(())
    }
}

async fn set_disabled(db: &Db, name: &str, disabled: bool) -> Result<(), Failure> {
    let name = username(name)?;
    let id = id_of(db, &name).await?;
    standing::set_disabled(db, &Visit::operator(), id, disabled).await?;
    out::note(format!("{name} is {} now.", if disabled { "disabled" } else { "enabled" }));
    Ok(())
}

async fn reset_second_factor(db: &Db, name: &str) -> Result<(), Failure> {
    let name = username(name)?;
    let id = id_of(db, &name).await?;
    let had_one = set_up::reset(db, &Visit::operator(), id).await?;
    let now = if had_one { "has no second factor any more" } else { "had no second factor" };
    out::note(format!("{name} {now}."));
    Ok(())
}

async fn add_service(db: &Db, name: &str) -> Result<(), Failure> {
    let name = username(name)?;
    standing::create_service(db, &Visit::operator(), &name).await?;
    out::note(format!("The service account {name} is ready; give it a token."));
    Ok(())
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

fn account(c: &mut Conn, user: user::User) -> Result<Account> {
    let emails = Email::of(c, user.id)?.into_iter().map(|email| Address {
        email: email.address,
        primary: email.is_primary,
        verified: email.verified_at.is_some(),
        unverify_reason: email.unverify_reason,
    });
    Ok(Account {
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

/// Asks twice on a terminal, reads the first line of standard input otherwise.
fn ask_password(from_stdin: bool) -> Result<String, Failure> {
    if from_stdin {
        return read_stdin();
    }
    if std::io::stdin().is_terminal() {
        return type_twice();
    }
    let words = "there is no terminal to ask for the password on; use --password-stdin";
    Err(Failure::Usage(words.to_owned()))
}

fn read_stdin() -> Result<String, Failure> {
    let mut text = String::new();
    let limit = crate::accounts::password::LONGEST as u64 * 4 + 2;
    let read = std::io::stdin().take(limit).read_to_string(&mut text);
    read.map_err(|error| Failure::Failed(format!("reading the password: {error}")))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn type_twice() -> Result<String, Failure> {
    let ask = |prompt| {
        rpassword::prompt_password(prompt)
            .map_err(|error| Failure::Failed(format!("reading the password: {error}")))
    };
    let first = ask("Password: ")?;
    if ask("Again: ")? != first {
        return Err(Failure::Failed("the two passwords differ".to_owned()));
    }
    Ok(first)
}
