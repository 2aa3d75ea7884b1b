//! `POST /manage/account/password`: a new password, by somebody who knows the one there is.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;

use super::{HOME, overview};
use crate::accounts::change_password;
use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::http::guard::{Member, Person};
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::web::form::shown;
use crate::web::page::go;
use crate::web::said::Said;

#[derive(Deserialize)]
pub(super) struct Form {
    /// The one there is: asked for here, however short ago it was typed in.
    password: String,
    new_password: String,
    password_confirm: String,
}

pub(super) async fn change(
    app: Data<App>,
    visitor: Visitor,
    who: Member,
    Post(form): Post<Form>,
) -> Result<HttpResponse> {
    match replace(&app, &who, &form).await {
        Ok(()) => Ok(go(&app, HOME, Some(Said::PasswordChanged))),
        Err(error) => overview::page(&app, &visitor, &who, Some(&shown(error)?)).await,
    }
}

async fn replace(app: &App, who: &Person, form: &Form) -> Result<()> {
    if form.new_password != form.password_confirm {
        let words = "The two new passwords differ; type the same one twice.";
        return Err(Error::invalid("The passwords differ", words));
    }
    let passwords = (form.password.as_str(), form.new_password.as_str());
    let person = (who.session.id, &who.user);
    let changed = change_password::change(&app.db, &who.visit, person, passwords).await;
    changed.map_err(|error| match error.kind() {
        // Whose account it is, is known here: only the password can be wrong.
        Kind::Forbidden => {
            Error::invalid("The password is wrong", "Your current password is not right.")
        }
        _ => error,
    })
}
