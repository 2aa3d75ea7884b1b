//! The cache of ready pages.
//!
//! A page lives in a *slot*. Readers share the slot, and the first of them fills it from the
//! database while the others wait. A change takes the slot out of the cache: who was waiting in
//! it asked before the change was acknowledged and may get either state, who comes later finds
//! no slot, makes a new one, and reads what was committed. So no page is ever put into the cache
//! after the change that makes it stale.
//!
//! Pages of projects that are not hosted here live in the same slots: whatever makes a name one of
//! ours takes them out of the cache like any other page. Beside that they hold for a time, and as
//! long as no rule about them changes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::ops::compute::{CompResult, Op};
use moka::sync::Cache;
use tokio::sync::OnceCell;

use super::confirmed::Confirmed;
use super::elsewhere::Elsewhere;
use super::html;
use super::page::ProjectPage;
use super::ready::Form;
use super::rendered::Rendered;
use super::root::{CachedRoot, Root};
use super::shown::Shown;
use crate::config::ByteSize;
use crate::count::Count;
use crate::db::Db;
use crate::db::news::Moment;
use crate::error::{Error, Result};
use crate::packaging::NormalizedName;

/// What a slot weighs beside its page: keys, pointers and the cache's own records.
const SLOT_OVERHEAD: usize = 512;

/// What is shown of one name, once somebody has asked for it.
#[derive(Default)]
struct Slot {
    /// What was shown before and does not hold any more, until there is something new.
    before: Mutex<Option<Shown>>,
    now: OnceCell<Option<Shown>>,
}

impl Slot {
    fn shown(&self) -> Option<&Shown> {
        self.now.get().and_then(Option::as_ref)
    }

    /// Whether what it shows may be shown no longer.
    fn is_over(&self, epoch: u64) -> bool {
        self.shown().is_some_and(|shown| !shown.holds(epoch))
    }
}

type Slots = Cache<NormalizedName, Arc<Slot>>;

/// What a cache keeps.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    /// Project pages.
    pub pages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The serial that the list of all projects shows; 0 where nobody asked for it yet.
    pub root_serial: i64,
    /// How often a page was not there and was made.
    pub made: u64,
}

/// Ready pages of this index, bounded by their bytes.
pub struct PageCache {
    projects: Slots,
    root: CachedRoot,
    prefix: Arc<str>,
    confirmed: Confirmed,
    elsewhere: Option<Arc<dyn Elsewhere>>,
    /// How often the rules about pages from elsewhere changed.
    epoch: Arc<AtomicU64>,
    made: Arc<Count>,
}

impl PageCache {
    /// An empty cache. `prefix` is the path under which the index lives; `elsewhere` has the pages
    /// of projects that are not hosted here.
    pub fn new(max_bytes: ByteSize, prefix: &str, elsewhere: Option<Arc<dyn Elsewhere>>) -> Self {
        let projects = Cache::builder()
            .max_capacity(max_bytes.0)
            .weigher(|_: &NormalizedName, slot: &Arc<Slot>| weight(slot))
            .build();
        Self {
            projects,
            root: CachedRoot::new(&html::escaped(prefix), elsewhere.clone()),
            prefix: prefix.into(),
            confirmed: Confirmed::default(),
            elsewhere,
            epoch: Arc::default(),
            made: Arc::default(),
        }
    }

    /// The page of a project if it is ready in that form; nothing is ready under a name that is not
    /// normalized. Touches nothing but memory.
    pub fn ready(&self, name: &str, form: Form) -> Option<Shown> {
        let slot = self.projects.get(name)?;
        let shown = slot.shown().filter(|shown| shown.holds(self.epoch.load(Ordering::SeqCst)))?;
        shown.form(form).is_some().then(|| shown.clone())
    }

    /// The page of a project, with that form of it; `None` where there is no such project.
    pub async fn project(
        &self,
        db: &Db,
        name: &NormalizedName,
        form: Form,
    ) -> Result<Option<Shown>> {
        let Some(shown) = self.load(db, name, form).await? else { return Ok(None) };
        if shown.form(form).is_none() {
            let rendering = shown.page().clone();
            blocking(move || rendering.render(form)).await?;
        }
        Ok(Some(shown))
    }

    async fn load(&self, db: &Db, name: &NormalizedName, form: Form) -> Result<Option<Shown>> {
        let slot = self.slot(name);
        if let Some(shown) = slot.now.get() {
            return Ok(shown.clone());
        }
        let loader = self.loader(db, name, form);
        let shown = if self.elsewhere.is_some() {
            // What was asked elsewhere is waited for to its end, whoever gives up meanwhile.
            let filled = slot.clone();
            let task = tokio::spawn(async move { loader.fill(&filled).await });
            task.await.map_err(|error| Error::internal("loading a page", error))??
        } else {
            loader.fill(&slot).await?
        };
        settle(&self.projects, name, &slot);
        if let Some(shown) = shown.as_ref().filter(|shown| shown.is_left_to_finish()) {
            self.finish_later(name, slot, shown.page().clone());
        }
        Ok(shown)
    }

    /// The slot of a name: the one that is there, unless what it shows is over.
    fn slot(&self, name: &NormalizedName) -> Arc<Slot> {
        let fresh = || self.projects.get_with_by_ref(name, Arc::default);
        let slot = self.projects.get(name).unwrap_or_else(fresh);
        let epoch = self.epoch.load(Ordering::SeqCst);
        if !slot.is_over(epoch) {
            return slot;
        }
        let before = Mutex::new(slot.shown().cloned());
        let next = Arc::new(Slot { before, now: OnceCell::new() });
        let found = self.projects.entry_by_ref(name).and_compute_with(|entry| match entry {
            Some(entry) if Arc::ptr_eq(entry.value(), &slot) => Op::Put(next),
            // Somebody else did it, or the project has changed.
            Some(_) => Op::Nop,
            None => Op::Put(Arc::default()),
        });
        match found {
            CompResult::Inserted(entry)
            | CompResult::ReplacedWith(entry)
            | CompResult::Unchanged(entry)
            | CompResult::Removed(entry) => entry.into_value(),
            CompResult::StillNone(_) => fresh(),
        }
    }

    fn loader(&self, db: &Db, name: &NormalizedName, form: Form) -> Loader {
        let (db, name, prefix) = (db.clone(), name.clone(), self.prefix.clone());
        let (elsewhere, epoch) = (self.elsewhere.clone(), self.epoch.clone());
        Loader { db, name, form, prefix, elsewhere, epoch, made: self.made.clone() }
    }

    /// The list of all projects.
    pub async fn root(&self, db: &Db) -> Result<Arc<Root>> {
        self.root.get(db).await
    }

    /// Makes the list of all projects, or brings it up to date, in the background. Whether there was
    /// nothing to do.
    pub(super) fn keep_root_ready(&self, db: &Db) -> bool {
        self.root.keep_ready(db)
    }

    /// Forgets what shows a project: it was changed, and the change is committed.
    pub fn changed(&self, name: &NormalizedName) {
        self.projects.invalidate(name);
        self.root.changed();
    }

    /// Forgets what is shown of projects that are not hosted here: a rule about them was changed.
    pub fn rules_changed(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.root.changed();
    }

    /// Notes that other names than before are listed from elsewhere.
    pub fn names_changed(&self) {
        self.root.changed();
    }

    /// Forgets what shows a project, as changes up to that serial were found in the journal: unless
    /// it shows them already, as after a change that this process made itself.
    pub(super) fn changed_up_to(&self, name: &NormalizedName, serial: i64) {
        let slot = self.projects.get(name);
        let page = slot.as_ref().and_then(|slot| slot.now.get()?.as_ref());
        if page.is_none_or(|page| page.serial < serial) {
            self.projects.invalidate(name);
        }
        if self.root.serial() < serial {
            self.root.changed();
        }
    }

    /// What is kept in memory at the moment.
    pub fn kept(&self) -> Kept {
        let (pages, bytes) = (self.projects.entry_count(), self.projects.weighted_size());
        Kept { pages, bytes, root_serial: self.root.serial(), made: self.made.get() }
    }

    /// Notes when somebody last looked whether there may be changes, where somebody does.
    pub(super) fn looked_at(&self, looked: Option<Arc<Moment>>) {
        if let Some(looked) = looked {
            self.confirmed.looked_at(looked);
        }
    }

    /// Waits until the list of all projects may have to be brought up to date.
    pub(super) async fn root_changed(&self) {
        self.root.next_change().await;
    }

    /// Notes that there may be changes from now on that this process does not know of.
    pub(super) fn begin_to_confirm(&self) {
        self.confirmed.begin();
    }

    /// Notes that this process knows of every change up to the last question.
    pub(super) fn confirm(&self) {
        self.confirmed.end();
    }

    /// For how long changes by others could not be seen, because the database does not answer:
    /// pages may be so old. None while all is well.
    pub fn age(&self) -> Option<Duration> {
        self.confirmed.age()
    }

    /// Finishes a large page off the threads that serve, and weighs it anew.
    fn finish_later(&self, name: &NormalizedName, slot: Arc<Slot>, page: Arc<Rendered>) {
        let (projects, name) = (self.projects.clone(), name.clone());
        tokio::task::spawn_blocking(move || {
            if let Err(error) = page.finish() {
                tracing::error!(error = error.chain(), "a page cannot be finished");
            }
            settle(&projects, &name, &slot);
        });
    }
}

/// What it takes to fill a slot.
struct Loader {
    db: Db,
    name: NormalizedName,
    form: Form,
    prefix: Arc<str>,
    elsewhere: Option<Arc<dyn Elsewhere>>,
    epoch: Arc<AtomicU64>,
    made: Arc<Count>,
}

impl Loader {
    /// Fills it, unless somebody else does; what it shows then.
    async fn fill(self, slot: &Slot) -> Result<Option<Shown>> {
        let before = || slot.before.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = slot
            .now
            .get_or_try_init(|| {
                let known = before().clone();
                self.load(known)
            })
            .await?;
        *before() = None;
        Ok(shown.clone())
    }

    async fn load(self, before: Option<Shown>) -> Result<Option<Shown>> {
        // Rules that change from now on may or may not have been minded.
        let epoch = self.epoch.load(Ordering::SeqCst);
        self.made.one();
        let (name, prefix, form) = (self.name.clone(), self.prefix, self.form);
        let hosted = self.db.read(move |c| {
            let Some(page) = ProjectPage::load(c, &name)? else { return Ok(None) };
            Rendered::project(page, &prefix, form).map(Arc::new).map(Some)
        });
        if let Some(page) = hosted.await? {
            return Ok(Some(Shown::hosted(page)));
        }
        let Some(elsewhere) = self.elsewhere else { return Ok(None) };
        let shown = elsewhere.page(self.name, self.form, before).await?;
        Ok(shown.map(|shown| shown.in_epoch(epoch)))
    }
}

/// Weighs a slot anew now that it is filled, if it is still in the cache; a slot without a page
/// leaves it, so that asking for names that do not exist fills nothing.
fn settle(projects: &Slots, name: &NormalizedName, filled: &Arc<Slot>) {
    let is_empty = filled.shown().is_none();
    projects.entry_by_ref(name).and_compute_with(|entry| match entry {
        Some(entry) if !Arc::ptr_eq(entry.value(), filled) => Op::Nop,
        Some(_) if is_empty => Op::Remove,
        Some(_) => Op::Put(filled.clone()),
        None => Op::Nop,
    });
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::internal("rendering a page", error))?
}

fn weight(slot: &Slot) -> u32 {
    let page = slot.shown().map_or(0, |shown| shown.size());
    u32::try_from(page + SLOT_OVERHEAD).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::journal::{Action, Change, write};
    use crate::catalog::project::Project;
    use crate::config::DatabaseUrl;
    use crate::packaging::ProjectName;
    use crate::time;

    async fn add(db: &Db, text: &'static str) -> Result<()> {
        db.write(move |c| {
            let name = ProjectName::parse(text).ok_or_else(|| Error::not_found("name"))?;
            let found = Project::by_name(c, &name.normalized())?.map(|project| project.id);
            let project = match found {
                Some(id) => id,
                None => Project::create(c, &name, time::now())?,
            };
            let actions = &[Action::Create];
            let change = Change { project, name: &name, version: None, actor: "a", actions };
            write(c, &change, time::now())?;
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn a_page_is_kept_until_its_project_changes() -> Result<()> {
        let folder = tempfile::tempdir().map_err(|error| Error::internal("tempdir", error))?;
        let db = Db::open(&DatabaseUrl::Sqlite(folder.path().join("x.db")), false)?;
        let cache = PageCache::new(ByteSize::mib(1), "", None);
        let name = NormalizedName::parse("a").ok_or_else(|| Error::not_found("name"))?;
        assert!(cache.project(&db, &name, Form::Json).await?.is_none());
        add(&db, "a").await?;
        let serial = |page: Option<Shown>| page.map(|page| page.serial);
        assert_eq!(serial(cache.project(&db, &name, Form::Json).await?), Some(1));
        add(&db, "A").await?;
        assert_eq!(serial(cache.project(&db, &name, Form::Json).await?), Some(1));
        assert_eq!(cache.root(&db).await?.serial, 2);
        cache.changed_up_to(&name, 1);
        assert_eq!(serial(cache.project(&db, &name, Form::Json).await?), Some(1));
        cache.changed_up_to(&name, 2);
        assert_eq!(serial(cache.project(&db, &name, Form::Json).await?), Some(2));
        add(&db, "a").await?;
        cache.changed(&name);
        assert_eq!(serial(cache.project(&db, &name, Form::Json).await?), Some(3));
        Ok(())
    }

    #[test]
    fn a_slot_that_left_the_cache_does_not_come_back() {
        let cache = PageCache::new(ByteSize::mib(1), "", None);
        let Some(name) = NormalizedName::parse("a") else { panic!("name") };
        let slot = cache.projects.get_with_by_ref(&name, Arc::default);
        cache.changed(&name);
        settle(&cache.projects, &name, &slot);
        assert!(cache.projects.get(&name).is_none());
    }
}
