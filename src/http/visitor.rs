//! Who looks at a page: which browser, and who is logged in with it.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::cookie::Cookie;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::arrival::Arrival;
use super::auth::{CallerName, app_of};
use super::cookies::Jar;
use super::visit::visit_of;
use crate::accounts::session::Session;
use crate::accounts::user::User;
use crate::accounts::{Visit, log_in};
use crate::app::App;
use crate::error::Result;
use crate::secret::{Purpose, Ticket};

/// Who looks at a page. Cheap to clone.
#[derive(Clone)]
pub struct Visitor(Rc<Parts>);

/// What is known of a visitor.
pub struct Parts {
    /// Where the request comes from, and when.
    pub visit: Visit,
    /// Who is logged in.
    pub known: Option<(Session, User)>,
    /// What a form of this site proves itself by; good for this browser and this session only.
    pub csrf: String,
    /// What an action before left to be said.
    pub said: Option<String>,
    /// What `csrf` is the signature of.
    pub(super) proof: String,
    new_browser: Option<String>,
}

impl std::ops::Deref for Visitor {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Visitor {
    /// Finds out. The database is asked only where the browser has a session.
    pub async fn of(request: &HttpRequest) -> Result<Self> {
        if let Some(found) = request.extensions().get::<Self>() {
            return Ok(found.clone());
        }
        let app = app_of(request)?;
        let visit = visit_of(request, &app.config.trusted_proxies);
        let session = Jar::Session.ticket(app, request);
        let known = match &session {
            Some(ticket) => log_in::current(&app.db, ticket, visit.at).await?,
            None => None,
        };
        if let Some((_, user)) = &known {
            request.extensions_mut().insert(CallerName(user.username.clone()));
        }
        let session = session.filter(|_| known.is_some());
        let browser = Jar::Browser.ticket(app, request);
        let known_browser = browser.is_some();
        let browser = browser.unwrap_or_else(Ticket::generate);
        let session = session.as_ref().map_or("", Ticket::reveal);
        let new_browser = (!known_browser).then(|| browser.reveal().to_owned());
        let proof = format!("{} {session}", browser.reveal());
        let csrf = app.key.sign(Purpose::Csrf, proof.as_bytes())?;
        let said = Jar::Said.read(app, request);
        let visitor = Self(Rc::new(Parts { visit, known, csrf, said, proof, new_browser }));
        request.extensions_mut().insert(visitor.clone());
        Ok(visitor)
    }

    /// The cookie that a page with a form sets, where the browser has none yet.
    pub fn cookie(&self, app: &App) -> Option<Cookie<'static>> {
        let new = self.new_browser.as_ref()?;
        Some(Jar::Browser.fill(app, new.clone(), None))
    }
}

impl FromRequest for Visitor {
    type Error = crate::error::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, arrival) = (request.clone(), Arrival::of(request, payload));
        Box::pin(async move {
            if let Some(arrival) = arrival {
                arrival.complete(&request).await;
            }
            Self::of(&request).await
        })
    }
}
