//! `/admin/mail/`: mails that wait, were given up or sent.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use crate::accounts::act::{Act, Order};
use crate::app::App;
use crate::db::MailId;
use crate::error::{Error, Result};
use crate::http::guard::{Admin, AdminConfirmed};
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::mail::outbox::Mail;
use crate::time;
use crate::web::form::refuse;
use crate::web::page::{Frame, go};
use crate::web::said::Said;

const PLACE: &str = "/admin/mail/";
/// Mails on the page.
const LISTED: i64 = 200;

#[derive(Template)]
#[template(path = "admin/mail.html")]
struct MailPage {
    frame: Frame,
    here: &'static str,
    mails: Vec<Row>,
    with_sent: bool,
    has_waiting: bool,
}

struct Row {
    id: i64,
    to: String,
    subject: String,
    queued: String,
    attempts: i64,
    state: &'static str,
    when: String,
    error: String,
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    sent: Option<String>,
}

/// Without an id: all that were not sent.
#[derive(Deserialize)]
pub(super) struct Which {
    mail_id: Option<i64>,
}

/// Lists them.
pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    _who: Admin,
    wanted: Query<Wanted>,
) -> Result<HttpResponse> {
    let with_sent = wanted.sent.is_some();
    let mails = app.db.read(move |c| Ok(Mail::list(c, with_sent, LISTED)?)).await?;
    let page = MailPage {
        frame: Frame::of(&app, &visitor),
        here: "mail",
        with_sent,
        has_waiting: mails.iter().any(|mail| mail.sent_at.is_none()),
        mails: mails.into_iter().map(row).collect(),
    };
    refuse(&app, &visitor, None, &page)
}

/// Makes mails due.
pub(super) async fn retry(
    app: Data<App>,
    who: AdminConfirmed,
    Post(form): Post<Which>,
) -> Result<HttpResponse> {
    let order = Order::of(&who.user, &who.visit, "")?;
    let ids: Vec<MailId> = form.mail_id.map(MailId::new).into_iter().collect();
    let one = form.mail_id;
    let retried = app.db.write(move |c| {
        let count = Mail::retry(c, &ids, order.visit.at)?;
        if count > 0 {
            let target = one.map_or_else(|| "all".to_owned(), |id| id.to_string());
            order.log(c, Act::MailRetried, &target, &json!({ "mails": count }))?;
        }
        Ok(count)
    });
    match (retried.await?, one) {
        (0, Some(_)) => Err(Error::not_found("There is no such mail, or it is sent.")),
        (0, None) => Ok(go(&app, PLACE, Some(Said::NothingChanged))),
        _ => {
            app.mailer.wake();
            Ok(go(&app, PLACE, Some(Said::MailsRetried)))
        }
    }
}

fn row(mail: Mail) -> Row {
    let (state, when) = match (mail.sent_at, mail.failed_at, mail.next_at) {
        (Some(at), ..) => ("sent", Some(at)),
        (None, Some(at), _) => ("given up", Some(at)),
        (None, None, at) => ("waits", at),
    };
    Row {
        id: mail.id.get(),
        to: mail.recipient,
        subject: mail.subject,
        queued: time::for_people(mail.queued_at),
        attempts: mail.attempts,
        state,
        when: when.map(time::for_people).unwrap_or_default(),
        error: mail.last_error.unwrap_or_default(),
    }
}
