//! What administrators do to an account.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Deserialize;

use super::{page, place};
use crate::accounts::act::Order;
use crate::accounts::user::User;
use crate::accounts::{addresses, administer, set_up, standing};
use crate::app::App;
use crate::db::EmailId;
use crate::error::{Error, Result};
use crate::http::guard::{AdminConfirmed, Person};
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::web::admin::named;
use crate::web::page::go;
use crate::web::said::Said;

/// A form that asks why.
#[derive(Deserialize)]
pub(super) struct Why {
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
pub(super) struct Address {
    email_id: i64,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
pub(super) struct Rights {
    is_admin: String,
    #[serde(default)]
    reason: String,
}

/// Stops the account.
pub(super) async fn disable(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    username: Path<String>,
    Post(form): Post<Why>,
) -> Result<HttpResponse> {
    let user = found(&app, username).await?;
    let done = async {
        let order = Order::explained(&who.user, &who.visit, &form.reason)?;
        let changed = standing::set_disabled(&app.db, &order, user.id, true).await?;
        Ok(if changed { Said::AccountDisabled } else { Said::NothingChanged })
    };
    answer(&app, &visitor, (&user, &who), done.await).await
}

/// Lets it work again.
pub(super) async fn enable(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    username: Path<String>,
    Post(form): Post<Why>,
) -> Result<HttpResponse> {
    let user = found(&app, username).await?;
    let done = async {
        let order = Order::of(&who.user, &who.visit, &form.reason)?;
        let changed = standing::set_disabled(&app.db, &order, user.id, false).await?;
        Ok(if changed { Said::AccountEnabled } else { Said::NothingChanged })
    };
    answer(&app, &visitor, (&user, &who), done.await).await
}

/// Verifies one of its addresses.
pub(super) async fn verify(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    username: Path<String>,
    Post(form): Post<Address>,
) -> Result<HttpResponse> {
    let user = found(&app, username).await?;
    let done = async {
        let order = Order::explained(&who.user, &who.visit, &form.reason)?;
        let id = EmailId::new(form.email_id);
        addresses::verify_by_order(&app.db, &order, user.id, Some(id)).await?;
        Ok(Said::AddressVerifiedByOrder)
    };
    answer(&app, &visitor, (&user, &who), done.await).await
}

/// Takes its password and mails a link.
pub(super) async fn reset_password(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    username: Path<String>,
    Post(form): Post<Why>,
) -> Result<HttpResponse> {
    let user = found(&app, username).await?;
    let done = async {
        let order = Order::explained(&who.user, &who.visit, &form.reason)?;
        administer::reset_password(&app.db, &app.letterhead(), &order, user.id).await?;
        Ok(Said::PasswordTaken)
    };
    answer(&app, &visitor, (&user, &who), done.await).await
}

/// Takes its second factor.
pub(super) async fn reset_factor(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    username: Path<String>,
    Post(form): Post<Why>,
) -> Result<HttpResponse> {
    let user = found(&app, username).await?;
    let done = async {
        let order = Order::explained(&who.user, &who.visit, &form.reason)?;
        set_up::reset(&app.db, &order, user.id).await?;
        Ok(Said::FactorReset)
    };
    answer(&app, &visitor, (&user, &who), done.await).await
}

/// Gives it the rights of an administrator, or takes them.
pub(super) async fn administrator(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    username: Path<String>,
    Post(form): Post<Rights>,
) -> Result<HttpResponse> {
    let user = found(&app, username).await?;
    let done = async {
        let is_admin = match form.is_admin.as_str() {
            "yes" => true,
            "no" => false,
            _ => return Err(Error::invalid("The form is not valid", "Say yes or no.")),
        };
        let order = Order::explained(&who.user, &who.visit, &form.reason)?;
        let changed = administer::set_administrator(&app.db, &order, user.id, is_admin).await?;
        Ok(match (changed, is_admin) {
            (false, _) => Said::NothingChanged,
            (true, true) => Said::AdministratorMade,
            (true, false) => Said::AdministratorUnmade,
        })
    };
    answer(&app, &visitor, (&user, &who), done.await).await
}

pub(super) async fn found(app: &App, username: Path<String>) -> Result<User> {
    app.db.read(move |c| named(c, &username)).await
}

/// Leads back to the account with what was done, or shows it with what was wrong.
pub(super) async fn answer(
    app: &App,
    visitor: &Visitor,
    (user, who): (&User, &Person),
    done: Result<Said>,
) -> Result<HttpResponse> {
    match done {
        // Nobody sees this page who has just taken the rights to it from themselves.
        Ok(Said::AdministratorUnmade) if user.id == who.user.id => {
            Ok(go(app, "/manage/account/", Some(Said::AdministratorUnmade)))
        }
        Ok(said) => Ok(go(app, &place(user), Some(said))),
        Err(error) => page::again(app, visitor, (user, who.user.id), error).await,
    }
}
