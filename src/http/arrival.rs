//! The body of a form, which whoever asks first reads for all.
//!
//! Who is logged in, and what time it is, is looked up when the form is complete and not when its
//! first line came: otherwise a client that sends a form slowly would be judged by limits, codes
//! and sessions of a minute ago.

use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use tokio::sync::Mutex;

use super::body::{Body, in_time};
use super::visitor::Visitor;
use crate::error::{Error, Kind, Result};

/// Bytes of a form: a password may have 4,096 characters, everything else is shorter.
const MOST_BYTES: usize = 64 * 1024;

/// The form of one request. Clones are the same one.
#[derive(Clone)]
pub(super) struct Arrival(Rc<Mutex<State>>);

enum State {
    /// Not read yet.
    Coming(Body),
    /// Read, or refused.
    Here(Result<Vec<u8>>),
    /// Read and handed over.
    Taken,
}

impl Arrival {
    /// That of this request; extractors of one request share it. None where nothing is sent.
    pub(super) fn of(request: &HttpRequest, payload: &mut Payload) -> Option<Self> {
        if *request.method() != Method::POST {
            return None;
        }
        if let Some(known) = request.extensions().get::<Self>() {
            return Some(known.clone());
        }
        let body = web::Payload::from_request(request, payload).into_inner().ok()?;
        let arrival = Self(Rc::new(Mutex::new(State::Coming(Body::new(body)))));
        request.extensions_mut().insert(arrival.clone());
        Some(arrival)
    }

    /// Waits until it is complete, or refused: [`Arrival::take`] says which. What was found out
    /// about the visitor before is forgotten then.
    pub(super) async fn complete(&self, request: &HttpRequest) {
        let mut state = self.0.lock().await;
        if let State::Coming(body) = &*state {
            *state = State::Here(read(body.clone()).await);
            request.extensions_mut().remove::<Visitor>();
        }
    }

    /// Its bytes, once.
    pub(super) async fn take(&self, request: &HttpRequest) -> Result<Vec<u8>> {
        self.complete(request).await;
        match std::mem::replace(&mut *self.0.lock().await, State::Taken) {
            State::Here(read) => read,
            State::Coming(_) | State::Taken => Err(malformed()),
        }
    }
}

async fn read(mut body: Body) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(piece) = in_time(body.next()).await? {
        bytes.extend_from_slice(&piece.map_err(|_| malformed())?);
        if bytes.len() > MOST_BYTES {
            let words = "The form is too large.";
            return Err(Error::new(Kind::TooLarge, "The form is too large", words));
        }
    }
    Ok(bytes)
}

/// The answer to a form that cannot be read.
pub(super) fn malformed() -> Error {
    Error::invalid("The form is malformed", "The form was cut off or is malformed.")
}
