//! Who may open a page about managing one project, as extractors: the signature of a handler says
//! who may call it. Every change asks again in its transaction.
//!
//! A project that does not exist is 404, one in which the account has no role 403; a quarantined
//! one is told apart from neither by those who have no role in it.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::Method;
use actix_web::{Error as HttpError, FromRequest, HttpRequest};

use super::ProjectPath;
use super::auth::app_of;
use super::guard::{self, Person};
use super::path::redirect;
use super::visitor::Visitor;
use crate::catalog::permission::{self, Standing};
use crate::error::Result;

/// What the paths of these pages begin with.
const AREA: &str = "/manage/project/";

/// Somebody with a role in the project that the path names.
pub struct Manager {
    /// Who is logged in.
    pub person: Person,
    /// The project, and what the account is to it.
    pub standing: Standing,
}

/// What a page asks for beyond a role.
#[derive(Clone, Copy)]
struct Demands {
    /// The role of an owner.
    owner: bool,
    /// The password, typed in within the last 30 minutes.
    confirmed: bool,
}

macro_rules! managers {
    ($($(#[$doc:meta])* $name:ident = $demands:expr;)+) => {$(
        $(#[$doc])*
        pub struct $name(pub Manager);

        impl std::ops::Deref for $name {
            type Target = Manager;

            fn deref(&self) -> &Manager {
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

managers! {
    /// Somebody with a role in the project: for looking at its pages.
    Collaborator = Demands { owner: false, confirmed: false };
    /// The same with the password typed in a short time ago.
    CollaboratorConfirmed = Demands { owner: false, confirmed: true };
    /// An owner with the password typed in a short time ago: for all changes.
    OwnerConfirmed = Demands { owner: true, confirmed: true };
}

async fn find(
    request: &HttpRequest,
    visitor: Visitor,
    demands: Demands,
) -> Result<Manager, HttpError> {
    let app = app_of(request)?;
    let person = guard::member(request, visitor).await?;
    let at = ProjectPath::of(request)?;
    let (name, user) = (at.name.clone(), person.user.id);
    let standing = app.db.read(move |c| permission::find(c, &name, user)).await?;
    if demands.owner {
        standing.demand_owner()?;
    }
    if demands.confirmed {
        guard::demand_confirmed(request, &person)?;
    }
    if !at.is_spelled_so && matches!(*request.method(), Method::GET | Method::HEAD) {
        let rest = request.path().strip_prefix(AREA).and_then(|rest| rest.split_once('/'));
        let rest = rest.map_or("", |(_, rest)| rest);
        let reply = redirect(request, &format!("{AREA}{}/{rest}", at.name))?;
        return Err(InternalError::from_response("spelled otherwise", reply).into());
    }
    Ok(Manager { person, standing })
}
