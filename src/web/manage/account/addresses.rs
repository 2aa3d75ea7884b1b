//! `POST /manage/account/emails/…`: the addresses of an account. What mends an account without a
//! verified primary address is open to it: `add`, `primary` and `reverify`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;

use super::{HOME, overview, unverified};
use crate::accounts::addresses;
use crate::accounts::email::Email;
use crate::address::EmailAddress;
use crate::app::App;
use crate::db::EmailId;
use crate::error::{Error, Result};
use crate::http::guard::{MemberConfirmed, Person, SignedIn, SignedInConfirmed};
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::web::form::shown;
use crate::web::page::go;
use crate::web::said::Said;

/// An address as a page shows it.
pub(super) struct Address {
    pub(super) id: i64,
    pub(super) text: String,
    pub(super) is_primary: bool,
    pub(super) is_verified: bool,
    /// Why it is not verified.
    pub(super) reason: String,
}

/// The addresses as pages show them.
pub(super) fn rows(emails: &[Email]) -> Vec<Address> {
    emails.iter().map(row).collect()
}

fn row(email: &Email) -> Address {
    Address {
        id: email.id.get(),
        text: email.address.clone(),
        is_primary: email.is_primary,
        is_verified: email.is_trusted(),
        reason: match email.unverify_reason.as_deref() {
            Some(reason) if email.verified_at.is_some() => {
                format!("No password is reset by it any more: {reason}.")
            }
            None => "The link that was mailed to it has not been opened yet.".to_owned(),
            Some(reason) => format!("It was verified and is no more: {reason}."),
        },
    }
}

#[derive(Deserialize)]
pub(super) struct New {
    email: String,
}

#[derive(Deserialize)]
pub(super) struct Which {
    email_id: i64,
}

/// Adds an address.
pub(super) async fn add(
    app: Data<App>,
    visitor: Visitor,
    who: SignedInConfirmed,
    Post(form): Post<New>,
) -> Result<HttpResponse> {
    let result = match EmailAddress::parse(&form.email) {
        Some(address) => {
            let head = app.letterhead();
            addresses::add(&app.db, &head, &who.visit, who.user.id, &address).await
        }
        None => Err(Error::invalid("This is no mail address", "This is not a mail address.")),
    };
    finish(&app, &visitor, &who, result.map(|_| Said::AddressAdded)).await
}

/// Mails a new link.
pub(super) async fn reverify(
    app: Data<App>,
    visitor: Visitor,
    who: SignedIn,
    Post(form): Post<Which>,
) -> Result<HttpResponse> {
    let id = EmailId::new(form.email_id);
    let head = app.letterhead();
    let result = addresses::reverify(&app.db, &head, &who.visit, who.user.id, id).await;
    finish(&app, &visitor, &who, result.map(|_| Said::MailSent)).await
}

/// Makes a verified address the primary one.
pub(super) async fn primary(
    app: Data<App>,
    visitor: Visitor,
    who: SignedInConfirmed,
    Post(form): Post<Which>,
) -> Result<HttpResponse> {
    let id = EmailId::new(form.email_id);
    let result = addresses::set_primary(&app.db, &who.visit, who.user.id, id).await;
    finish(&app, &visitor, &who, result.map(|_| Said::PrimaryChanged)).await
}

/// Takes an address away.
pub(super) async fn delete(
    app: Data<App>,
    visitor: Visitor,
    who: MemberConfirmed,
    Post(form): Post<Which>,
) -> Result<HttpResponse> {
    let id = EmailId::new(form.email_id);
    let result = addresses::remove(&app.db, &who.visit, who.user.id, id).await;
    finish(&app, &visitor, &who, result.map(|_| Said::AddressRemoved)).await
}

/// Leads on to the page with the addresses, or says on it what was wrong.
async fn finish(
    app: &App,
    visitor: &Visitor,
    who: &Person,
    result: Result<Said>,
) -> Result<HttpResponse> {
    let id = who.user.id;
    let is_verified = app.db.read(move |c| Ok(Email::is_primary_verified(c, id)?)).await?;
    match result {
        Ok(said) if is_verified => Ok(go(app, HOME, Some(said))),
        Ok(said) => Ok(go(app, unverified::PLACE, Some(said))),
        Err(error) if is_verified => overview::page(app, visitor, who, Some(&shown(error)?)).await,
        Err(error) => unverified::page(app, visitor, who, Some(&shown(error)?)).await,
    }
}
