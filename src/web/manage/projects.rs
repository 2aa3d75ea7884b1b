//! `/manage/projects/`: the own projects.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

use crate::app::App;
use crate::catalog::role::Role;
use crate::error::Result;
use crate::http::guard::Member;
use crate::http::visitor::Visitor;
use crate::web::form::refuse;
use crate::web::page::Frame;

#[derive(Template)]
#[template(path = "manage/projects.html")]
struct ProjectsPage {
    frame: Frame,
    here: &'static str,
    /// Role and name of each.
    projects: Vec<(String, String)>,
    /// Base URL of this index.
    url: String,
}

pub(super) async fn show(app: Data<App>, visitor: Visitor, who: Member) -> Result<HttpResponse> {
    let user = who.user.id;
    let page = ProjectsPage {
        frame: Frame::of(&app, &visitor),
        here: "projects",
        projects: app.db.read(move |c| Ok(Role::of_user(c, user)?)).await?,
        url: app.public_url.to_string(),
    };
    refuse(&app, &visitor, None, &page)
}
