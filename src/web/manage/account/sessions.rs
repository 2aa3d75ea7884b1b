//! `/manage/account/sessions/`: the browsers that are logged in, and those that need no code.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::accounts::device::Device;
use crate::accounts::session::Session;
use crate::accounts::{log_in, set_up};
use crate::app::App;
use crate::db::{DeviceId, SessionId};
use crate::error::{Error, Result};
use crate::http::guard::Member;
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::time;
use crate::web::form::refuse;
use crate::web::page::{Frame, go};
use crate::web::said::Said;

const PLACE: &str = "/manage/account/sessions/";

#[derive(Template)]
#[template(path = "manage/sessions.html")]
struct SessionsPage {
    frame: Frame,
    here: &'static str,
    sessions: Vec<SessionRow>,
    devices: Vec<DeviceRow>,
}

struct SessionRow {
    id: i64,
    is_this: bool,
    agent: String,
    ip: String,
    begun: String,
    seen: String,
}

struct DeviceRow {
    id: i64,
    agent: String,
    ip: String,
    since: String,
    until: String,
}

/// Without an id: all other sessions.
#[derive(Deserialize)]
pub(super) struct Which {
    session_id: Option<i64>,
}

/// Without an id: all devices.
#[derive(Deserialize)]
pub(super) struct WhichDevice {
    device_id: Option<i64>,
}

/// Lists them.
pub(super) async fn show(app: Data<App>, visitor: Visitor, who: Member) -> Result<HttpResponse> {
    let (user, now) = (who.user.id, who.visit.at);
    let rows = app.db.read(move |c| Ok((Session::of(c, user, now)?, Device::of(c, user, now)?)));
    let (sessions, devices) = rows.await?;
    let page = SessionsPage {
        frame: Frame::of(&app, &visitor),
        here: "sessions",
        sessions: sessions.into_iter().map(|it| session_row(it, who.session.id)).collect(),
        devices: devices.into_iter().map(device_row).collect(),
    };
    refuse(&app, &visitor, None, &page)
}

fn session_row(session: Session, this: SessionId) -> SessionRow {
    SessionRow {
        id: session.id.get(),
        is_this: session.id == this,
        agent: agent(session.user_agent),
        ip: session.ip.unwrap_or_default(),
        begun: time::for_people(session.created_at),
        seen: time::for_people(session.last_seen_at),
    }
}

fn device_row(device: Device) -> DeviceRow {
    DeviceRow {
        id: device.id.get(),
        agent: agent(device.user_agent),
        ip: device.ip.unwrap_or_default(),
        since: time::for_people(device.created_at),
        until: time::for_people(device.expires_at),
    }
}

fn agent(agent: Option<String>) -> String {
    agent.unwrap_or_else(|| "a program that gave no name".to_owned())
}

/// Ends one session, or all but this one.
pub(super) async fn end(
    app: Data<App>,
    who: Member,
    Post(form): Post<Which>,
) -> Result<HttpResponse> {
    let id = form.session_id.map(SessionId::new);
    let person = (&who.session, &who.user);
    let ended = log_in::end_others(&app.db, &who.visit, person, id).await?;
    match id {
        Some(_) if ended == 0 => Err(Error::not_found("You have no such session.")),
        Some(_) => Ok(go(&app, PLACE, Some(Said::SessionEnded))),
        None => Ok(go(&app, PLACE, Some(Said::OthersEnded))),
    }
}

/// Forgets one device, or all.
pub(super) async fn forget(
    app: Data<App>,
    who: Member,
    Post(form): Post<WhichDevice>,
) -> Result<HttpResponse> {
    let id = form.device_id.map(DeviceId::new);
    let gone = set_up::forget_device(&app.db, &who.visit, &who.user, id).await?;
    if id.is_some() && gone == 0 {
        return Err(Error::not_found("You have no such device."));
    }
    Ok(go(&app, PLACE, Some(Said::DeviceForgotten)))
}
