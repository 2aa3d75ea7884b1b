//! `/admin/names/`: names that no new project may have, and reserved prefixes.
//!
//! | path | fields of the form |
//! | --- | --- |
//! | `/admin/names/` | |
//! | `/admin/names/prohibit` | `name`, `reason`, which uploaders see |
//! | `/admin/names/permit` | `name`, `reason` |
//! | `/admin/names/reserve` | `prefix`, `holders`: user names between blanks or commas, `reason` |
//! | `/admin/names/free` | `prefix`, `reason` |

use actix_web::HttpResponse;
use actix_web::web::{Data, ServiceConfig, get, post, resource};
use askama::Template;
use serde::Deserialize;

use crate::accounts::act::Order;
use crate::app::App;
use crate::catalog::prefix::{self, Reserved};
use crate::catalog::{administer, prohibited};
use crate::error::{Error, Result};
use crate::http::guard::{Admin, AdminConfirmed};
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::packaging::NormalizedName;
use crate::web::form::{is_for_the_form, problem, refuse};
use crate::web::page::{Frame, go};
use crate::web::said::Said;

const PLACE: &str = "/admin/names/";

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/admin/names/").route(get().to(show)))
        .service(resource("/admin/names/prohibit").route(post().to(prohibit)))
        .service(resource("/admin/names/permit").route(post().to(permit)))
        .service(resource("/admin/names/reserve").route(post().to(reserve)))
        .service(resource("/admin/names/free").route(post().to(free)));
}

#[derive(Template)]
#[template(path = "admin/names.html")]
struct NamesPage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    prohibited: Vec<(NormalizedName, String)>,
    reserved: Vec<Reserved>,
}

#[derive(Deserialize)]
struct Name {
    name: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct Reservation {
    prefix: String,
    #[serde(default)]
    holders: String,
    #[serde(default)]
    reason: String,
}

async fn show(app: Data<App>, visitor: Visitor, _who: Admin) -> Result<HttpResponse> {
    page(&app, &visitor, None).await
}

async fn prohibit(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    Post(form): Post<Name>,
) -> Result<HttpResponse> {
    let done = async {
        let (order, name) =
            (Order::explained(&who.user, &who.visit, &form.reason)?, parse(&form.name)?);
        app.db.write(move |c| administer::prohibit(c, &order, &name)).await?;
        Ok(Said::NameProhibited)
    };
    answer(&app, &visitor, done.await).await
}

async fn permit(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    Post(form): Post<Name>,
) -> Result<HttpResponse> {
    let done = async {
        let (order, name) = (Order::of(&who.user, &who.visit, &form.reason)?, parse(&form.name)?);
        app.db.write(move |c| administer::permit(c, &order, &name)).await?;
        Ok(Said::NamePermitted)
    };
    answer(&app, &visitor, done.await).await
}

async fn reserve(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    Post(form): Post<Reservation>,
) -> Result<HttpResponse> {
    let done = async {
        let order = Order::of(&who.user, &who.visit, &form.reason)?;
        let name = parse(form.prefix.trim_end_matches(['-', '_', '.', '*', ' ']))?;
        let holders = form.holders.split([',', ' ']).filter(|name| !name.is_empty());
        let holders: Vec<String> = holders.map(str::to_owned).collect();
        app.db.write(move |c| administer::reserve(c, &order, &name, &holders)).await?;
        Ok(Said::PrefixReserved)
    };
    answer(&app, &visitor, done.await).await
}

async fn free(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    Post(form): Post<Reservation>,
) -> Result<HttpResponse> {
    let done = async {
        let (order, name) = (Order::of(&who.user, &who.visit, &form.reason)?, parse(&form.prefix)?);
        app.db.write(move |c| administer::free(c, &order, &name)).await?;
        Ok(Said::PrefixFreed)
    };
    answer(&app, &visitor, done.await).await
}

fn parse(text: &str) -> Result<NormalizedName> {
    let bad = || {
        let words = "A name has letters, digits, '.', '_' and '-', and begins and ends with a \
                     letter or digit.";
        Error::invalid("This is no name", words)
    };
    NormalizedName::parse(text.trim()).ok_or_else(bad)
}

async fn answer(app: &App, visitor: &Visitor, done: Result<Said>) -> Result<HttpResponse> {
    match done {
        Ok(said) => Ok(go(app, PLACE, Some(said))),
        Err(error) if is_for_the_form(&error) => page(app, visitor, Some(&error)).await,
        Err(error) => Err(error),
    }
}

async fn page(app: &App, visitor: &Visitor, error: Option<&Error>) -> Result<HttpResponse> {
    let found = app.db.read(|c| Ok((prohibited::all(c)?, prefix::all(c)?)));
    let (prohibited, reserved) = found.await?;
    let page = NamesPage {
        frame: Frame::of(app, visitor),
        here: "names",
        problem: problem(error),
        prohibited,
        reserved,
    };
    refuse(app, visitor, error, &page)
}
