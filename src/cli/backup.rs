//! `cheeseshop backup` and `cheeseshop restore`

use std::path::PathBuf;

use clap::Args;

use super::check::{tell, verdict};
use super::progress::Stages;
use super::{Failure, must_exist, out};
use crate::config::{Config, size_for_people};
use crate::db::Db;
use crate::storage::Storage;
use crate::upkeep::backup::{Source, Target, backup, configuration, restore};
use crate::upkeep::check::{How, Index, check};

/// Copy everything while the index serves.
#[derive(Args)]
pub(super) struct Backup {
    /// The folder for the backup: empty, or with an earlier backup, of which only what has changed
    /// is copied
    destination: PathBuf,
}

impl Backup {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        must_exist(&config)?;
        let db = Db::open(&config.database_url, true)?;
        let storage = Storage::open(&config.storage_url, &config.data, &config.aws)?;
        let source = Source {
            db: &db,
            database_url: &config.database_url,
            storage: &storage,
            storage_url: &config.storage_url,
            key_file: &config.secret_key_file,
            config_file: config.file.as_deref(),
        };
        let progress = Stages::default();
        let taken = backup(source, &self.destination, &progress).await?;
        progress.end();
        for words in &taken.lost {
            out::line(words);
        }
        out::line(format!(
            "backed up at serial {}: {} blobs ({} copied, {} linked, {} of before removed)",
            taken.serial, taken.blobs, taken.copied, taken.linked, taken.removed
        ));
        if taken.lost.is_empty() {
            return Ok(());
        }
        let words =
            format!("the index has lost {} blobs; see `cheeseshop check`", taken.lost.len());
        Err(Failure::Failed(words))
    }
}

/// Make an index out of a backup.
#[derive(Args)]
pub(super) struct Restore {
    /// The folder with the backup
    source: PathBuf,
}

impl Restore {
    /// The configuration file of the backup: what is restored is configured as it was.
    pub(super) fn configuration(&self) -> Result<Option<PathBuf>, Failure> {
        Ok(configuration(&self.source)?)
    }

    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        let with_configuration = config.file.is_some() && config.file == self.configuration()?;
        let target = Target {
            data: &config.data,
            database_url: &config.database_url,
            storage_url: &config.storage_url,
            aws: &config.aws,
            key_file: &config.secret_key_file,
            with_configuration,
        };
        let progress = Stages::default();
        let restored = restore(&self.source, target, &progress).await?;
        let db = Db::open(&config.database_url, config.read_only)?;
        let storage = Storage::open(&config.storage_url, &config.data, &config.aws)?;
        let index = Index { db: &db, storage: &storage, key_file: &config.secret_key_file };
        let report = check(index, How::default(), &progress).await?;
        progress.end();
        for words in &restored.damage {
            out::line(words);
        }
        out::line(format!(
            "restored to {} as of {}, serial {}: {} blobs with {}",
            config.data.display(),
            restored.taken_at,
            restored.serial,
            restored.blobs,
            size_for_people(restored.bytes)
        ));
        tell(&report);
        verdict(&report)
    }
}
