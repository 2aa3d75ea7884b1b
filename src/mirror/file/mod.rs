//! The files of mirrored projects: fetched once however many ask, sent on while they come,
//! verified, kept.
//!
//! Nothing here decides what may be fetched: whoever asks has found it on a page.

mod beside;
pub mod evict;
mod fault;
mod fetch;
mod figures;
mod incoming;
mod keep;
mod metadata;
mod progress;
mod promise;
mod read;
pub mod stored;
mod used;
mod wanted;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};

pub use fault::Fault;
pub use figures::Figures;
pub use incoming::Incoming;
pub use progress::{Arrival, Begun};
pub use promise::Promise;
pub use stored::{StoredFile, Totals};
pub use wanted::{METADATA_SUFFIX, Wanted};

use self::progress::Progress;
use self::used::Used;
use super::upstream::Client;
use crate::config::{self, ByteSize};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::packaging::{Blake2b256, NormalizedName};
use crate::simple::PageCache;
use crate::storage::Storage;

/// Files that are fetched at the same time: more than the 50 that one uv asks for at once, and
/// with about a megabyte each of no weight. Others wait for their turn.
const FETCHES: usize = 64;
/// Fetches that run or wait for their turn; who asks for more is told to come again.
const MOST_RUNNING: usize = 4_096;
/// Stands for the number of kept bytes before they were counted: more than may be kept.
const NOT_COUNTED: i64 = i64::MAX / 2;

/// The files of mirrored projects. Cheap to clone.
#[derive(Clone)]
pub struct Files(Arc<Parts>);

struct Parts {
    db: Db,
    storage: Storage,
    means: Means,
    /// Where fetches run: not with whoever asks, who may be gone before they end.
    runtime: Handle,
    running: Mutex<HashMap<String, Arrival>>,
    turns: Semaphore,
    used: Used,
    figures: Figures,
    /// Bytes that are kept for the mirror alone, as far as this process knows.
    kept: AtomicI64,
    is_making_room: AtomicBool,
    pages: OnceLock<Weak<PageCache>>,
}

/// What files are fetched with.
struct Means {
    client: Arc<Client>,
    /// How long upstream may be silent.
    patience: Duration,
    /// Nobody is asked, and only what is stored is served.
    is_offline: bool,
    /// The most bytes that are kept for the mirror alone; none: all.
    max_bytes: Option<ByteSize>,
}

impl Files {
    /// Those of this database and storage. Fetches run on the runtime of whoever calls this.
    ///
    /// An error where there is none.
    pub(super) fn new(
        db: &Db,
        storage: &Storage,
        client: Arc<Client>,
        config: &config::Mirror,
    ) -> Result<Self> {
        let runtime = Handle::try_current()
            .map_err(|error| Error::internal("preparing to fetch files", error))?;
        let means = Means {
            client,
            patience: Duration::from_secs(config.timeout_seconds.0.into()),
            is_offline: config.offline,
            max_bytes: config.max_bytes,
        };
        Ok(Self(Arc::new(Parts {
            db: db.clone(),
            storage: storage.clone(),
            means,
            runtime,
            running: Mutex::default(),
            turns: Semaphore::new(FETCHES),
            used: Used::default(),
            figures: Figures::default(),
            kept: AtomicI64::new(NOT_COUNTED),
            is_making_room: AtomicBool::new(false),
            pages: OnceLock::new(),
        })))
    }

    /// Says by which pages the files are shown: they are forgotten where what they say about a
    /// file changes.
    pub fn shown_by(&self, pages: &Arc<PageCache>) {
        let _ = self.0.pages.set(Arc::downgrade(pages));
    }

    /// What became of fetches.
    pub fn figures(&self) -> &Figures {
        &self.0.figures
    }

    /// Fetches that run or wait for their turn.
    pub fn running(&self) -> usize {
        self.lock().len()
    }

    /// Notes that stored bytes were asked for. Costs next to nothing.
    pub fn note_use(&self, blob: &Blake2b256) {
        if !self.0.used.note(blob) {
            return;
        }
        let files = self.clone();
        self.0.runtime.spawn(async move {
            tokio::time::sleep(used::GATHERED_FOR).await;
            if let Err(error) = files.0.used.write(files.db()).await {
                tracing::warn!(error = error.chain(), "uses of files cannot be written");
            }
        });
    }

    /// Fetches a file of which nobody knows whether it is stored, or joins whoever does so already.
    /// If it is stored after all, nobody is asked.
    pub fn fetch(&self, wanted: Wanted) -> Result<Arrival, Fault> {
        let key = wanted.key();
        let mut running = self.lock();
        if let Some(arrival) = running.get(&key) {
            return Ok(arrival.clone());
        }
        if running.len() >= MOST_RUNNING {
            return Err(Fault::Busy);
        }
        let (progress, arrival) = watch::channel(Progress::default());
        let arrival = Arrival::new(arrival);
        running.insert(key, arrival.clone());
        self.0.runtime.spawn(fetch::run(self.clone(), wanted, progress));
        Ok(arrival)
    }

    fn page_changed(&self, project: &NormalizedName) {
        if let Some(pages) = self.0.pages.get().and_then(Weak::upgrade) {
            pages.changed(project);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arrival>> {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn db(&self) -> &Db {
        &self.0.db
    }

    fn storage(&self) -> &Storage {
        &self.0.storage
    }
}

/// Runs what blocks where blocking is allowed.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::internal("fetching a file", error)),
    }
}
