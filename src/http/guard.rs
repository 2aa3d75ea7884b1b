//! Who may open a page, as extractors: the signature of a handler says who may call it.
//!
//! Who may not is led to where that can be mended: to the login, to the page that asks for the
//! password again, to the addresses, or to the second factor.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, LOCATION, REFERER};
use actix_web::{Error as HttpError, FromRequest, HttpRequest, HttpResponse};
use url::form_urlencoded;

use super::auth::app_of;
use super::visitor::Visitor;
use crate::accounts::Visit;
use crate::accounts::email::Email;
use crate::accounts::session::Session;
use crate::accounts::user::User;
use crate::app::App;
use crate::catalog::role::Role;
use crate::config::SecondFactorRule;
use crate::error::{Error, Result};

/// Where one logs in.
pub(super) const LOGIN: &str = "/account/login/";
const CONFIRM: &str = "/account/reauthenticate/";
const UNVERIFIED: &str = "/manage/unverified-account/";
const SECOND_FACTOR: &str = "/manage/account/two-factor/";
const HOME: &str = "/manage/account/";
/// Where forms stand that one is led back to.
const AREAS: [&str; 2] = ["/manage/", "/admin/"];

/// Somebody who is logged in.
pub struct Person {
    /// The account.
    pub user: User,
    /// The session.
    pub session: Session,
    /// Where the request comes from, and when.
    pub visit: Visit,
}

/// What a page asks for beyond a login.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each demand is by itself")]
struct Demands {
    /// A verified primary address, where the configuration asks for one.
    address: bool,
    /// A second factor, where the configuration asks for one.
    second_factor: bool,
    /// The password, typed in within the last 30 minutes.
    confirmed: bool,
    /// The rights of an administrator.
    admin: bool,
}

const LOGIN_ONLY: Demands =
    Demands { address: false, second_factor: false, confirmed: false, admin: false };
const MEMBER: Demands = Demands { address: true, second_factor: true, ..LOGIN_ONLY };

macro_rules! guards {
    ($($(#[$doc:meta])* $name:ident = $demands:expr;)+) => {$(
        $(#[$doc])*
        pub struct $name(pub Person);

        impl std::ops::Deref for $name {
            type Target = Person;

            fn deref(&self) -> &Person {
                &self.0
            }
        }

        impl FromRequest for $name {
            type Error = HttpError;
            type Future = Pin<Box<dyn Future<Output = Result<Self, HttpError>>>>;

            fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
                let visitor = Visitor::from_request(request, payload);
                let request = request.clone();
                Box::pin(async move { find(&request, visitor.await?, $demands).await.map(Self) })
            }
        }
    )+};
}

guards! {
    /// Logged in, and nothing more: for the pages that mend what the other guards miss.
    SignedIn = LOGIN_ONLY;
    /// The same with the password typed in a short time ago.
    SignedInConfirmed = Demands { confirmed: true, ..LOGIN_ONLY };
    /// Logged in, with a verified primary address and the password typed in a short time ago: for
    /// setting up the second factor.
    VerifiedConfirmed = Demands { address: true, confirmed: true, ..LOGIN_ONLY };
    /// Logged in, with everything that the configuration asks for.
    Member = MEMBER;
    /// The same with the password typed in a short time ago: for everything sensitive.
    MemberConfirmed = Demands { confirmed: true, ..MEMBER };
    /// An administrator with everything that the configuration asks for.
    Admin = Demands { admin: true, ..MEMBER };
    /// The same with the password typed in a short time ago.
    AdminConfirmed = Demands { admin: true, confirmed: true, ..MEMBER };
}

async fn find(
    request: &HttpRequest,
    visitor: Visitor,
    demands: Demands,
) -> Result<Person, HttpError> {
    let app = app_of(request)?;
    let Some((session, user)) = visitor.known.clone() else {
        return Err(lead(app, request, LOGIN));
    };
    // What is not for this account is not told apart from what is not there.
    if demands.admin && !user.is_admin {
        return Err(Error::not_found("There is no page at this address.").into());
    }
    if demands.address && !has_address(app, &user).await? {
        return Err(lead(app, request, UNVERIFIED));
    }
    if demands.second_factor && must_have_second_factor(app, &user).await? {
        return Err(lead(app, request, SECOND_FACTOR));
    }
    if demands.confirmed && !session.is_confirmed(visitor.visit.at) {
        return Err(lead(app, request, CONFIRM));
    }
    Ok(Person { user, session, visit: visitor.visit.clone() })
}

/// Somebody who is logged in, with everything that the configuration asks for.
pub(super) async fn member(request: &HttpRequest, visitor: Visitor) -> Result<Person, HttpError> {
    find(request, visitor, MEMBER).await
}

/// Leads to where the password is asked for, unless it was typed in a short time ago.
pub(super) fn demand_confirmed(request: &HttpRequest, person: &Person) -> Result<(), HttpError> {
    if person.session.is_confirmed(person.visit.at) {
        return Ok(());
    }
    Err(lead(app_of(request)?, request, CONFIRM))
}

async fn has_address(app: &App, user: &User) -> Result<bool> {
    if !app.config.require_verified_email {
        return Ok(true);
    }
    let id = user.id;
    app.db.read(move |c| Ok(Email::is_primary_verified(c, id)?)).await
}

/// Whether the configuration asks this account for a second factor that it does not have.
pub async fn must_have_second_factor(app: &App, user: &User) -> Result<bool> {
    let rule = app.config.accounts.require_2fa;
    if rule == SecondFactorRule::Off || user.has_second_factor() {
        return Ok(false);
    }
    if rule == SecondFactorRule::Everyone || user.is_admin {
        return Ok(true);
    }
    let id = user.id;
    app.db.read(move |c| Ok(Role::has_any(c, id)?)).await
}

/// Leads to a page of this site, which leads back.
pub(super) fn lead(app: &App, request: &HttpRequest, place: &str) -> HttpError {
    let next = back(app, request);
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", &next).finish();
    let prefix = app.public_url.prefix();
    let reply = HttpResponse::SeeOther()
        .insert_header((LOCATION, format!("{prefix}{place}?{query}")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish();
    InternalError::from_response("led elsewhere", reply).into()
}

/// The page that was asked for; of a form, the page on which it stands.
fn back(app: &App, request: &HttpRequest) -> String {
    let prefix = app.public_url.prefix();
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        let asked = request.uri().path_and_query().map_or("/", |it| it.as_str());
        return format!("{prefix}{asked}");
    }
    let referer = request.headers().get(REFERER).and_then(|value| value.to_str().ok());
    let path = referer.and_then(|text| url::Url::parse(text).ok()).map(|url| url.path().to_owned());
    let is_ours = |path: &String| {
        path.strip_prefix(prefix).is_some_and(|it| AREAS.iter().any(|area| it.starts_with(area)))
    };
    path.filter(is_ours).unwrap_or_else(|| format!("{prefix}{HOME}"))
}
