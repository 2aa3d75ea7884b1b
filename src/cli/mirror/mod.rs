//! `cheeseshop mirror …`

mod fetch;
mod progress;
mod rules;
mod sources;
mod status;

use std::sync::Arc;

use clap::Subcommand;

use super::Failure;
use crate::config::Config;
use crate::db::Db;
use crate::error::Result;
use crate::mirror;
use crate::storage::Storage;

/// What is said where nothing is mirrored.
const OFF: &str = "nothing is taken from other indexes: mirror.upstream is not set";

/// Take in files of other indexes ahead, look at what is kept, and quarantine what is bad
#[derive(Subcommand)]
pub(super) enum Mirror {
    /// Show the indexes that are asked, what is kept of them, and the rules about it
    Status(status::Status),
    /// Fetch files before anybody asks for them, and pin them: they never leave to make room
    Fetch(fetch::Fetch),
    /// Serve nothing of a project any more, or nothing of a version, file or digest
    // `--version` is that of a release here.
    #[command(disable_version_flag = true)]
    Quarantine(rules::Quarantine),
    /// Serve something although it is younger than the cooldown lets it be
    #[command(disable_version_flag = true)]
    Allow(rules::Allow),
    /// Take such a rule back
    Release(rules::Release),
}

impl Mirror {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        match self {
            Self::Status(status) => status.run(&config).await,
            Self::Fetch(fetch) => fetch.run(&config).await,
            Self::Quarantine(quarantine) => quarantine.run(&config).await,
            Self::Allow(allow) => allow.run(&config).await,
            Self::Release(release) => release.run(&config).await,
        }
    }
}

/// The mirror of this configuration.
fn open(config: &Config) -> Result<Arc<mirror::Mirror>, Failure> {
    let db = Db::open(&config.database_url, config.read_only)?;
    let storage = Storage::open(&config.storage_url, &config.data, &config.aws)?;
    let mirror = mirror::Mirror::open(&config.mirror, &db, &storage, "")?;
    mirror.ok_or_else(|| Failure::Failed(OFF.to_owned()))
}
