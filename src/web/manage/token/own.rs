//! `/manage/account/token/`: the own tokens.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use super::form::Form;
use super::list::{self, Choice, Row};
use super::made;
use crate::accounts::api_token;
use crate::app::App;
use crate::db::TokenId;
use crate::error::{Error, Result};
use crate::http::guard::{Member, MemberConfirmed, Person};
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::web::form::{is_for_the_form, problem, refuse};
use crate::web::page::{Frame, go};
use crate::web::said::Said;

const PLACE: &str = "/manage/account/token/";

#[derive(Template)]
#[template(path = "manage/token/own.html")]
struct TokensPage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    tokens: Vec<Row>,
    projects: Vec<Choice>,
    form: Form,
    is_confirmed: bool,
    /// Where the forms are sent to.
    place: &'static str,
}

#[derive(Deserialize)]
pub(in crate::web) struct Which {
    token_id: i64,
}

/// The project that the form begins with.
#[derive(Deserialize)]
pub(in crate::web) struct Chosen {
    project: Option<String>,
}

/// Lists them, with the form that makes another one.
pub(in crate::web::manage) async fn show(
    app: Data<App>,
    visitor: Visitor,
    who: Member,
    chosen: Query<Chosen>,
) -> Result<HttpResponse> {
    let form = chosen.project.as_deref().map_or_else(Form::default, Form::choosing);
    page(&app, &visitor, &who, form, None).await
}

/// Makes one and shows it, this once.
pub(in crate::web::manage) async fn create(
    app: Data<App>,
    visitor: Visitor,
    who: MemberConfirmed,
    Post(form): Post<Form>,
) -> Result<HttpResponse> {
    let user = who.user.id;
    let made = async {
        let grant = form.grant(&app.db, user, who.visit.at).await?;
        let token = api_token::create(&app.db, &who.visit, user, &grant).await?;
        Ok((grant, token))
    };
    match made.await {
        Ok((grant, token)) => made::show(&app, &visitor, &grant, &token, PLACE),
        Err(error) if is_for_the_form(&error) => {
            page(&app, &visitor, &who, form, Some(&error)).await
        }
        Err(error) => Err(error),
    }
}

/// Revokes one.
pub(in crate::web::manage) async fn revoke(
    app: Data<App>,
    who: MemberConfirmed,
    Post(form): Post<Which>,
) -> Result<HttpResponse> {
    let id = TokenId::new(form.token_id);
    api_token::revoke(&app.db, &who.visit, who.user.id, id).await?;
    Ok(go(&app, PLACE, Some(Said::TokenRevoked)))
}

async fn page(
    app: &App,
    visitor: &Visitor,
    who: &Person,
    form: Form,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let (user, now, chosen) = (who.user.id, who.visit.at, form.clone());
    let rows =
        app.db.read(move |c| Ok((list::rows(c, user, now)?, list::choices(c, user, &chosen)?)));
    let (tokens, projects) = rows.await?;
    let page = TokensPage {
        frame: Frame::of(app, visitor),
        here: "tokens",
        problem: problem(error),
        tokens,
        projects,
        form,
        is_confirmed: who.session.is_confirmed(who.visit.at),
        place: PLACE,
    };
    refuse(app, visitor, error, &page)
}
