//! Quarantine, exceptions to the cooldown, and the end of both.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;

use super::{PLACE, page};
use crate::accounts::act::Order;
use crate::app::App;
use crate::db::MirrorRuleId;
use crate::error::{Error, Result};
use crate::http::guard::AdminConfirmed;
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::mirror::administer::{self, Target};
use crate::time;
use crate::web::form::is_for_the_form;
use crate::web::page::go;
use crate::web::said::Said;

#[derive(Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    project: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    file: String,
    #[serde(default)]
    digest: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
pub(super) struct Which {
    rule_id: i64,
    #[serde(default)]
    reason: String,
}

impl Form {
    fn target(&self) -> Result<Target> {
        Target::parse(&self.project, &self.version, &self.file, &self.digest)
    }
}

/// Serves nothing of something any more.
pub(super) async fn quarantine(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    Post(form): Post<Form>,
) -> Result<HttpResponse> {
    let done = async {
        let (order, target) =
            (Order::explained(&who.user, &who.visit, &form.reason)?, form.target()?);
        app.db.write(move |c| administer::quarantine(c, &order, &target)).await?;
        Ok(Said::MirrorQuarantined)
    };
    answer(&app, &visitor, done.await).await
}

/// Serves something before it is of age.
pub(super) async fn allow(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    Post(form): Post<Form>,
) -> Result<HttpResponse> {
    let done = async {
        let (order, target) =
            (Order::explained(&who.user, &who.visit, &form.reason)?, form.target()?);
        let bad = || {
            let words = "Say the last day of the exception, such as 2026-12-31.";
            Error::invalid("This is no day", words)
        };
        let until = time::end_of_day(&form.until).ok_or_else(bad)?;
        app.db.write(move |c| administer::allow(c, &order, &target, until)).await?;
        Ok(Said::MirrorAllowed)
    };
    answer(&app, &visitor, done.await).await
}

/// Takes a rule back.
pub(super) async fn release(
    app: Data<App>,
    visitor: Visitor,
    who: AdminConfirmed,
    Post(form): Post<Which>,
) -> Result<HttpResponse> {
    let done = async {
        let order = Order::explained(&who.user, &who.visit, &form.reason)?;
        let id = MirrorRuleId::new(form.rule_id);
        app.db.write(move |c| administer::lift(c, &order, id)).await?;
        Ok(Said::MirrorLifted)
    };
    answer(&app, &visitor, done.await).await
}

async fn answer(app: &App, visitor: &Visitor, done: Result<Said>) -> Result<HttpResponse> {
    match done {
        Ok(said) => {
            // Here at once; elsewhere within a second.
            app.pages.rules_changed();
            app.pages.names_changed();
            Ok(go(app, PLACE, Some(said)))
        }
        Err(error) if is_for_the_form(&error) => page::again(app, visitor, Some(&error)).await,
        Err(error) => Err(error),
    }
}
