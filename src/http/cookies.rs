//! The cookies of this site. All are for this host alone, unreadable to scripts, and not sent with
//! what other sites make a browser post.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{HeaderValue, SET_COOKIE};

use super::auth::app_of;
use super::visit::is_by_https;
use crate::app::App;
use crate::error::Result;
use crate::secret::Ticket;

/// What a cookie is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jar {
    /// Tells one browser from another before anybody is logged in; ends with the browser.
    Browser,
    /// The session.
    Session,
    /// A login between password and second factor.
    Pending,
    /// A device that needs no second factor.
    Device,
    /// What the next page has to say first.
    Said,
}

impl Jar {
    /// Its name. On https the browser itself sees to it that only this host can set it (the prefix
    /// of RFC 6265bis section 4.1.3.2).
    fn name(self, app: &App) -> &'static str {
        match (self, is_https(app)) {
            (Self::Browser, true) => "__Host-browser",
            (Self::Browser, false) => "cheeseshop_browser",
            (Self::Session, true) => "__Host-session",
            (Self::Session, false) => "cheeseshop_session",
            (Self::Pending, true) => "__Host-pending",
            (Self::Pending, false) => "cheeseshop_pending",
            (Self::Device, true) => "__Host-device",
            (Self::Device, false) => "cheeseshop_device",
            (Self::Said, true) => "__Host-said",
            (Self::Said, false) => "cheeseshop_said",
        }
    }

    /// What the browser sent in it.
    pub fn read(self, app: &App, request: &HttpRequest) -> Option<String> {
        request.cookie(self.name(app)).map(|cookie| cookie.value().to_owned())
    }

    /// The ticket in it.
    pub fn ticket(self, app: &App, request: &HttpRequest) -> Option<Ticket> {
        self.read(app, request).as_deref().and_then(Ticket::parse)
    }

    /// A cookie to be set; without a time it ends with the browser.
    pub fn fill(self, app: &App, value: String, lasts: Option<Duration>) -> Cookie<'static> {
        let cookie = Cookie::build(self.name(app), value)
            .path("/")
            .http_only(true)
            .secure(is_https(app))
            .same_site(SameSite::Lax);
        match lasts.and_then(|lasts| time::Duration::try_from(lasts).ok()) {
            Some(lasts) => cookie.max_age(lasts).finish(),
            None => cookie.finish(),
        }
    }

    /// The cookie that ends it.
    pub fn empty(self, app: &App) -> Cookie<'static> {
        self.fill(app, String::new(), Some(Duration::ZERO))
    }
}

fn is_https(app: &App) -> bool {
    app.public_url.origin().starts_with("https://")
}

/// Keeps the cookies of an answer to https where the browser came by that: a proxy of ours says so,
/// and nobody has configured it.
pub fn secure<B>(response: &mut ServiceResponse<B>) -> Result<()> {
    if !response.headers().contains_key(SET_COOKIE) {
        return Ok(());
    }
    let request = response.request();
    let app = app_of(request)?;
    if is_https(app) || !is_by_https(request, &app.config.trusted_proxies) {
        return Ok(());
    }
    let headers = response.headers_mut();
    let cookies: Vec<HeaderValue> = headers.remove(SET_COOKIE).collect();
    for cookie in cookies {
        headers.append(SET_COOKIE, with_secure(cookie));
    }
    Ok(())
}

fn with_secure(cookie: HeaderValue) -> HeaderValue {
    let bytes = [cookie.as_bytes(), b"; Secure"].concat();
    HeaderValue::from_bytes(&bytes).unwrap_or(cookie)
}
