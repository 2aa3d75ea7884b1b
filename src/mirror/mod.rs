//! The mirror: projects that are not hosted here, taken from other indexes when somebody asks for
//! them.
//!
//! Nothing of it is ever a row of `projects`, `releases` or `files`: pages, files and rules live in
//! tables of their own, and what is shown of them has ids below zero. So a mirrored project can
//! never be merged with one that is hosted here.

pub mod administer;
pub mod changes;
mod claim;
mod figures;
pub mod file;
pub mod fill;
pub mod holdings;
mod metadata;
mod missing;
pub mod page;
pub mod pages;
pub mod policy;
pub mod project;
mod resolve;
pub mod rule;
pub mod state;
pub mod upstream;
pub mod verdict;
pub mod view;

use std::sync::Arc;
use std::time::Duration;

pub use figures::{Count, Figures};
use moka::sync::Cache;
pub use page::{UpstreamFile, UpstreamPage};

use tokio::sync::Mutex;

use crate::config;
use crate::db::Db;
use crate::error::Result;
use crate::packaging::NormalizedName;
use crate::storage::Storage;
use file::Files;
use upstream::Client;

/// How long a turn is remembered: longer than anybody can wait for an answer.
const TURN: Duration = Duration::from_mins(10);

/// What is taken from other indexes, and from which.
pub struct Mirror {
    /// How it is configured.
    pub config: config::Mirror,
    /// The indexes that are asked.
    pub client: Arc<Client>,
    /// Their files.
    pub files: Files,
    /// What was done so far.
    pub figures: Figures,
    missing: missing::Names,
    /// Who asks for a page: one at a time for each project, also where the cache of pages forgot
    /// meanwhile that somebody does.
    turns: Cache<NormalizedName, Arc<Mutex<()>>>,
    db: Db,
    /// The path under which this index lives.
    prefix: String,
}

impl Mirror {
    /// The mirror of an index that lives under the path `prefix`; none where nothing is taken from
    /// anywhere. Reads the files with certificates and passwords. Blocks.
    pub fn open(
        config: &config::Mirror,
        db: &Db,
        storage: &Storage,
        prefix: &str,
    ) -> Result<Option<Arc<Self>>> {
        if !config.is_on() {
            return Ok(None);
        }
        let client = Arc::new(Client::open(config)?);
        Ok(Some(Arc::new(Self {
            files: Files::new(db, storage, client.clone(), config)?,
            client,
            config: config.clone(),
            figures: Figures::default(),
            missing: missing::Names::new(),
            turns: Cache::builder().time_to_idle(TURN).build(),
            db: db.clone(),
            prefix: prefix.to_owned(),
        })))
    }
}
