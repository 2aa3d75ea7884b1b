//! `/account/verify-email/`: opening the mailed link verifies nothing, because programs that look
//! through mails open it, too; its owner presses the button.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use crate::accounts::addresses;
use crate::app::App;
use crate::domains::sweep::Rules;
use crate::domains::verify::verify;
use crate::error::Result;
use crate::http::guard::SignedIn;
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::secret::Ticket;
use crate::web::page::{Frame, go, send_form};
use crate::web::said::Said;

#[derive(Template)]
#[template(path = "register/verify.html")]
struct VerifyPage {
    frame: Frame,
    token: String,
    address: String,
    username: String,
}

/// The mailed link, and the form behind it.
#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    token: String,
}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    who: SignedIn,
    link: Query<Link>,
) -> Result<HttpResponse> {
    let ticket = Ticket::parse(&link.token).ok_or_else(addresses::over)?;
    let email = addresses::to_verify(&app.db, &who.visit, who.user.id, &ticket).await?;
    let page = VerifyPage {
        frame: Frame::of(&app, &visitor),
        token: ticket.reveal().to_owned(),
        address: email.address,
        username: who.user.username.clone(),
    };
    send_form(&app, &visitor, StatusCode::OK, &page)
}

pub(super) async fn submit(
    app: Data<App>,
    who: SignedIn,
    Post(form): Post<Link>,
) -> Result<HttpResponse> {
    let ticket = Ticket::parse(&form.token).ok_or_else(addresses::over)?;
    let (rules, asker) = (Rules::of(&app.config.domains), app.asker.as_ref());
    verify(&app.db, asker, &rules, &who.visit, who.user.id, &ticket).await?;
    Ok(go(&app, "/manage/account/", Some(Said::AddressVerified)))
}
