//! `/manage/project/{project}/collaboration/`: who has a role, and who is invited to one.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use super::head::Head;
use super::{changed, is_for_the_page};
use crate::accounts::Visit;
use crate::app::App;
use crate::catalog::member::{self, Member};
use crate::catalog::project::Project;
use crate::catalog::role::Role;
use crate::catalog::role_invitation::RoleInvitation;
use crate::catalog::{invite, team};
use crate::db::{RoleInvitationId, UserId};
use crate::error::{Error, Result};
use crate::http::manager::{Collaborator, CollaboratorConfirmed, Manager, OwnerConfirmed};
use crate::http::post::PostBy;
use crate::http::visitor::Visitor;
use crate::packaging::NormalizedName;
use crate::time;
use crate::web::form::{problem, refuse};
use crate::web::page::{Frame, go};
use crate::web::said::Said;

#[derive(Template)]
#[template(path = "manage/project/collaboration.html")]
struct TeamPage {
    frame: Frame,
    head: Head,
    place: String,
    problem: Option<String>,
    members: Vec<Row>,
    invitations: Vec<Waiting>,
    /// What was typed into the form that came back.
    typed: String,
}

struct Row {
    username: String,
    role: &'static str,
    /// The role that it could have instead.
    other: &'static str,
    is_self: bool,
    is_active: bool,
}

struct Waiting {
    id: i64,
    whom: String,
    role: &'static str,
    ends: String,
}

#[derive(Deserialize)]
pub(super) struct Named {
    username: String,
    role_name: String,
}

#[derive(Deserialize)]
pub(super) struct Person {
    username: String,
}

#[derive(Deserialize)]
pub(super) struct Which {
    invitation_id: i64,
}

/// A form without a field of its own.
#[derive(Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    who: Collaborator,
) -> Result<HttpResponse> {
    page(&app, &visitor, &who, String::new(), None).await
}

/// Invites somebody.
pub(super) async fn invite(
    app: Data<App>,
    visitor: Visitor,
    PostBy(who, form): PostBy<OwnerConfirmed, Named>,
) -> Result<HttpResponse> {
    let (name, visit, user) = parts(&who);
    let (head, typed) = (app.letterhead(), form.username.clone());
    let work = async {
        let role = role(&form.role_name)?;
        let work = app.db.write(move |c| {
            invite::invite(c, &head, (&visit, user), &name, (&form.username, role))
        });
        work.await
    };
    let result = work.await.map(|()| Said::RoleInvited);
    finish(&app, &visitor, &who, typed, result).await
}

/// Takes an invitation back.
pub(super) async fn revoke(
    app: Data<App>,
    visitor: Visitor,
    PostBy(who, form): PostBy<OwnerConfirmed, Which>,
) -> Result<HttpResponse> {
    let (name, visit, user) = parts(&who);
    let id = RoleInvitationId::new(form.invitation_id);
    let work = app.db.write(move |c| invite::revoke(c, (&visit, user), &name, id));
    let result = work.await.map(|()| Said::RoleRevoked);
    finish(&app, &visitor, &who, String::new(), result).await
}

/// Gives a member another role.
pub(super) async fn change(
    app: Data<App>,
    visitor: Visitor,
    PostBy(who, form): PostBy<OwnerConfirmed, Named>,
) -> Result<HttpResponse> {
    let (name, visit, user) = parts(&who);
    let work = async {
        let role = role(&form.role_name)?;
        let what = move |c: &mut _| team::change(c, (&visit, user), &name, (&form.username, role));
        app.db.write(what).await
    };
    let result = work.await.map(|_| Said::RoleChanged);
    finish(&app, &visitor, &who, String::new(), result).await
}

/// Takes the role of a member away.
pub(super) async fn remove(
    app: Data<App>,
    visitor: Visitor,
    PostBy(who, form): PostBy<OwnerConfirmed, Person>,
) -> Result<HttpResponse> {
    let (name, visit, user) = parts(&who);
    let is_self = form.username == who.person.user.username;
    let what = move |c: &mut _| team::remove(c, (&visit, user), &name, &form.username);
    let said = if is_self { Said::Left } else { Said::RoleRemoved };
    let result = app.db.write(what).await.map(|()| said);
    finish(&app, &visitor, &who, String::new(), result).await
}

/// Gives the own role up.
pub(super) async fn leave(
    app: Data<App>,
    visitor: Visitor,
    PostBy(who, Nothing {}): PostBy<CollaboratorConfirmed, Nothing>,
) -> Result<HttpResponse> {
    let (name, visit, user) = parts(&who);
    let result = app.db.write(move |c| team::leave(c, (&visit, user), &name)).await;
    finish(&app, &visitor, &who, String::new(), result.map(|()| Said::Left)).await
}

fn parts(who: &Manager) -> (NormalizedName, Visit, UserId) {
    let project = &who.standing.project;
    (project.normalized.clone(), who.person.visit.clone(), who.person.user.id)
}

fn role(word: &str) -> Result<Role> {
    let words = "Choose Owner or Maintainer.";
    Role::parse(word).ok_or_else(|| Error::invalid("There is no such role", words))
}

fn place(project: &Project) -> String {
    format!("/manage/project/{}/collaboration/", project.normalized)
}

/// Leads on to the page, or says on it what was wrong.
async fn finish(
    app: &App,
    visitor: &Visitor,
    who: &Manager,
    typed: String,
    result: Result<Said>,
) -> Result<HttpResponse> {
    match result {
        Ok(said) => {
            changed(app, &who.standing.project.normalized);
            let place = match said {
                Said::Left => "/manage/projects/".to_owned(),
                _ => place(&who.standing.project),
            };
            Ok(go(app, &place, Some(said)))
        }
        Err(error) if is_for_the_page(&error) => page(app, visitor, who, typed, Some(&error)).await,
        Err(error) => Err(error),
    }
}

async fn page(
    app: &App,
    visitor: &Visitor,
    who: &Manager,
    typed: String,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let (id, now) = (who.standing.project.id, who.person.visit.at);
    let reading = app
        .db
        .read(move |c| Ok((member::of_project(c, id)?, RoleInvitation::of_project(c, id, now)?)));
    let (members, waiting) = reading.await?;
    let head = Head::of(who, "collaboration");
    // Who is invited concerns those who invite.
    let waiting = if head.may_change { waiting } else { Vec::new() };
    let page = TeamPage {
        frame: Frame::of(app, visitor),
        head,
        place: place(&who.standing.project),
        problem: problem(error),
        members: members.into_iter().map(|it| row(it, &who.person.user.username)).collect(),
        invitations: waiting.into_iter().filter_map(invitation).collect(),
        typed,
    };
    refuse(app, visitor, error, &page)
}

fn row(member: Member, own: &str) -> Row {
    let other = match member.role {
        Role::Owner => Role::Maintainer,
        Role::Maintainer => Role::Owner,
    };
    Row {
        is_self: member.username == own,
        username: member.username,
        role: member.role.as_str(),
        other: other.as_str(),
        is_active: member.is_active,
    }
}

fn invitation((it, username): (RoleInvitation, Option<String>)) -> Option<Waiting> {
    Some(Waiting {
        id: it.id.get(),
        role: it.role()?.as_str(),
        ends: time::for_people(it.expires_at),
        whom: username.or(it.address)?,
    })
}
