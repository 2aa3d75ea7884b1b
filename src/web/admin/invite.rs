//! `/admin/users/invite/`: links that let somebody make an account.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::accounts::act::Order;
use crate::accounts::invitation::{self, Invitation};
use crate::address::EmailAddress;
use crate::app::App;
use crate::config::Registration;
use crate::db::InvitationId;
use crate::error::{Error, Result};
use crate::http::guard::{Admin, AdminConfirmed, Person};
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::time::{self, Time};
use crate::web::form::{is_for_the_form, problem, show_once};
use crate::web::page::{Frame, go};
use crate::web::said::Said;

const PLACE: &str = "/admin/users/invite/";

#[derive(Template)]
#[template(path = "admin/invite.html")]
struct InvitePage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    /// The link that was made just now.
    link: Option<String>,
    open: Vec<Row>,
    is_closed: bool,
}

struct Row {
    id: i64,
    note: String,
    made: String,
    ends: String,
}

#[derive(Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    note: String,
    /// Where the link is mailed to, if anywhere.
    #[serde(default)]
    email: String,
}

#[derive(Deserialize)]
pub(super) struct Which {
    invitation_id: i64,
}

/// Lists those that are open.
pub(super) async fn show(app: Data<App>, visitor: Visitor, who: Admin) -> Result<HttpResponse> {
    page(&app, &visitor, who.visit.at, None, None).await
}

/// Makes one and shows its link, this once.
pub(super) async fn make(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    Post(form): Post<Form>,
) -> Result<HttpResponse> {
    match invite(&app, &who, &form).await {
        Ok(link) => page(&app, &visitor, who.visit.at, Some(link), None).await,
        Err(error) if is_for_the_form(&error) => {
            page(&app, &visitor, who.visit.at, None, Some(&error)).await
        }
        Err(error) => Err(error),
    }
}

/// Makes a link, and mails it where an address is named.
async fn invite(app: &App, who: &Person, form: &Form) -> Result<String> {
    let to = form.email.trim();
    let address = EmailAddress::parse(to);
    if address.is_none() && !to.is_empty() {
        return Err(Error::invalid("This is no mail address", "This is not a mail address."));
    }
    let mail = address.map(|address| (app.letterhead(), address));
    let order = Order::of(&who.user, &who.visit, "")?;
    let ticket = invitation::invite(&app.db, &order, form.note.trim(), mail).await?;
    Ok(format!("{}/account/register/?invitation={}", app.public_url, ticket.reveal()))
}

/// Takes one back.
pub(super) async fn revoke(
    app: Data<App>,
    who: AdminConfirmed,
    Post(form): Post<Which>,
) -> Result<HttpResponse> {
    let id = InvitationId::new(form.invitation_id);
    let order = Order::of(&who.user, &who.visit, "")?;
    if invitation::revoke(&app.db, &order, id).await? {
        return Ok(go(&app, PLACE, Some(Said::InvitationRevoked)));
    }
    Err(Error::not_found("There is no such invitation, or it was used."))
}

async fn page(
    app: &App,
    visitor: &Visitor,
    now: Time,
    link: Option<String>,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let open = app.db.read(move |c| Ok(invitation::open(c, now)?)).await?;
    let page = InvitePage {
        frame: Frame::of(app, visitor),
        here: "invite",
        problem: problem(error),
        link,
        open: open.into_iter().map(row).collect(),
        is_closed: app.config.accounts.registration == Registration::Closed,
    };
    show_once(app, visitor, error, &page)
}

fn row(invitation: Invitation) -> Row {
    Row {
        id: invitation.id.get(),
        made: time::for_people(invitation.created_at),
        ends: time::for_people(invitation.expires_at),
        note: if invitation.note.is_empty() { "no note".to_owned() } else { invitation.note },
    }
}
