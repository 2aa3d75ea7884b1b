//! Forms that people send.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Query;
use actix_web::{Error as HttpError, FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use super::arrival::{Arrival, malformed};
use super::auth::app_of;
use super::origin;
use super::visitor::Visitor;
use crate::app::App;
use crate::error::{Error, Result};
use crate::secret::Purpose;

/// Fields of a form.
const MOST_FIELDS: usize = 200;
/// The field by which a form proves that it came from a page of ours.
const CSRF_FIELD: &str = "csrf_token";

/// A form of this site, sent by the browser that it was shown to. Everything else is refused
/// before a handler runs: forms of other sites, of other sessions, with doubled fields, with
/// bytes that are no text.
pub struct Post<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Post<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let arrival = Arrival::of(&request, payload);
        Box::pin(async move {
            let app = app_of(&request)?;
            origin::check(app, &request)?;
            let text = arrival.ok_or_else(malformed)?.take(&request).await?;
            let visitor = Visitor::of(&request).await?;
            let fields = fields(&text)?;
            check_secret(app, &fields, &visitor)?;
            // Only the fields that were checked, in their plain spelling.
            let plain =
                form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
            let parsed = Query::<T>::from_query(&plain).map_err(|error| incomplete(&error))?;
            Ok(Self(parsed.into_inner()))
        })
    }
}

/// A form of somebody whom a guard lets in. The guard is asked first: who may not send the form is
/// told that, and nothing about the form.
pub struct PostBy<G, T>(pub G, pub T);

impl<G, T> FromRequest for PostBy<G, T>
where
    G: FromRequest + 'static,
    T: DeserializeOwned + 'static,
{
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, HttpError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let guard = G::from_request(request, payload);
        let form = Post::<T>::from_request(request, payload);
        Box::pin(async move {
            let guard = guard.await.map_err(Into::into)?;
            let Post(form) = form.await?;
            Ok(Self(guard, form))
        })
    }
}

fn fields(text: &[u8]) -> Result<Vec<(String, String)>> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for (name, value) in form_urlencoded::parse(text) {
        // The decoder puts this character where bytes are no UTF-8.
        if name.contains('\u{fffd}') || value.contains('\u{fffd}') {
            return Err(Error::invalid("The form is not UTF-8", "The form is not text in UTF-8."));
        }
        if name.contains('\0') || value.contains('\0') {
            let words = "A field of the form contains a NUL character.";
            return Err(Error::invalid("A field contains NUL", words));
        }
        if fields.len() == MOST_FIELDS || fields.iter().any(|(known, _)| *known == name) {
            let words = format!("The form has the field {name:?} more than once.");
            return Err(Error::invalid("A field stands twice", words));
        }
        fields.push((name.into_owned(), value.into_owned()));
    }
    Ok(fields)
}

fn check_secret(app: &App, fields: &[(String, String)], visitor: &Visitor) -> Result<()> {
    let sent = fields.iter().find(|(name, _)| name == CSRF_FIELD).map_or("", |(_, value)| value);
    if app.key.is_signed(Purpose::Csrf, visitor.proof.as_bytes(), sent) {
        return Ok(());
    }
    Err(Error::forbidden(
        "This form is too old",
        "This form is too old, or was shown to another login, so nothing was done. Go back, load \
         the page anew, and try again; cookies must be allowed.",
    ))
}

fn incomplete(error: &actix_web::error::QueryPayloadError) -> Error {
    Error::invalid("The form is incomplete", format!("The form is incomplete: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_forms_are_refused_in_words() {
        for (text, expected) in [
            ("a=1&b=2", None),
            ("a=1&a=2", Some("The form has the field \"a\" more than once.")),
            ("a=%00", Some("A field of the form contains a NUL character.")),
            ("a=%ff", Some("The form is not text in UTF-8.")),
            ("%00=1", Some("A field of the form contains a NUL character.")),
        ] {
            let error = fields(text.as_bytes()).err();
            assert_eq!(error.as_ref().map(Error::detail), expected, "{text}");
        }
    }
}
