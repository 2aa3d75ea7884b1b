//! `/admin/downloads/`: who has downloaded what from a private index, as a page and as a file.

use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Bytes, Data, Query};
use askama::Template;
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use url::form_urlencoded;

use crate::app::App;
use crate::db::{Db, DownloadId};
use crate::downloads::export::Form;
use crate::downloads::single::{self, Download, Wanted};
use crate::error::{Error, Result};
use crate::http::guard::Admin;
use crate::http::visitor::Visitor;
use crate::time;
use crate::web::form::{problem, refuse};
use crate::web::page::Frame;

/// Downloads on a page.
const PAGE: i64 = 100;
/// Downloads of an export that are read at once: as many are in memory, however many there are.
const AT_ONCE: i64 = 1_000;

/// What is looked for, as it was typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    project: String,
    version: String,
    file: String,
    digest: String,
    user: String,
    since: String,
    before: String,
    format: String,
}

#[derive(Template)]
#[template(path = "admin/downloads.html")]
struct DownloadsPage {
    frame: Frame,
    here: &'static str,
    problem: Option<String>,
    /// Whether single downloads are kept at all.
    is_private: bool,
    days: u32,
    fields: Fields,
    /// The question as an address says it, without the page.
    query: String,
    rows: Vec<Row>,
    older: Option<i64>,
}

struct Row {
    at: String,
    username: String,
    way: String,
    ip: String,
    agent: String,
    project: String,
    version: String,
    filename: String,
    sha256: String,
}

impl Fields {
    /// Without blanks at the ends, and without what is no letter.
    fn cleaned(self) -> Self {
        let clean = |text: String| {
            let text: String = text.chars().filter(|c| !c.is_control()).collect();
            text.trim().to_owned()
        };
        Self {
            project: clean(self.project),
            version: clean(self.version),
            file: clean(self.file),
            digest: clean(self.digest),
            user: clean(self.user),
            since: clean(self.since),
            ..self
        }
    }

    fn wanted(&self) -> Result<Wanted> {
        let Self { project, version, file, digest, user, since, before, .. } = self;
        let mut wanted = Wanted::parse(project, version, file, digest, user)?;
        if !since.is_empty() {
            let wrong = || {
                let words = format!("{since:?} is not a day; one reads like 2026-11-21.");
                Error::invalid("This is not a day", words)
            };
            wanted.since = Some(time::parse_day(since).ok_or_else(wrong)?);
        }
        // What is no number is no download: the first page.
        wanted.before = before.parse().ok().map(DownloadId::new);
        Ok(wanted)
    }

    fn query(&self) -> String {
        let Self { project, version, file, digest, user, since, .. } = self;
        let all = [
            ("project", project),
            ("version", version),
            ("file", file),
            ("digest", digest),
            ("user", user),
            ("since", since),
        ];
        let set = all.into_iter().filter(|(_, value)| !value.is_empty());
        form_urlencoded::Serializer::new(String::new()).extend_pairs(set).finish()
    }
}

/// The form, with what was found below it.
pub(super) async fn show(
    app: Data<App>,
    visitor: Visitor,
    _who: Admin,
    fields: Query<Fields>,
) -> Result<HttpResponse> {
    let fields = fields.into_inner().cleaned();
    let (found, error) = match fields.wanted() {
        Ok(wanted) => {
            // One more than is shown says whether there are more.
            let work = move |c: &mut _| Ok(single::list(c, &wanted, PAGE + 1)?);
            (app.db.read(work).await?, None)
        }
        Err(error) => (Vec::new(), Some(error)),
    };
    let shown = usize::try_from(PAGE).unwrap_or_default();
    let older = found.get(shown).and_then(|_| found.get(shown - 1)).map(|it| it.id.get());
    let page = DownloadsPage {
        frame: Frame::of(&app, &visitor),
        here: "downloads",
        problem: problem(error.as_ref()),
        is_private: app.config.private,
        days: app.config.downloads_keep_days.0,
        query: fields.query(),
        fields,
        rows: found.into_iter().take(shown).map(row).collect(),
        older,
    };
    refuse(&app, &visitor, error.as_ref(), &page)
}

fn row(it: Download) -> Row {
    let way = match (it.token, it.token_label) {
        (None, _) => "password or session".to_owned(),
        (Some(id), None) => format!("token {id}"),
        (Some(id), Some(label)) => format!("token {id}, {label}"),
    };
    Row {
        at: time::for_people(it.at),
        username: it.username,
        way,
        ip: it.ip.unwrap_or_default(),
        agent: it.agent.unwrap_or_default(),
        project: it.project,
        version: it.version,
        filename: it.filename,
        sha256: it.sha256,
    }
}

/// Everything that was found, as a file. Written while it is read.
pub(super) async fn export(
    app: Data<App>,
    _who: Admin,
    fields: Query<Fields>,
) -> Result<HttpResponse> {
    let fields = fields.into_inner().cleaned();
    let wanted = fields.wanted()?;
    let form = Form::parse(&fields.format).ok_or_else(|| {
        let words = "Downloads are exported with format=csv or with format=jsonl.";
        Error::invalid("There is no such format", words)
    })?;
    let (content_type, name) = match form {
        Form::Csv => ("text/csv; charset=utf-8", "downloads.csv"),
        Form::JsonLines => ("application/jsonl; charset=utf-8", "downloads.jsonl"),
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(lines(app.db.clone(), wanted, form)))
}

/// The export, in pieces. What comes while it is written is not in it: it goes back in time.
fn lines(db: Db, wanted: Wanted, form: Form) -> impl Stream<Item = Result<Bytes>> + 'static {
    let head = stream::iter((!form.head().is_empty()).then(|| Ok(form.head().into())));
    let pieces = stream::try_unfold(Some(wanted), move |rest| {
        let db = db.clone();
        async move {
            let Some(wanted) = rest else { return Ok(None) };
            piece(&db, wanted, form).await
        }
    });
    futures_util::StreamExt::chain(head, pieces)
}

async fn piece(db: &Db, mut wanted: Wanted, form: Form) -> Result<Option<(Bytes, Option<Wanted>)>> {
    let asked = wanted.clone();
    let found = db.read(move |c| Ok(single::list(c, &asked, AT_ONCE)?)).await?;
    let Some(last) = found.last() else { return Ok(None) };
    wanted.before = Some(last.id);
    let text = found.iter().map(|it| form.line(it)).collect::<Result<String>>()?;
    Ok(Some((text.into(), Some(wanted))))
}
