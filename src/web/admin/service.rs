//! `/admin/users/service` and `/admin/users/{username}/token/`: accounts for machines. They have
//! no password and no address; administrators make and revoke their tokens.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use super::{named, users};
use crate::accounts::act::Order;
use crate::accounts::service::Owner;
use crate::accounts::user::User;
use crate::accounts::{Username, api_token, service};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::guard::{Admin, AdminConfirmed, Person};
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::web::form::{is_for_the_form, problem, refuse};
use crate::web::manage::token::form::Form;
use crate::web::manage::token::list::{self, Choice, Row};
use crate::web::manage::token::made;
use crate::web::page::{Frame, go};
use crate::web::said::Said;

#[derive(Template)]
#[template(path = "admin/service.html")]
struct ServicePage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    username: String,
    owner: Owner,
    tokens: Vec<Row>,
    projects: Vec<Choice>,
    form: Form,
    /// Where the forms are sent to.
    place: String,
}

#[derive(Deserialize)]
pub(super) struct New {
    username: String,
}

fn place(user: &User) -> String {
    format!("/admin/users/{}/token/", user.username)
}

/// Makes a service account.
pub(super) async fn create(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    Post(form): Post<New>,
) -> Result<HttpResponse> {
    let made = async {
        let name = Username::parse(form.username.trim()).ok_or_else(|| {
            let words = "A user name has letters, digits, '.', '_' and '-', at most 50, and \
                         begins and ends with a letter or digit.";
            Error::invalid("This is no user name", words)
        })?;
        let order = Order::of(&who.user, &who.visit, "")?;
        service::create(&app.db, &order, &name).await?;
        Ok(name)
    };
    match made.await {
        Ok(name) => {
            let place = format!("/admin/users/{name}/token/");
            Ok(go(&app, &place, Some(Said::ServiceMade)))
        }
        Err(error) => users::again(&app, &visitor, error).await,
    }
}

/// The service account that a path names; tokens of people are their own affair.
async fn find(app: &App, username: String) -> Result<User> {
    let found = app.db.read(move |c| named(c, &username));
    let found = Some(found.await?).filter(|user| user.is_service);
    found.ok_or_else(|| Error::not_found("There is no service account of that name."))
}

/// Lists its tokens.
pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    who: Admin,
    username: Path<String>,
) -> Result<HttpResponse> {
    let user = find(&app, username.into_inner()).await?;
    page(&app, &visitor, &who, &user, Form::default(), None).await
}

/// Makes a token for it and shows it, this once.
pub(super) async fn make_token(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    username: Path<String>,
    Post(form): Post<Form>,
) -> Result<HttpResponse> {
    let user = find(&app, username.into_inner()).await?;
    let made = async {
        let grant = form.grant(&app.db, user.id, who.visit.at).await?;
        let token = api_token::create_by_order(
            &app.db,
            &Order::of(&who.user, &who.visit, "")?,
            user.id,
            &grant,
        )
        .await?;
        Ok((grant, token))
    };
    match made.await {
        Ok((grant, token)) => made::show(&app, &visitor, &grant, &token, &place(&user)),
        Err(error) if is_for_the_form(&error) => {
            page(&app, &visitor, &who, &user, form, Some(&error)).await
        }
        Err(error) => Err(error),
    }
}

async fn page(
    app: &App,
    visitor: &Visitor,
    who: &Person,
    user: &User,
    form: Form,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let (id, now, chosen) = (user.id, who.visit.at, form.clone());
    let rows = app.db.read(move |c| {
        Ok((service::owner(c, id)?, list::rows(c, id, now)?, list::choices(c, id, &chosen)?))
    });
    let (owner, tokens, projects) = rows.await?;
    let page = ServicePage {
        frame: Frame::of(app, visitor),
        here: "users",
        problem: problem(error),
        username: user.username.clone(),
        owner,
        tokens,
        projects,
        form,
        place: place(user),
    };
    refuse(app, visitor, error, &page)
}
