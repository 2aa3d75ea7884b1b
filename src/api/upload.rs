//! `POST /legacy/`: uploads as twine and uv send them.

mod place;

use actix_web::http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use actix_web::web::{Data, Payload, ServiceConfig, post, resource};
use actix_web::{HttpRequest, HttpResponse, ResponseError};

use self::place::Place;
use super::multipart::{Received, receive};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::Uploader;
use crate::http::body::Body;
use crate::http::reply;
use crate::upload::{Intake, Outcome, Policy, figures};

pub(super) fn configure(config: &mut ServiceConfig) {
    // Both spellings, and never a redirect: twine takes none.
    for path in ["/legacy", "/legacy/"] {
        let resource = resource(path).route(post().to(accept));
        config.service(resource.default_service(actix_web::web::to(explain)));
    }
}

/// Takes an upload in. Whatever is refused, the body is read first, so that the client gets to
/// see the answer.
async fn accept(
    app: Data<App>,
    uploader: Result<Uploader>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let body = Body::new(payload);
    let outcome = match uploader {
        Ok(uploader) => take_in(&app, &uploader, &request, body.clone()).await,
        Err(error) => Err(error),
    };
    figures::note(&outcome);
    let is_drained = body.drain().await;
    let mut response = match outcome {
        Ok(_) => HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/plain")).finish(),
        Err(error) => reply::refused_upload(&error, &request),
    };
    if !is_drained {
        response.head_mut().set_connection_type(actix_web::http::ConnectionType::Close);
    }
    response
}

async fn take_in(
    app: &App,
    uploader: &Uploader,
    request: &HttpRequest,
    body: Body,
) -> Result<Outcome> {
    app.check_writable()?;
    let Uploader(caller) = uploader;
    let _place = Place::take(caller.user_id)?;
    let policy = Policy::of(&app.config);
    let (db, storage, mirror) = (app.db.clone(), app.storage.clone(), app.mirror.clone());
    let intake = Intake { db, storage, policy, mirror };
    let Received { form, content } = receive(request, body, &intake).await?;
    let claim = form.claim()?;
    let (filename, spooled) = content.ok_or_else(|| {
        Error::invalid("The upload has no file", "The form has no part named content.")
    })?;
    figures::note_bytes(spooled.size());
    let outcome = intake.accept(caller, &claim, &filename, spooled).await?;
    if let Outcome::Published(name) = &outcome {
        app.pages.changed(name);
        tracing::info!(
            project.name = name.as_str(),
            file.name = filename,
            user.name = caller.username,
            "a file was published"
        );
    }
    Ok(outcome)
}

/// What other methods get: 405, which tells uv that this is not the simple index.
async fn explain() -> HttpResponse {
    let words = "This is the upload endpoint: it takes POST requests from twine, uv and other \
                 publishing tools. To install, use the simple index at /simple/.";
    let mut reply = Error::wrong_method(words).error_response();
    reply.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    reply
}
