//! `POST /manage/account/profile`: the name of the person.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;

use super::{HOME, overview};
use crate::accounts::profile;
use crate::app::App;
use crate::error::Result;
use crate::http::guard::Member;
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::web::form::shown;
use crate::web::page::go;
use crate::web::said::Said;

#[derive(Deserialize)]
pub(super) struct Form {
    full_name: String,
}

pub(super) async fn save(
    app: Data<App>,
    visitor: Visitor,
    who: Member,
    Post(form): Post<Form>,
) -> Result<HttpResponse> {
    match profile::set_full_name(&app.db, who.user.id, &form.full_name).await {
        Ok(()) => Ok(go(&app, HOME, Some(Said::ProfileSaved))),
        Err(error) => overview::page(&app, &visitor, &who, Some(&shown(error)?)).await,
    }
}
