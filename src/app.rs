//! Everything that a running index consists of, built from its configuration alone.

mod sweep;

use std::sync::{Arc, PoisonError, RwLock};

use crate::accounts::letters::Letterhead;
use crate::config::{BearerToken, Config, PublicUrl};
use crate::db::Db;
use crate::domains::asker::Asker;
use crate::downloads::Tally;
use crate::error::Result;
use crate::jobs::Jobs;
use crate::mail::Mailer;
use crate::mirror::Mirror;
use crate::secret::MasterKey;
use crate::simple::{Elsewhere, PageCache};
use crate::site::Site;
use crate::storage::Storage;

/// A running index. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] consists of.
pub struct Parts {
    /// How it is configured.
    pub config: Config,
    /// Where it is reached.
    pub public_url: PublicUrl,
    /// The key that signs and encrypts for it.
    pub key: MasterKey,
    /// Its database.
    pub db: Db,
    /// Its blobs.
    pub storage: Storage,
    /// What runs its periodic jobs.
    pub jobs: Jobs,
    /// How its mails leave.
    pub mailer: Mailer,
    /// What holds for the whole site because an administrator says so.
    pub site: Arc<Site>,
    /// Who is asked about mail domains; none: nobody.
    pub asker: Option<Asker>,
    /// What is taken from other indexes; none: nothing.
    pub mirror: Option<Arc<Mirror>>,
    /// Its ready pages.
    pub pages: Arc<PageCache>,
    /// What is downloaded from it.
    pub downloads: Arc<Tally>,
    /// What opens its figures, which may change while it runs.
    metrics_token: RwLock<Option<BearerToken>>,
}

impl App {
    /// Opens database and storage. `public_url` is what the configuration says, or else follows
    /// from the address that the server really listens on. Blocks.
    pub fn open(config: Config, public_url: PublicUrl) -> Result<Self> {
        let key = MasterKey::open(&config.secret_key_file)?;
        let db = Db::open(&config.database_url, config.read_only)?;
        let storage = Storage::open(&config.storage_url, &config.data, &config.aws)?;
        let (jobs, mailer) = (Jobs::new(db.clone()), Mailer::new(&config)?);
        let asker = Asker::of(&config.domains)?;
        let site = Arc::new(Site::default());
        let mirror = Mirror::open(&config.mirror, &db, &storage, public_url.prefix())?;
        let elsewhere = mirror.clone().map(|mirror| mirror as Arc<dyn Elsewhere>);
        let (cache, prefix) = (config.cache_max_bytes, public_url.prefix());
        let pages = Arc::new(PageCache::new(cache, prefix, elsewhere));
        if let Some(mirror) = &mirror {
            mirror.files.shown_by(&pages);
        }
        let downloads = Arc::default();
        let metrics_token = RwLock::new(config.metrics_token.clone());
        let parts = Parts {
            config,
            public_url,
            key,
            db,
            storage,
            jobs,
            mailer,
            site,
            asker,
            mirror,
            pages,
            downloads,
            metrics_token,
        };
        Ok(Self(Arc::new(parts)))
    }
}

impl Parts {
    /// Refuses where nothing may be changed: by the configuration, or by an administrator.
    pub fn check_writable(&self) -> Result<()> {
        self.db.check_writable()?;
        self.site.check_writable()
    }

    /// What opens `/metrics` at this moment; none: only this machine may read it.
    pub fn metrics_token(&self) -> Option<BearerToken> {
        self.metrics_token.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets what opens `/metrics` from now on.
    pub fn set_metrics_token(&self, token: Option<BearerToken>) {
        *self.metrics_token.write().unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// What the mails of this index begin with.
    pub fn letterhead(&self) -> Letterhead {
        Letterhead { site: self.config.site_name.clone(), url: self.public_url.clone() }
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
