//! `cheeseshop copy-to`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::progress::Stages;
use super::{Failure, must_exist, out};
use crate::config::{Config, DatabaseUrl, StorageUrl};
use crate::db::Db;
use crate::error::{Doing, Error, Kind, Result};
use crate::storage::Storage;
use crate::upkeep::copy::{Place, copy};

/// Move the index to another database and storage.
#[derive(Args)]
pub(super) struct CopyTo {
    /// The database to fill: `postgres://…`, or `sqlite:` and a path
    #[arg(long, value_name = "URL", value_parser = database)]
    database_url: DatabaseUrl,
    /// The storage to fill, or the present one: a folder, or `s3://bucket/prefix`, reached by the same
    /// AWS_… variables as the present one would be
    #[arg(long, value_name = "URL", value_parser = storage)]
    storage_url: StorageUrl,
    /// Where to put a copy of the secret key [default beside a database of SQLite: secret.key]
    #[arg(long, value_name = "FILE")]
    secret_key_file: Option<PathBuf>,
}

fn database(text: &str) -> Result<DatabaseUrl, String> {
    // The text may hold a password and is not repeated.
    let words = "not \"postgres://user@host/database\", nor \"sqlite:\" and the path of a file";
    DatabaseUrl::parse(text).ok_or_else(|| words.to_owned())
}

fn storage(text: &str) -> Result<StorageUrl, String> {
    StorageUrl::parse(text).ok_or_else(|| "neither a folder nor \"s3://bucket/prefix\"".to_owned())
}

impl CopyTo {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        must_exist(&config)?;
        if is_same(&config.database_url, &self.database_url) {
            let words = "--database-url is the database of this index itself";
            return Err(Failure::Usage(words.to_owned()));
        }
        let open = |url| Storage::open(url, &config.data, &config.aws);
        let (source, source_storage) =
            (Db::open(&config.database_url, true)?, open(&config.storage_url)?);
        let (target, target_storage) =
            (Db::open(&self.database_url, false)?, open(&self.storage_url)?);
        let key = self.place_key(&config.secret_key_file)?;
        let progress = Arc::new(Stages::default());
        let from = Place { db: &source, storage: &source_storage };
        let to = Place { db: &target, storage: &target_storage };
        let copied = copy(from, to, progress.clone()).await?;
        progress.end();
        for words in &copied.damage {
            out::line(words);
        }
        out::line(format!(
            "copied as of serial {}: {} rows, {} blobs ({} of them came while the rows were copied)",
            copied.serial, copied.rows, copied.blobs, copied.carried
        ));
        if !copied.damage.is_empty() {
            let words = format!("the copy is not whole: {} things are wrong", copied.damage.len());
            return Err(Failure::Failed(words));
        }
        out::note(format!(
            "What is changed here from now on is not in the copy: run the same command again, as \
             long as no server runs on the copy. {key}"
        ));
        Ok(())
    }

    /// Puts the secret key where the copy is; what there is to say about it.
    fn place_key(&self, key: &Path) -> Result<String> {
        let beside = match &self.database_url {
            DatabaseUrl::Sqlite(path) => path.parent().map(|folder| folder.join("secret.key")),
            DatabaseUrl::Postgres(_) => None,
        };
        let Some(place) = self.secret_key_file.clone().or(beside) else {
            let key = key.display();
            return Ok(format!(
                "It needs the same secret key: take {key} there (secret_key_file)."
            ));
        };
        copy_key(key, &place)?;
        Ok(format!("Its secret key is {}.", place.display()))
    }
}

fn is_same(one: &DatabaseUrl, other: &DatabaseUrl) -> bool {
    let absolute = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    match (one, other) {
        (DatabaseUrl::Sqlite(one), DatabaseUrl::Sqlite(other)) => absolute(one) == absolute(other),
        _ => one == other,
    }
}

fn copy_key(from: &Path, to: &Path) -> Result<()> {
    let doing = || format!("copying the secret key to {}", to.display());
    if !from.exists() {
        return Ok(());
    }
    let key = std::fs::read(from).doing(doing)?;
    match std::fs::read(to) {
        Ok(there) if there == key => return Ok(()),
        Ok(_) => {
            let words = format!("{} holds another secret key", to.display());
            return Err(Error::new(Kind::Conflict, "Another key", words));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).doing(doing),
    }
    write_private(to, &key).doing(doing)
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder)?;
    // Such files are made with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|failed| failed.error)?;
    std::fs::File::open(folder)?.sync_all()
}
