//! `POST /manage/projects/invitations/…`: the answers to an invitation.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;

use super::PLACE;
use crate::app::App;
use crate::catalog::invite;
use crate::db::RoleInvitationId;
use crate::error::{Kind, Result};
use crate::http::guard::Member;
use crate::http::post::Post;
use crate::http::visitor::Visitor;
use crate::web::manage::project::changed;
use crate::web::page::go;
use crate::web::paging::Asked;
use crate::web::said::Said;

#[derive(Deserialize)]
pub(in crate::web::manage) struct Which {
    invitation_id: i64,
}

/// Takes the role.
pub(in crate::web::manage) async fn accept(
    app: Data<App>,
    visitor: Visitor,
    who: Member,
    Post(form): Post<Which>,
) -> Result<HttpResponse> {
    let (visit, user) = (who.visit.clone(), who.user.id);
    let id = RoleInvitationId::new(form.invitation_id);
    let accepted = app.db.write(move |c| invite::accept(c, (&visit, user), id)).await;
    match accepted {
        Ok(project) => {
            changed(&app, &project.normalized);
            Ok(go(&app, PLACE, Some(Said::RoleAccepted)))
        }
        Err(error) if error.kind() == Kind::Conflict => {
            super::page(&app, &visitor, &who, Asked::first(), Some(&error)).await
        }
        Err(error) => Err(error),
    }
}

/// Does not.
pub(in crate::web::manage) async fn decline(
    app: Data<App>,
    who: Member,
    Post(form): Post<Which>,
) -> Result<HttpResponse> {
    let (visit, user) = (who.visit.clone(), who.user.id);
    let id = RoleInvitationId::new(form.invitation_id);
    app.db.write(move |c| invite::decline(c, (&visit, user), id)).await?;
    Ok(go(&app, PLACE, Some(Said::RoleDeclined)))
}
