//! From a name to the page that is shown: what is kept while it is fresh, else what the indexes
//! answer, else what is kept.
//!
//! The page cache calls this once for however many readers, and keeps what comes of it until it
//! says that it does not hold any more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

use super::file::stored::StoredFile;
use super::missing::Missing;
use super::page::UpstreamPage;
use super::pages::{self, Head, New};
use super::policy::{self, NameRule};
use super::rule::Rule;
use super::upstream::{Answered, Before, UpstreamError};
use super::verdict::Rules;
use super::view::{How, Source};
use super::{Mirror, changes};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::packaging::NormalizedName;
use crate::simple::{Elsewhere, Form, Names, Rendered, Shown, Stale};
use crate::time::{self, Time};

/// How long a page is shown that could not be asked for again, where the index as a whole answers:
/// then it is tried again.
const PAGE_REST: Duration = Duration::from_secs(5);
/// How long a page is shown before it is looked whether more of it is stored, where nobody is asked.
const OFFLINE_HOLD: Duration = Duration::from_secs(10);

/// A page to be shown.
struct Current {
    head: Head,
    /// What it says, where it just came.
    page: Option<UpstreamPage>,
    until: Instant,
    stale: Option<Stale>,
}

impl Elsewhere for Mirror {
    fn page(
        self: Arc<Self>,
        name: NormalizedName,
        form: Form,
        known: Option<Shown>,
    ) -> BoxFuture<'static, Result<Option<Shown>>> {
        Box::pin(async move {
            let Some(current) = self.current(&name).await? else { return Ok(None) };
            self.show(name, current, form, known).await
        })
    }

    fn names(&self, c: &mut Conn, known: &Names) -> Result<Names> {
        let serial = changes::Changes::read(c)?.sum();
        // A list that was never read has serial 0, and so has one that never changed.
        if serial == known.serial {
            return Ok(known.clone());
        }
        let names = policy::listed(c, &self.config, |upstream| self.is_from_here(upstream))?;
        Ok(Names { serial, names: Arc::new(names) })
    }
}

impl Mirror {
    /// How pages are shown.
    pub fn how(&self) -> How {
        How { min_age_days: self.config.min_age_days, offline: self.config.offline }
    }

    /// What is kept of a project, without asking anybody; none where nothing is, or where the name
    /// may not be taken from elsewhere (any more).
    pub async fn kept(&self, name: &NormalizedName) -> Result<Option<Source>> {
        let Some(head) = self.head(name).await?.ok().flatten() else { return Ok(None) };
        self.source(name.clone(), head, None).await
    }

    /// What is known of a project, asked for where what is kept is not fresh any more; none where
    /// no index has it, or where the name may not be taken from elsewhere.
    pub(super) async fn known(&self, name: &NormalizedName) -> Result<Option<Source>> {
        let Some(Current { head, page, .. }) = self.current(name).await? else { return Ok(None) };
        self.source(name.clone(), head, page).await
    }

    /// What holds for a name, and the page that is kept of it.
    pub(super) async fn head(
        &self,
        name: &NormalizedName,
    ) -> Result<Result<Option<Head>, NameRule>> {
        let (name, config) = (name.clone(), self.config.clone());
        let read = move |c: &mut Conn| match policy::name_rule(c, &config, &name)? {
            NameRule::Allowed => Ok(Ok(pages::head(c, &name)?)),
            rule => Ok(Err(rule)),
        };
        let head = self.db.read(read).await?;
        // Where the configuration names other indexes than before, what was taken from them counts
        // as nothing.
        Ok(head.map(|head| head.filter(|head| self.is_from_here(&head.upstream))))
    }

    /// Whether pages of that index are shown: it is one of those that are asked, or nobody is.
    fn is_from_here(&self, upstream: &str) -> bool {
        self.client.upstreams().is_empty() || self.client.knows(upstream)
    }

    async fn current(&self, name: &NormalizedName) -> Result<Option<Current>> {
        let Ok(head) = self.head(name).await? else { return Ok(None) };
        if self.config.offline {
            let until = Instant::now() + OFFLINE_HOLD;
            return Ok(head.map(|head| Current { head, page: None, until, stale: None }));
        }
        if let Some(current) = self.fresh(head.as_ref()) {
            return Ok(Some(current));
        }
        let turn = self.turns.get_with_by_ref(name, Arc::default);
        let _turn = turn.lock().await;
        // Whoever had the turn before may have asked.
        let Ok(head) = self.head(name).await? else { return Ok(None) };
        match (self.fresh(head.as_ref()), head) {
            (Some(current), _) => Ok(Some(current)),
            (None, Some(head)) => self.ask_again(name, head).await,
            (None, None) => self.ask_first(name).await,
        }
    }

    /// A page that still counts as fresh.
    fn fresh(&self, head: Option<&Head>) -> Option<Current> {
        let left = self.freshness(head?.checked_at)?;
        let until = Instant::now() + left;
        Some(Current { head: head?.clone(), page: None, until, stale: None })
    }

    /// How long pages count as fresh.
    pub(super) fn ttl(&self) -> Duration {
        Duration::from_mins(self.config.ttl_minutes.into())
    }

    /// For how long a page still counts as fresh; none: it does not.
    fn freshness(&self, checked_at: Time) -> Option<Duration> {
        let age = (time::now() - checked_at).to_std().unwrap_or_default();
        self.ttl().checked_sub(age).filter(|left| !left.is_zero())
    }

    /// Asks for a page that is not kept.
    async fn ask_first(&self, name: &NormalizedName) -> Result<Option<Current>> {
        match self.missing.get(name) {
            Some(Missing::Unknown) => {
                self.figures.remembered.one();
                return Ok(None);
            }
            Some(Missing::Failed(error, again)) => return Err(unavailable(&error, again)),
            None => {}
        }
        match self.ask(name, None).await {
            Ok(Some(current)) => Ok(Some(current)),
            Ok(None) => {
                self.missing.unknown(name, self.ttl());
                Ok(None)
            }
            Err(Failure::Upstream(error)) => {
                let again = Instant::now() + self.rest();
                self.missing.failed(name, error.clone(), again);
                Err(unavailable(&error, again))
            }
            Err(Failure::Own(error)) => Err(error),
        }
    }

    /// Asks whether a page is still so; where nobody can tell, it is shown as it is, and said so.
    async fn ask_again(&self, name: &NormalizedName, head: Head) -> Result<Option<Current>> {
        match self.ask(name, Some(&head)).await {
            Ok(current) => Ok(current),
            Err(failure) => {
                if let Failure::Own(error) = failure {
                    tracing::warn!(
                        project = %name, error = error.chain(),
                        "the page of an upstream index could not be kept"
                    );
                }
                self.figures.stale.one();
                let ttl = chrono::TimeDelta::from_std(self.ttl()).unwrap_or_default();
                let since = head.checked_at.checked_add_signed(ttl).unwrap_or(head.checked_at);
                let stale = Some(Stale { checked_at: head.checked_at, since });
                let until = Instant::now() + self.rest();
                Ok(Some(Current { head, page: None, until, stale }))
            }
        }
    }

    /// How long to wait before asking again: until all indexes are asked again, and at least a
    /// moment.
    fn rest(&self) -> Duration {
        let resting = self.client.upstreams().iter().filter_map(super::upstream::Upstream::rest);
        resting.max().unwrap_or(PAGE_REST)
    }

    /// Asks the indexes and keeps what they say; `None` where none of them has the project.
    async fn ask(
        &self,
        name: &NormalizedName,
        head: Option<&Head>,
    ) -> Result<Option<Current>, Failure> {
        // What cannot be kept is not asked for: it would be asked for again each time.
        self.db.check_writable().map_err(Failure::Own)?;
        let before =
            head.map(|head| Before { upstream: &head.upstream, etag: head.etag.as_deref() });
        let answered = self.client.page(name, before).await;
        let is_asked = !matches!(answered, Err(UpstreamError::Resting(_)));
        self.figures.asked.add(is_asked.into());
        self.figures.failed.add((is_asked && answered.is_err()).into());
        let answered = answered.map_err(Failure::Upstream)?;
        let until = Instant::now() + self.ttl();
        match (answered, head) {
            ((Answered::Page(page, etag), Some(upstream)), _) => {
                let base = upstream.base().to_string();
                let kept = self.keep(name, base, *page, etag).await.map_err(Failure::Own)?;
                Ok(kept.map(|(head, page)| Current { head, page: Some(page), until, stale: None }))
            }
            ((Answered::NotModified, _), Some(head)) => {
                self.figures.not_modified.one();
                let now = time::now();
                let id = head.id;
                self.db
                    .write(move |c| Ok(pages::touch(c, id, now)?))
                    .await
                    .map_err(Failure::Own)?;
                let head = Head { checked_at: now, ..head.clone() };
                Ok(Some(Current { head, page: None, until, stale: None }))
            }
            (_, Some(_)) => {
                let name = name.clone();
                let gone = self.db.write(move |c| Ok(pages::remove(c, &name)?)).await;
                gone.map_err(Failure::Own)?;
                Ok(None)
            }
            (_, None) => Ok(None),
        }
    }

    /// Keeps a page that just came, unless the name became one of ours meanwhile.
    async fn keep(
        &self,
        name: &NormalizedName,
        upstream: String,
        page: UpstreamPage,
        etag: Option<String>,
    ) -> Result<Option<(Head, UpstreamPage)>> {
        let packed = tokio::task::spawn_blocking(move || page.to_bytes().map(|it| (it, page)));
        let packed = packed.await.map_err(|error| Error::internal("keeping a page", error))?;
        let (bytes, page) = packed?;
        let (name, config, now) = (name.clone(), self.config.clone(), time::now());
        let head = self.db.write(move |c| {
            if policy::name_rule(c, &config, &name)? != NameRule::Allowed {
                return Ok(None);
            }
            let new = New { upstream: &upstream, page: &bytes, etag: etag.as_deref() };
            Ok(Some(pages::save(c, &name, new, now)?))
        });
        Ok(head.await?.map(|head| (head, page)))
    }

    /// All that a page is made of, at one moment; `None` where it is gone meanwhile.
    async fn source(
        &self,
        name: NormalizedName,
        head: Head,
        page: Option<UpstreamPage>,
    ) -> Result<Option<Source>> {
        let read = move |c: &mut Conn| {
            let content = if page.is_some() { None } else { pages::content(c, head.id)? };
            let rules = Rules::new(Rule::of_project(c, &name)?);
            let stored = StoredFile::of_project(c, &name)?;
            Ok((name, head, page, content, rules, stored))
        };
        let (name, head, page, content, rules, stored) = self.db.read(read).await?;
        let unpack = move || {
            page.or_else(|| UpstreamPage::from_bytes(&content?)).map(|page| Source {
                name,
                head,
                page,
                rules,
                stored,
            })
        };
        let unpacked = tokio::task::spawn_blocking(unpack).await;
        unpacked.map_err(|error| Error::internal("reading a page", error))
    }

    async fn show(
        &self,
        name: NormalizedName,
        current: Current,
        form: Form,
        known: Option<Shown>,
    ) -> Result<Option<Shown>> {
        let Current { head, page, until, stale } = current;
        let Some(source) = self.source(name.clone(), head, page).await? else {
            return self.forget(&name).await.map(|()| None);
        };
        let (how, prefix) = (self.how(), self.prefix.clone());
        let render = move || {
            let now = time::now();
            let view = source.view(how, now);
            let left = view.until.map(|until| (until - now).to_std().unwrap_or_default());
            let until = left.map_or(until, |left| until.min(Instant::now() + left));
            let page = match known.and_then(|known| known.same(view.made_of)) {
                Some(page) => page,
                None => Arc::new(Rendered::project(view.page, &prefix, form)?),
            };
            Ok(Some(Shown::until(page, until, view.made_of, stale)))
        };
        let rendered = tokio::task::spawn_blocking(render).await;
        rendered.map_err(|error| Error::internal("rendering a page", error))?
    }

    /// Forgets a page that cannot be read: another release of this program kept it otherwise. The
    /// next reader asks for it anew.
    async fn forget(&self, name: &NormalizedName) -> Result<()> {
        let gone = name.clone();
        self.db.write(move |c| Ok(pages::remove(c, &gone)?)).await?;
        Err(Error::unavailable(format!("The page of {name} is being read anew; try again.")))
    }
}

/// Why there is nothing new.
enum Failure {
    Upstream(UpstreamError),
    /// It could not be kept.
    Own(Error),
}

fn unavailable(error: &UpstreamError, again: Instant) -> Error {
    let wait = again.saturating_duration_since(Instant::now()).max(Duration::from_secs(1));
    Error::unavailable("The index that this project may come from does not answer; try again.")
        .because(error.clone())
        .retry_after(wait)
}
