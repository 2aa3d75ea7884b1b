//! `/admin/site/`: the read-only switch and the banner.
//!
//! | path | fields of the form |
//! | --- | --- |
//! | `/admin/site/` | |
//! | `/admin/site/read-only` | `on` (`yes` or `no`), `words`, `reason` |
//! | `/admin/site/banner` | `words`; empty takes it down |

use actix_web::HttpResponse;
use actix_web::web::{Data, ServiceConfig, get, post, resource};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use crate::accounts::act::{Act, Order};
use crate::app::App;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::guard::{Admin, AdminConfirmed};
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::site::{Name, flag};
use crate::web::form::{is_for_the_form, problem, refuse};
use crate::web::page::{Frame, go};
use crate::web::said::Said;

const PLACE: &str = "/admin/site/";
/// Longest text of banner and switch, in characters: it stands on every page.
const LONGEST: usize = 300;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/admin/site/").route(get().to(show)))
        .service(resource("/admin/site/read-only").route(post().to(switch)))
        .service(resource("/admin/site/banner").route(post().to(banner)));
}

#[derive(Template)]
#[template(path = "admin/site.html")]
struct SitePage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    is_read_only: bool,
    by_configuration: bool,
    banner: String,
}

#[derive(Deserialize)]
struct Switch {
    on: String,
    #[serde(default)]
    words: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct Banner {
    #[serde(default)]
    words: String,
}

async fn show(app: Data<App>, visitor: Visitor, _who: Admin) -> Result<HttpResponse> {
    page(&app, &visitor, None)
}

/// Switches to read-only, or back.
async fn switch(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    Post(form): Post<Switch>,
) -> Result<HttpResponse> {
    let done = async {
        let words = one_line(&form.words)?;
        let (order, words, act, said) = match form.on.as_str() {
            "yes" => {
                let order = Order::explained(&who.user, &who.visit, &form.reason)?;
                (order, Some(words), Act::ReadOnlyOn, Said::ReadOnlyOn)
            }
            "no" => {
                let order = Order::of(&who.user, &who.visit, &form.reason)?;
                (order, None, Act::ReadOnlyOff, Said::ReadOnlyOff)
            }
            _ => return Err(Error::invalid("The form is not valid", "Say yes or no.")),
        };
        set(&app, order, Name::ReadOnly, words, act).await?;
        Ok(said)
    };
    answer(&app, &visitor, done.await)
}

/// Sets the banner, or takes it down.
async fn banner(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    Post(form): Post<Banner>,
) -> Result<HttpResponse> {
    let done = async {
        let words = Some(one_line(&form.words)?).filter(|words| !words.is_empty());
        let said = if words.is_some() { Said::BannerSet } else { Said::BannerTaken };
        let order = Order::of(&who.user, &who.visit, "")?;
        set(&app, order, Name::Banner, words, Act::BannerSet).await?;
        Ok(said)
    };
    answer(&app, &visitor, done.await)
}

async fn set(app: &App, order: Order, name: Name, words: Option<String>, act: Act) -> Result<()> {
    let work = move |c: &mut Conn| {
        flag::set(c, name, words.as_deref(), order.visit.at)?;
        order.log(c, act, "site", &json!({ "words": words.clone().unwrap_or_default() }))?;
        Ok(())
    };
    app.db.write(work).await?;
    // Here at once; elsewhere within a second.
    app.site.refresh(&app.db).await
}

fn one_line(text: &str) -> Result<String> {
    let text = text.trim();
    if text.chars().count() > LONGEST || text.contains(char::is_control) {
        let words = format!("The text is one line of at most {LONGEST} characters.");
        return Err(Error::invalid("The text is not acceptable", words));
    }
    Ok(text.to_owned())
}

fn answer(app: &App, visitor: &Visitor, done: Result<Said>) -> Result<HttpResponse> {
    match done {
        Ok(said) => Ok(go(app, PLACE, Some(said))),
        Err(error) if is_for_the_form(&error) => page(app, visitor, Some(&error)),
        Err(error) => Err(error),
    }
}

fn page(app: &App, visitor: &Visitor, error: Option<&Error>) -> Result<HttpResponse> {
    let flags = app.site.flags();
    let page = SitePage {
        frame: Frame::of(app, visitor),
        here: "site",
        problem: problem(error),
        is_read_only: flags.read_only.is_some(),
        by_configuration: !app.db.is_writable(),
        banner: flags.banner.clone().unwrap_or_default(),
    };
    refuse(app, visitor, error, &page)
}
