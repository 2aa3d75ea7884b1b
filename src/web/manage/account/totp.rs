//! `/manage/account/totp-provision` and `…/totp-disable`: the authenticator app.
//!
//! The secret that is offered is kept, encrypted, with the session: the page shows the same one
//! until a code of it has come back, also when it is loaded again in between.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use super::recovery::{BURN, GENERATE};
use super::{HOME, two_factor, unverified};
use crate::accounts::recovery;
use crate::accounts::second_factor::Factor;
use crate::accounts::session::Session;
use crate::accounts::set_up::{self, Offer};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::guard::{Person, VerifiedConfirmed};
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::web::form::{is_for_the_form, problem, show_once, shown};
use crate::web::page::{Frame, go};
use crate::web::said::Said;

/// Where the session keeps the offer.
const OFFER: &str = "totp";

#[derive(Template)]
#[template(path = "manage/totp.html")]
struct TotpPage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    offer: Offer,
    /// The secret in groups of four, as one types it.
    groups: Vec<String>,
    username: String,
    replaces: bool,
}

#[derive(Deserialize)]
pub(super) struct Form {
    totp_value: String,
}

/// Offers a secret, once everything that comes before is done; leads to what is not.
pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    who: VerifiedConfirmed,
) -> Result<HttpResponse> {
    match missing(&app, &who).await? {
        Some(place) => Ok(go(&app, place, None)),
        None => page(&app, &visitor, &who, None).await,
    }
}

async fn missing(app: &App, who: &Person) -> Result<Option<&'static str>> {
    let user = who.user.clone();
    let standing = app.db.read(move |c| two_factor::standing(c, &user)).await?;
    Ok(match standing {
        it if !it.has_address => Some(unverified::PLACE),
        it if !it.has_codes => Some(GENERATE),
        it if !it.is_confirmed => Some(BURN),
        _ => None,
    })
}

/// Puts the offered secret in force, by a code of it.
pub(super) async fn enable(
    app: Data<App>,
    visitor: Visitor,
    who: VerifiedConfirmed,
    Post(form): Post<Form>,
) -> Result<HttpResponse> {
    if let Some(place) = missing(&app, &who).await? {
        return Ok(go(&app, place, None));
    }
    let Some(sealed) = kept(&who.session) else {
        let words = "Scan the code below first: this page had offered none to this session.";
        let error = Error::invalid("Nothing was offered", words);
        return page(&app, &visitor, &who, Some(&error)).await;
    };
    let proof = (sealed.as_str(), form.totp_value.as_str());
    match set_up::enable(&app.db, &app.key, &who.visit, who.user.id, proof).await {
        Ok(()) => {
            keep(&app, &who.session, None).await?;
            Ok(go(&app, HOME, Some(Said::FactorOn)))
        }
        Err(error) if is_for_the_form(&error) => page(&app, &visitor, &who, Some(&error)).await,
        Err(error) => Err(error),
    }
}

/// Turns the second factor off, by a code of the app or a recovery code.
pub(super) async fn disable(
    app: Data<App>,
    visitor: Visitor,
    who: VerifiedConfirmed,
    Post(form): Post<Form>,
) -> Result<HttpResponse> {
    let code = form.totp_value;
    let is_recovery_code = recovery::normal(&code).is_some();
    let factor = if is_recovery_code { Factor::Recovery(code) } else { Factor::Totp(code) };
    match set_up::disable(&app.db, &app.key, &who.visit, who.user.id, factor).await {
        Ok(()) => Ok(go(&app, two_factor::PLACE, Some(Said::FactorOff))),
        Err(error) => two_factor::page(&app, &visitor, &who, Some(&shown(error)?)).await,
    }
}

async fn page(
    app: &App,
    visitor: &Visitor,
    who: &Person,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let offer = offer(app, who).await?;
    let page = TotpPage {
        frame: Frame::of(app, visitor),
        here: "two-factor",
        problem: problem(error),
        groups: groups(&offer.text),
        offer,
        username: who.user.username.clone(),
        replaces: who.user.has_second_factor(),
    };
    show_once(app, visitor, error, &page)
}

/// What was offered to this session before, or a fresh secret.
async fn offer(app: &App, who: &Person) -> Result<Offer> {
    let issuer = app.config.site_name.as_str();
    let before = kept(&who.session);
    let again = before.map(|sealed| set_up::reoffer(&app.key, issuer, &who.user, &sealed));
    if let Some(Ok(offer)) = again {
        return Ok(offer);
    }
    let offer = set_up::offer(&app.key, issuer, &who.user)?;
    keep(app, &who.session, Some(&offer.sealed)).await?;
    Ok(offer)
}

fn kept(session: &Session) -> Option<String> {
    session.data().get(OFFER).and_then(Value::as_str).map(str::to_owned)
}

async fn keep(app: &App, session: &Session, sealed: Option<&str>) -> Result<()> {
    let mut data = session.data();
    match (data.as_object_mut(), sealed) {
        (Some(object), Some(sealed)) => {
            object.insert(OFFER.to_owned(), sealed.into());
        }
        (Some(object), None) => {
            object.remove(OFFER);
        }
        (None, sealed) => data = json!({ OFFER: sealed }),
    }
    let id = session.id;
    app.db.write(move |c| Ok(Session::set_data(c, id, &data)?)).await.map(|_| ())
}

/// People read and type groups of four without losing their place.
fn groups(secret: &str) -> Vec<String> {
    const GROUP: usize = 4;
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(GROUP).map(|group| group.iter().collect()).collect()
}
