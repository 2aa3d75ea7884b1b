//! `/admin/domains/{domain}/`: one mail domain, and whose addresses are in it.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use super::domains::{PLACE, Row};
use crate::app::App;
use crate::db::{Conn, EmailId};
use crate::domains::collect::addresses;
use crate::domains::domain::Domain;
use crate::domains::listing::{Holder, holders};
use crate::error::{Error, Result};
use crate::http::guard::Admin;
use crate::http::visitor::Visitor;
use crate::time;
use crate::web::form::refuse;
use crate::web::page::Frame;

/// Addresses on one page.
const PAGE: i64 = 100;

#[derive(Template)]
#[template(path = "admin/domain.html")]
struct DomainPage {
    frame: Frame,
    here: &'static str,
    it: Row,
    holders: Vec<Line>,
    next: Option<i64>,
    is_first: bool,
    place: String,
}

struct Line {
    username: String,
    address: String,
    state: String,
}

/// Behind which address a page begins.
#[derive(Deserialize)]
pub(super) struct Page {
    after: Option<String>,
}

pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    _who: Admin,
    name: Path<String>,
    page: Query<Page>,
) -> Result<HttpResponse> {
    // What is no number is no address: the first page.
    let after: Option<i64> = page.after.as_deref().and_then(|text| text.parse().ok());
    let name = name.into_inner();
    let from = EmailId::new(after.unwrap_or_default());
    let read = move |c: &mut Conn| {
        let missing = || Error::not_found("No address that was looked at has this domain.");
        let domain = Domain::by_name(c, &name)?.ok_or_else(missing)?;
        let counts = addresses(c, std::slice::from_ref(&domain.name))?;
        let holders = holders(c, &domain.name, from, PAGE + 1)?;
        Ok((Row::of(counts.into_values().sum(), domain), holders))
    };
    let (it, mut holders) = app.db.read(read).await?;
    let limit = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = holders.len() > limit;
    holders.truncate(limit);
    let page = DomainPage {
        frame: Frame::of(&app, &visitor),
        here: "domains",
        place: format!("{PLACE}{}/", it.domain.name),
        it,
        next: holders.last().filter(|_| has_more).map(|holder| holder.id.get()),
        holders: holders.into_iter().map(line).collect(),
        is_first: after.is_none(),
    };
    refuse(&app, &visitor, None, &page)
}

fn line(holder: Holder) -> Line {
    let on = |at: Option<time::Time>| at.map(time::for_people).unwrap_or_default();
    let state = match (holder.verified_at, holder.unverify_reason) {
        (Some(at), None) => format!("verified on {}", time::for_people(at)),
        (Some(_), Some(why)) => format!("kept for the last administrator, though {why}"),
        (None, Some(why)) => {
            format!("verified no more since {}: {why}", on(holder.unverified_at))
        }
        (None, None) => "not verified".to_owned(),
    };
    Line { username: holder.username, address: holder.address, state }
}
