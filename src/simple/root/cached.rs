//! The list in the memory of this process, brought up to date when it is asked for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::{Mutex, Notify};

use super::{Of, Root};
use crate::db::Db;
use crate::error::Result;
use crate::simple::Elsewhere;

/// With more changes waiting than this, a reader gets the list as it was while they are worked
/// in: at most a few seconds' worth of uploads.
const MOST_INLINE: u64 = 64;

/// The list, once it was asked for.
#[derive(Clone, Default)]
pub(in crate::simple) struct CachedRoot(Arc<State>);

#[derive(Default)]
struct State {
    prefix: String,
    elsewhere: Option<Arc<dyn Elsewhere>>,
    current: RwLock<Option<Kept>>,
    /// Changes that this process was told of, ever.
    changes: AtomicU64,
    /// Tells whoever brings the list up to date in the background.
    changed: Notify,
    /// Held by whoever brings the list up to date.
    updating: Mutex<()>,
}

#[derive(Clone)]
struct Kept {
    root: Arc<Root>,
    /// The number of changes that were known before it was read.
    changes: u64,
}

impl CachedRoot {
    pub(in crate::simple) fn new(prefix: &str, elsewhere: Option<Arc<dyn Elsewhere>>) -> Self {
        Self(Arc::new(State { prefix: prefix.to_owned(), elsewhere, ..State::default() }))
    }

    /// Notes that something changed, and is committed.
    pub(in crate::simple) fn changed(&self) {
        self.0.changes.fetch_add(1, Ordering::SeqCst);
        self.0.changed.notify_one();
    }

    /// Waits for the next change; one that nobody waited for counts.
    pub(in crate::simple) async fn next_change(&self) {
        self.0.changed.notified().await;
    }

    /// The list, with everything in it that this process knew of before the call. Behind many
    /// changes at once it may lag by as long as it takes to work them in.
    pub(in crate::simple) async fn get(&self, db: &Db) -> Result<Arc<Root>> {
        if let Some(kept) = self.kept() {
            let waiting = self.0.changes.load(Ordering::SeqCst).saturating_sub(kept.changes);
            if waiting == 0 {
                return Ok(kept.root);
            }
            if waiting > MOST_INLINE {
                self.keep_ready(db);
                return Ok(kept.root);
            }
        }
        self.update(db).await
    }

    /// Works in what changed, in the background, unless somebody is about it. Whether there was
    /// nothing to work in.
    pub(in crate::simple) fn keep_ready(&self, db: &Db) -> bool {
        let changes = self.0.changes.load(Ordering::SeqCst);
        let is_ready = self.kept().is_some_and(|kept| kept.changes == changes);
        if is_ready || self.0.updating.try_lock().is_err() {
            return is_ready;
        }
        let (this, db) = (self.clone(), db.clone());
        tokio::spawn(async move {
            if let Err(error) = this.update(&db).await {
                tracing::warn!(error = error.chain(), "the index cannot be updated");
            }
        });
        false
    }

    /// The serial that the list shows, 0 before it was made.
    pub(in crate::simple) fn serial(&self) -> i64 {
        self.kept().map_or(0, |kept| kept.root.serial)
    }

    fn kept(&self) -> Option<Kept> {
        self.0.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, root: Arc<Root>, changes: u64) {
        let kept = Some(Kept { root, changes });
        *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = kept;
    }

    /// Works in what changed; whoever comes meanwhile waits and gets the result.
    async fn update(&self, db: &Db) -> Result<Arc<Root>> {
        let wanted = self.0.changes.load(Ordering::SeqCst);
        let guard = self.0.updating.lock().await;
        let old = match self.kept() {
            Some(kept) if kept.changes >= wanted => return Ok(kept.root),
            kept => kept.map(|kept| kept.root),
        };
        let changes = self.0.changes.load(Ordering::SeqCst);
        let (prefix, elsewhere) = (self.0.prefix.clone(), self.0.elsewhere.clone());
        let work = move |c: &mut _| {
            let of = Of { prefix: &prefix, elsewhere: elsewhere.as_deref() };
            match old {
                Some(old) => old.update(c, &of),
                None => Root::load(c, &of),
            }
        };
        let root = Arc::new(db.read(work).await?);
        self.keep(root.clone(), changes);
        if root.is_deflated {
            return Ok(root);
        }
        drop(guard);
        self.deflate(root.clone());
        Ok(root)
    }

    /// Compresses a new list in the background: it is sent as it is until that is done.
    fn deflate(&self, root: Arc<Root>) {
        let this = self.clone();
        tokio::spawn(async move {
            let deflated = tokio::task::spawn_blocking(move || root.deflate()).await;
            let Ok(deflated) = deflated else { return };
            let _guard = this.0.updating.lock().await;
            // A newer list shares most of the blocks, which are compressed now.
            let Some(kept) = this.kept() else { return };
            let newest = if kept.root.is_same(&deflated) { deflated } else { kept.root.deflate() };
            this.keep(Arc::new(newest), kept.changes);
        });
    }
}
