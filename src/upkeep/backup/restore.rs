//! The way back: a new index out of a backup.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use futures_util::StreamExt;

use super::files;
use super::manifest::{self, CONFIGURATION, DATABASE, KEY, Manifest, Sum};
use super::vault::{is_empty, make_private, open_blobs};
use crate::config::{Aws, DatabaseUrl, FILE_NAME, StorageUrl};
use crate::db::Db;
use crate::error::{Doing, Error, Kind, Result};
use crate::storage::{Part, Storage};
use crate::upkeep::carry::{Carried, Carrier, Route};
use crate::upkeep::hash::on_thread;
use crate::upkeep::progress::Progress;
use crate::upkeep::references;

/// Where the new index is to be: nothing may be there yet.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The data folder.
    pub data: &'a Path,
    /// The database.
    pub database_url: &'a DatabaseUrl,
    /// The blobs.
    pub storage_url: &'a StorageUrl,
    /// How they are reached, where they are to be in a bucket.
    pub aws: &'a Aws,
    /// The secret key.
    pub key_file: &'a Path,
    /// Whether the configuration file of the backup is put into the data folder.
    pub with_configuration: bool,
}

/// What was restored.
#[derive(Debug, Clone, Default)]
pub struct Restored {
    /// The last serial of the journal.
    pub serial: i64,
    /// When the backup was taken.
    pub taken_at: String,
    /// How many blobs.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What is wrong with the backup.
    pub damage: Vec<String>,
}

/// Makes an index out of a backup. Every digest is verified while the bytes are copied; the
/// database comes last, so that nothing serves half an index.
pub async fn restore(
    folder: &Path,
    target: Target<'_>,
    progress: &dyn Progress,
) -> Result<Restored> {
    let manifest = manifest::read(folder)?;
    let database = check_free(target)?;
    check_bucket(target).await?;
    progress.begin("verifying the snapshot", 1);
    verify(&manifest, folder).await?;
    progress.step(1);
    make_private(target.data).doing(|| format!("making {}", target.data.display()))?;
    let blobs = open_blobs(folder)?;
    let storage = Storage::open(target.storage_url, target.data, target.aws)?;
    let snapshot = Db::open_frozen(&manifest.path(folder, DATABASE))?;
    let route = Route { source: &blobs, target: &storage, progress };
    let carried = bring(&snapshot, route).await?;
    place_files(&manifest, folder, target, &database).await?;
    Ok(Restored {
        serial: manifest.serial,
        damage: damage(&manifest, &carried),
        taken_at: manifest.taken_at,
        blobs: carried.blobs,
        bytes: carried.bytes,
    })
}

/// Refuses where anything is already; the path of the database to be.
fn check_free(target: Target<'_>) -> Result<PathBuf> {
    let taken = |what: String| Error::new(Kind::Conflict, "Not empty", what);
    let DatabaseUrl::Sqlite(database) = target.database_url else {
        let words = "a backup is restored into a folder: leave database_url unset, then move it to \
                     PostgreSQL with `cheeseshop copy-to`";
        return Err(taken(words.to_owned()));
    };
    let mut folders = vec![target.data];
    folders.extend(target.storage_url.folder());
    for folder in folders {
        let is_free = match is_empty(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => true,
            other => other.doing(|| format!("looking into {}", folder.display()))?,
        };
        if !is_free {
            let words = "is not empty; restore into a new folder (--data)";
            return Err(taken(format!("{} {words}", folder.display())));
        }
    }
    for file in [database.as_path(), target.key_file] {
        if file.exists() {
            let words = "is there already; a restore replaces nothing";
            return Err(taken(format!("{} {words}", file.display())));
        }
    }
    Ok(database.clone())
}

/// Refuses a bucket that has blobs: they may be those of an index that runs, and the clean-up of
/// either would take those of the other for left over.
async fn check_bucket(target: Target<'_>) -> Result<()> {
    let StorageUrl::S3(bucket) = target.storage_url else { return Ok(()) };
    // Nothing is made in the data folder before the answer is known.
    let scratch = tempfile::tempdir().doing(|| "making a temporary folder".to_owned())?;
    let storage = Storage::open(target.storage_url, scratch.path(), target.aws)?;
    if storage.list().next().await.transpose()?.is_none() {
        return Ok(());
    }
    let words = format!(
        "{bucket} has files already; restore below another prefix of the bucket \
         (CHEESESHOP_STORAGE_URL)"
    );
    Err(Error::new(Kind::Conflict, "Not empty", words))
}

async fn verify(manifest: &Manifest, folder: &Path) -> Result<()> {
    let (manifest, folder) = (manifest.clone(), folder.to_owned());
    on_thread(async move {
        for (name, sum) in &manifest.files {
            check_sum(&manifest.path(&folder, name), sum)?;
        }
        Ok(())
    })
    .await
}

fn check_sum(path: &Path, sum: &Sum) -> Result<()> {
    if Sum::of(path)? == *sum {
        return Ok(());
    }
    let words = format!("{} is not what was backed up: its digest is another one", path.display());
    Err(Error::new(Kind::Invalid, "Altered", words))
}

async fn bring(snapshot: &Db, route: Route<'_>) -> Result<Carried> {
    route.progress.begin("copying the blobs", Part::COUNT);
    let mut carrier = Carrier::new(route);
    for part in Part::all() {
        let wanted = snapshot.read(move |c| Ok(references::of_part(c, part)?)).await?;
        carrier.take(wanted).await?;
    }
    carrier.finish().await
}

async fn place_files(
    manifest: &Manifest,
    folder: &Path,
    target: Target<'_>,
    database: &Path,
) -> Result<()> {
    let mut copies = Vec::new();
    if manifest.files.contains_key(KEY) {
        copies.push((KEY, target.key_file.to_owned()));
    }
    if target.with_configuration && manifest.files.contains_key(CONFIGURATION) {
        copies.push((CONFIGURATION, target.data.join(FILE_NAME)));
    }
    copies.push((DATABASE, database.to_owned()));
    let (manifest, folder) = (manifest.clone(), folder.to_owned());
    on_thread(async move { copies.iter().try_for_each(|it| place(&manifest, &folder, it)) }).await
}

/// Copies a file under another name, verifies the copy, and gives it its own.
fn place(manifest: &Manifest, folder: &Path, (name, to): &(&str, PathBuf)) -> Result<()> {
    let mut unfinished = to.clone().into_os_string();
    unfinished.push(".restoring");
    let unfinished = PathBuf::from(unfinished);
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).doing(|| format!("making {}", parent.display()))?;
    }
    files::copy(&manifest.path(folder, name), &unfinished)?;
    if let Some(sum) = manifest.files.get(*name) {
        check_sum(&unfinished, sum)?;
    }
    files::rename(&unfinished, to)
}

fn damage(manifest: &Manifest, carried: &Carried) -> Vec<String> {
    let missing = carried.missing.iter().map(|digest| {
        let known = manifest.lost.iter().any(|lost| lost == digest.as_str());
        let when = if known { "when the backup was taken" } else { "from the backup" };
        format!("blob {digest}: it was missing {when}")
    });
    let altered = carried.altered.iter();
    let altered = altered.map(|digest| format!("blob {digest}: its bytes are not what they were"));
    missing.chain(altered).collect()
}
