//! The cache of ready pages.
//!
//! A page lives in a *slot*. Readers share the slot, and the first of them fills it from the
//! database while the others wait. A change takes the slot out of the cache: who was waiting in
//! it asked before the change was acknowledged and may get either state, who comes later finds
//! no slot, makes a new one, and reads what was committed. So no page is ever put into the cache
//! after the change that makes it stale.

use std::sync::Arc;
use std::time::Duration;

use moka::ops::compute::Op;
use moka::sync::Cache;
use tokio::sync::OnceCell;

use super::confirmed::Confirmed;
use super::html;
use super::page::ProjectPage;
use super::ready::Form;
use super::rendered::Rendered;
use super::root::{CachedRoot, Root};
use crate::config::ByteSize;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::packaging::NormalizedName;

/// What a slot weighs beside its page: keys, pointers and the cache's own records.
const SLOT_OVERHEAD: usize = 512;

type Slot = Arc<OnceCell<Option<Arc<Rendered>>>>;

/// What a cache keeps.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    /// Project pages.
    pub pages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The serial that the list of all projects shows; 0 where nobody asked for it yet.
    pub root_serial: i64,
}

/// Ready pages of this index, bounded by their bytes.
pub struct PageCache {
    projects: Cache<NormalizedName, Slot>,
    root: CachedRoot,
    prefix: String,
    confirmed: Confirmed,
}

impl PageCache {
    /// An empty cache. `prefix` is the path under which the index lives.
    pub fn new(max_bytes: ByteSize, prefix: &str) -> Self {
        let projects = Cache::builder()
            .max_capacity(max_bytes.0)
            .weigher(|_: &NormalizedName, slot: &Slot| weight(slot))
            .build();
        Self {
            projects,
            root: CachedRoot::new(&html::escaped(prefix)),
            prefix: prefix.to_owned(),
            confirmed: Confirmed::default(),
        }
    }

    /// The page of a project if it is ready in that form. Touches nothing but memory.
    pub fn ready(&self, name: &NormalizedName, form: Form) -> Option<Arc<Rendered>> {
        let slot = self.projects.get(name)?;
        let page = slot.get()?.clone()?;
        page.form(form).is_some().then_some(page)
    }

    /// The page of a project, with that form of it; `None` where there is no such project.
    pub async fn project(
        &self,
        db: &Db,
        name: &NormalizedName,
        form: Form,
    ) -> Result<Option<Arc<Rendered>>> {
        let Some(page) = self.load(db, name, form).await? else { return Ok(None) };
        if page.form(form).is_none() {
            let (page, rendering) = (page.clone(), page.clone());
            blocking(move || rendering.render(form)).await?;
            return Ok(Some(page));
        }
        Ok(Some(page))
    }

    async fn load(
        &self,
        db: &Db,
        name: &NormalizedName,
        form: Form,
    ) -> Result<Option<Arc<Rendered>>> {
        let slot = match self.projects.get(name) {
            Some(slot) => slot,
            None => self.projects.get_with_by_ref(name, Slot::default),
        };
        if let Some(page) = slot.get() {
            return Ok(page.clone());
        }
        let page = slot.get_or_try_init(|| self.load_project(db, name, form)).await?.clone();
        settle(&self.projects, name, &slot);
        if let Some(page) = page.clone().filter(|page| page.is_left_to_finish()) {
            self.finish_later(name, slot, page);
        }
        Ok(page)
    }

    /// The list of all projects.
    pub async fn root(&self, db: &Db) -> Result<Arc<Root>> {
        self.root.get(db).await
    }

    /// Makes the list of all projects, or brings it up to date, in the background.
    pub(super) fn keep_root_ready(&self, db: &Db) {
        self.root.keep_ready(db);
    }

    /// Forgets what shows a project: it was changed, and the change is committed.
    pub fn changed(&self, name: &NormalizedName) {
        self.projects.invalidate(name);
        self.root.changed();
    }

    /// Forgets what shows a project, as changes up to that serial were found in the journal: unless
    /// it shows them already, as after a change that this process made itself.
    pub(super) fn changed_up_to(&self, name: &NormalizedName, serial: i64) {
        let slot = self.projects.get(name);
        let page = slot.as_ref().and_then(|slot| slot.get()?.as_ref());
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
        Kept { pages, bytes, root_serial: self.root.serial() }
    }

    /// Forgets everything.
    pub fn all_changed(&self) {
        self.projects.invalidate_all();
        self.root.changed();
    }

    /// Notes that this process knows of every change up to now.
    pub(super) fn confirm(&self) {
        self.confirmed.now();
    }

    /// For how long changes by others could not be seen, because the database does not answer:
    /// pages may be so old. None while all is well.
    pub fn age(&self) -> Option<Duration> {
        self.confirmed.age()
    }

    /// Finishes a large page off the threads that serve, and weighs it anew.
    fn finish_later(&self, name: &NormalizedName, slot: Slot, page: Arc<Rendered>) {
        let (projects, name) = (self.projects.clone(), name.clone());
        tokio::task::spawn_blocking(move || {
            if let Err(error) = page.finish() {
                tracing::error!(error = error.chain(), "a page cannot be finished");
            }
            settle(&projects, &name, &slot);
        });
    }

    async fn load_project(
        &self,
        db: &Db,
        name: &NormalizedName,
        form: Form,
    ) -> Result<Option<Arc<Rendered>>> {
        let (name, prefix) = (name.clone(), self.prefix.clone());
        db.read(move |c| {
            let Some(page) = ProjectPage::load(c, &name)? else { return Ok(None) };
            Rendered::project(page, &prefix, form).map(Arc::new).map(Some)
        })
        .await
    }
}

/// Weighs a slot anew now that it is filled, if it is still in the cache; a slot without a page
/// leaves it, so that asking for names that do not exist fills nothing.
fn settle(projects: &Cache<NormalizedName, Slot>, name: &NormalizedName, filled: &Slot) {
    let is_empty = filled.get().is_none_or(Option::is_none);
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
    let page = slot.get().and_then(Option::as_ref).map_or(0, |page| page.size());
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
        let cache = PageCache::new(ByteSize::mib(1), "");
        let name = NormalizedName::parse("a").ok_or_else(|| Error::not_found("name"))?;
        assert!(cache.project(&db, &name, Form::Json).await?.is_none());
        add(&db, "a").await?;
        let serial = |page: Option<Arc<Rendered>>| page.map(|page| page.serial);
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
        let cache = PageCache::new(ByteSize::mib(1), "");
        let Some(name) = NormalizedName::parse("a") else { panic!("name") };
        let slot = cache.projects.get_with_by_ref(&name, Slot::default);
        cache.changed(&name);
        settle(&cache.projects, &name, &slot);
        assert!(cache.projects.get(&name).is_none());
    }
}
