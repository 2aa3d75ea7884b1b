//! `/account/register/`

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use super::DIFFERENT;
use crate::accounts::register::{self, Field, Outcome};
use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::secret::Ticket;
use crate::web::form::{problem, refuse};
use crate::web::page::{Frame, go, send_form};
use crate::web::said::Said;

/// The short reason where fields are wrong; the page says at each what is.
const WRONG: &str = "The form is not filled in right";

/// The link of an invitation.
#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    invitation: String,
}

#[derive(Deserialize)]
pub(super) struct Form {
    username: String,
    #[serde(default)]
    full_name: String,
    email: String,
    new_password: String,
    password_confirm: String,
    #[serde(default)]
    invitation: String,
}

/// What is wrong with each field.
#[derive(Default)]
struct Wrong {
    username: Option<String>,
    full_name: Option<String>,
    email: Option<String>,
    new_password: Option<String>,
    password_confirm: Option<String>,
}

impl From<Vec<(Field, String)>> for Wrong {
    fn from(all: Vec<(Field, String)>) -> Self {
        let mut wrong = Self::default();
        for (field, words) in all {
            let place = match field {
                Field::Username => &mut wrong.username,
                Field::FullName => &mut wrong.full_name,
                Field::Email => &mut wrong.email,
                Field::Password => &mut wrong.new_password,
            };
            *place = Some(words);
        }
        wrong
    }
}

#[derive(Template)]
#[template(path = "register/account.html")]
struct RegisterPage {
    frame: Frame,
    invitation: String,
    username: String,
    full_name: String,
    email: String,
    problem: Option<String>,
    wrong: Wrong,
}

impl RegisterPage {
    /// The form as it was filled in; passwords are typed again.
    fn of(app: &App, visitor: &Visitor, form: Form) -> Self {
        Self {
            frame: Frame::of(app, visitor),
            invitation: form.invitation,
            username: form.username,
            full_name: form.full_name,
            email: form.email,
            problem: None,
            wrong: Wrong::default(),
        }
    }
}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    link: Query<Link>,
) -> Result<HttpResponse> {
    let (policy, ticket) = (app.config.accounts.registration, Ticket::parse(&link.invitation));
    register::permit(&app.db, policy, &visitor.visit, ticket.as_ref()).await?;
    let page = RegisterPage {
        frame: Frame::of(&app, &visitor),
        invitation: link.into_inner().invitation,
        username: String::new(),
        full_name: String::new(),
        email: String::new(),
        problem: None,
        wrong: Wrong::default(),
    };
    send_form(&app, &visitor, StatusCode::OK, &page)
}

pub(super) async fn submit(
    app: Data<App>,
    visitor: Visitor,
    Post(form): Post<Form>,
) -> Result<HttpResponse> {
    match make(&app, &visitor, &form).await {
        Ok(Outcome::Made { .. }) => {
            app.mailer.wake();
            Ok(go(&app, "/account/login/", Some(Said::Registered)))
        }
        Ok(Outcome::Wrong(wrong)) => {
            let mut page = RegisterPage::of(&app, &visitor, form);
            page.wrong = wrong.into();
            refuse(&app, &visitor, Some(&Error::invalid(WRONG, WRONG)), &page)
        }
        Err(error) if error.reason() == DIFFERENT => {
            let mut page = RegisterPage::of(&app, &visitor, form);
            page.wrong.password_confirm = Some(DIFFERENT.to_owned());
            refuse(&app, &visitor, Some(&error), &page)
        }
        Err(error) if error.kind() == Kind::TooMany => {
            let mut page = RegisterPage::of(&app, &visitor, form);
            page.problem = problem(Some(&error));
            refuse(&app, &visitor, Some(&error), &page)
        }
        Err(error) => Err(error),
    }
}

async fn make(app: &App, visitor: &Visitor, form: &Form) -> Result<Outcome> {
    if form.new_password != form.password_confirm {
        return Err(Error::invalid(DIFFERENT, DIFFERENT));
    }
    let filled = register::Form {
        username: &form.username,
        full_name: &form.full_name,
        email: &form.email,
        password: &form.new_password,
    };
    let (policy, ticket) = (app.config.accounts.registration, Ticket::parse(&form.invitation));
    let (head, visit) = (app.letterhead(), &visitor.visit);
    register::register(&app.db, &head, policy, visit, filled, ticket.as_ref()).await
}
