//! The page that finds projects.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::search_query::Fields;
use crate::app::App;
use crate::catalog::project::Status;
use crate::error::{Error, Result};
use crate::http::path::redirect;
use crate::http::visitor::Visitor;
use crate::packaging::NormalizedName;
use crate::search::{self, Found, Hit, PAGE};
use crate::time;
use crate::web::page::{Frame, send};

#[derive(Template)]
#[template(path = "browse/search.html")]
struct SearchPage {
    frame: Frame,
    fields: Fields,
    results: Results,
}

/// The results by themselves, or in the page around them.
#[derive(Template)]
#[template(path = "browse/results.html")]
pub(super) struct Results {
    prefix: String,
    /// How many there are, in words.
    said: String,
    rows: Vec<Row>,
    /// Where nothing is found and other indexes are asked for projects.
    elsewhere: Option<Elsewhere>,
    before: Option<String>,
    after: Option<String>,
    page: usize,
    pages: usize,
}

/// What a search does not find.
struct Elsewhere {
    /// The project that the text may be the name of.
    name: Option<NormalizedName>,
}

struct Row {
    normalized: String,
    name: String,
    version: String,
    summary: String,
    /// What its owners say of it, where that is not what everybody expects.
    mark: Option<String>,
    day: String,
}

pub(super) async fn show(
    app: Data<App>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse> {
    if !request.path().ends_with('/') {
        return redirect(&request, "/search/");
    }
    let fields = Fields::read(request.query_string())?;
    let (wanted, page) = (fields.wanted()?, fields.page()?);
    let found = app.db.read(move |c| search::find(c, &wanted, page)).await?;
    let results = Results::of(&app, &fields, page, found)?;
    if fields.is_fragment {
        return send(&app, &visitor, &results);
    }
    send(&app, &visitor, &SearchPage { frame: Frame::of(&app, &visitor), fields, results })
}

impl Results {
    fn of(app: &App, fields: &Fields, page: usize, found: Found) -> Result<Self> {
        let pages = found.count.div_ceil(PAGE).max(1);
        if page > pages {
            return Err(Error::not_found(format!("This search has no page {page}.")));
        }
        let prefix = app.public_url.prefix().to_owned();
        let link = |page| format!("{prefix}/search/?{}", fields.query(page));
        let is_nowhere = app.mirror.is_some() && found.count == 0 && !fields.text.is_empty();
        let name = NormalizedName::parse(&fields.text);
        Ok(Self {
            elsewhere: is_nowhere.then_some(Elsewhere { name }),
            said: said(&found, fields),
            rows: found.hits.into_iter().map(Row::of).collect(),
            before: (page > 1).then(|| link(page - 1)),
            after: (page < pages).then(|| link(page + 1)),
            prefix,
            page,
            pages,
        })
    }
}

impl Row {
    fn of(hit: Hit) -> Self {
        Self {
            normalized: hit.normalized.to_string(),
            name: hit.name,
            version: hit.version,
            summary: hit.summary,
            mark: Some(hit.status).filter(|status| status != Status::Active.as_str()),
            day: time::day(hit.updated_at),
        }
    }
}

fn said(found: &Found, fields: &Fields) -> String {
    let (count, more) = (found.count, if found.is_cut { "More than " } else { "" });
    let projects = if count == 1 { "project" } else { "projects" };
    let number = if count == 0 { "No".to_owned() } else { format!("{more}{count}") };
    match (fields.text.as_str(), fields.has_filters()) {
        ("", false) => format!("{number} {projects}"),
        ("", true) => format!("{number} {projects} with these filters"),
        (text, false) => format!("{number} {projects} for \u{201c}{text}\u{201d}"),
        (text, true) => {
            format!("{number} {projects} for \u{201c}{text}\u{201d} with these filters")
        }
    }
}
