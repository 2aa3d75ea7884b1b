//! Changes to accounts that exist, and to who may make one.

use clap::Args;

use super::password::ask_password;
use super::{Failure, id_of, out, username};
use crate::accounts::act::Order;
use crate::accounts::letters::Letterhead;
use crate::accounts::{Visit, addresses, change_password, invitation, service, set_up, standing};
use crate::address::EmailAddress;
use crate::config::Config;
use crate::db::Db;

#[derive(Args)]
pub(in crate::cli) struct Invite {
    /// For whom it is: the same as --note
    #[arg(value_name = "NAME", conflicts_with = "note")]
    name: Option<String>,
    /// For whom it is, shown to administrators
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
    /// Mail the link to this address
    #[arg(long, value_name = "ADDR")]
    email: Option<String>,
}

#[derive(Args)]
pub(in crate::cli) struct SetPassword {
    /// The user name
    name: String,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

impl SetPassword {
    pub(super) async fn run(self, db: &Db) -> Result<(), Failure> {
        let name = username(&self.name)?;
        let id = id_of(db, &name).await?;
        let typed = ask_password(self.password_stdin)?;
        change_password::set(db, &operator(), id, &typed).await?;
        out::note(format!("{name} has a new password."));
        Ok(())
    }
}

impl Invite {
    pub(super) async fn run(self, db: &Db, config: &Config) -> Result<(), Failure> {
        let bad = |text: &String| Failure::Usage(format!("{text:?} is not a mail address"));
        let to = self.email.as_ref();
        let to = to.map(|text| EmailAddress::parse(text).ok_or_else(|| bad(text))).transpose()?;
        let url = config.url();
        let head = Letterhead { site: config.site_name.clone(), url: url.clone() };
        let mail = to.map(|to| (head, to));
        let note = self.name.as_ref().unwrap_or(&self.note);
        let made = invitation::invite(db, &operator(), note, mail).await?;
        out::line(format!("{url}/account/register/?invitation={}", made.reveal()));
        Ok(())
    }
}

fn operator() -> Order {
    Order::operator(Visit::operator())
}

pub(super) async fn set_disabled(db: &Db, name: &str, disabled: bool) -> Result<(), Failure> {
    let name = username(name)?;
    let id = id_of(db, &name).await?;
    standing::set_disabled(db, &operator(), id, disabled).await?;
    out::note(format!("{name} is {} now.", if disabled { "disabled" } else { "enabled" }));
    if disabled && !standing::has_administrator(db).await? {
        out::note("No administrator is left who can log in; make one by: cheeseshop user add NAME --admin".to_owned());
    }
    Ok(())
}

pub(super) async fn reset_second_factor(db: &Db, name: &str) -> Result<(), Failure> {
    let name = username(name)?;
    let id = id_of(db, &name).await?;
    let had_one = set_up::reset(db, &operator(), id).await?;
    let now = if had_one { "has no second factor any more" } else { "had no second factor" };
    out::note(format!("{name} {now}."));
    Ok(())
}

pub(super) async fn add_service(db: &Db, name: &str) -> Result<(), Failure> {
    let name = username(name)?;
    service::create(db, &operator(), &name).await?;
    out::note(format!("The service account {name} is ready; give it a token."));
    Ok(())
}

pub(super) async fn verify_email(db: &Db, name: &str) -> Result<(), Failure> {
    let name = username(name)?;
    let id = id_of(db, &name).await?;
    let email = addresses::verify_by_order(db, &operator(), id, None).await?;
    out::note(format!("The address {} of {name} counts as verified now.", email.address));
    Ok(())
}
