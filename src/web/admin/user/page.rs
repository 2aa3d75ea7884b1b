//! The page of one account.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::accounts::act;
use crate::accounts::email::Email;
use crate::accounts::event::Filter;
use crate::accounts::session::Session;
use crate::accounts::user::User;
use crate::app::App;
use crate::catalog::project::Project;
use crate::catalog::role::Role;
use crate::db::{Conn, UserId};
use crate::error::{Error, Result};
use crate::http::guard::Admin;
use crate::http::visitor::Visitor;
use crate::time::{self, Time};
use crate::web::admin::log::{self, Line as Act};
use crate::web::admin::named;
use crate::web::form::{is_for_the_form, problem, refuse};
use crate::web::manage::account::events::{self, Line};
use crate::web::manage::token::list::{self, Row as Token};
use crate::web::page::Frame;

/// Projects that are shown; whoever has more is looked for by project.
const PROJECTS: i64 = 200;
/// Events and acts that are shown; the whole lists are elsewhere.
const SHOWN: usize = 5;

#[derive(Template)]
#[template(path = "admin/user.html")]
struct UserPage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    user: User,
    is_self: bool,
    facts: Vec<(&'static str, String)>,
    found: Found,
}

/// What is read for a page.
struct Found {
    emails: Vec<Email>,
    has_verified_primary: bool,
    projects: Vec<(Project, String)>,
    sessions: Vec<Open>,
    tokens: Vec<Token>,
    events: Vec<Line>,
    acts: Vec<Act>,
}

struct Open {
    id: i64,
    agent: String,
    ip: String,
    begun: String,
    seen: String,
}

/// `GET /admin/user/{username}/`
pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    who: Admin,
    username: Path<String>,
) -> Result<HttpResponse> {
    let user = app.db.read(move |c| named(c, &username)).await?;
    page(&app, &visitor, (&user, who.user.id), None).await
}

/// The page again with what was wrong, or the error itself where it is none of a form.
pub(super) async fn again(
    app: &App,
    visitor: &Visitor,
    (user, by): (&User, UserId),
    error: Error,
) -> Result<HttpResponse> {
    if !is_for_the_form(&error) {
        return Err(error);
    }
    page(app, visitor, (user, by), Some(&error)).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    (user, by): (&User, UserId),
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let (id, now, name) = (user.id, visitor.visit.at, user.username.clone());
    let found = app.db.read(move |c| find(c, id, &name, now)).await?;
    let page = UserPage {
        frame: Frame::of(app, visitor),
        here: "users",
        problem: problem(error),
        facts: facts(user),
        is_self: user.id == by,
        user: user.clone(),
        found,
    };
    refuse(app, visitor, error, &page)
}

fn find(c: &mut Conn, id: UserId, name: &str, now: Time) -> Result<Found> {
    let emails = Email::of(c, id)?;
    let is_good = |email: &Email| email.is_primary && email.verified_at.is_some();
    let (mut events, _) = events::page(c, &Filter { user: Some(id), ..Filter::default() })?;
    events.truncate(SHOWN);
    let wanted = act::Filter { target: Some(name.to_owned()), ..act::Filter::default() };
    let acts = act::list(c, &wanted, i64::try_from(SHOWN).unwrap_or(i64::MAX))?;
    Ok(Found {
        has_verified_primary: emails.iter().any(is_good),
        emails,
        projects: Role::projects_of(c, id, (0, PROJECTS))?,
        sessions: Session::of(c, id, now)?.into_iter().map(open).collect(),
        tokens: list::rows(c, id, now)?,
        events,
        acts: acts.into_iter().map(log::line).collect(),
    })
}

fn open(session: Session) -> Open {
    Open {
        id: session.id.get(),
        agent: session.user_agent.unwrap_or_else(|| "An unknown browser".to_owned()),
        ip: session.ip.unwrap_or_default(),
        begun: time::for_people(session.created_at),
        seen: time::for_people(session.last_seen_at),
    }
}

fn facts(user: &User) -> Vec<(&'static str, String)> {
    let when = |at: Option<Time>, never: &str| at.map_or(never.to_owned(), time::for_people);
    let made = ("Made", time::for_people(user.created_at));
    if user.is_service {
        return vec![made];
    }
    let password = match &user.password_hash {
        Some(_) => when(user.password_changed_at, "set"),
        None => "none: waits for the owner to choose one".to_owned(),
    };
    vec![
        ("Person", user.full_name.clone()),
        made,
        ("Last login", when(user.last_login_at, "never")),
        ("Password set", password),
        ("Second factor since", when(user.totp_enabled_at, "none")),
    ]
}
