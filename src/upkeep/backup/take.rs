//! Taking a backup.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use super::manifest::{CONFIGURATION, DATABASE, KEY, Manifest, Sum};
use super::vault::{SNAPSHOTS, Vault};
use super::{files, manifest, vault};
use crate::catalog::journal;
use crate::config::{DatabaseUrl, StorageUrl};
use crate::db::{self, Db};
use crate::error::{Doing, Error, Kind, Result};
use crate::packaging::Blake2b256;
use crate::storage::{Part, Storage, Stored};
use crate::time;
use crate::upkeep::carry::{Carried, Carrier, Route};
use crate::upkeep::compare::compare;
use crate::upkeep::hash::on_thread;
use crate::upkeep::progress::Progress;
use crate::upkeep::references::{self, Reference};

/// How often a backup starts again because files were deleted from the index before their bytes
/// were copied. What is there already is not copied again, so that the second try is short.
const ROUNDS: usize = 5;

/// What is backed up.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The database as it is in use.
    pub db: &'a Db,
    /// Where it is.
    pub database_url: &'a DatabaseUrl,
    /// The blobs.
    pub storage: &'a Storage,
    /// Where they are.
    pub storage_url: &'a StorageUrl,
    /// The secret key.
    pub key_file: &'a Path,
    /// The configuration file, if there is one.
    pub config_file: Option<&'a Path>,
}

/// What a backup consists of now.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// The last serial of its journal.
    pub serial: i64,
    /// All of its blobs.
    pub blobs: u64,
    /// Those that were copied this time.
    pub copied: u64,
    /// Those that were linked this time.
    pub linked: u64,
    /// Blobs of the backup before that do not belong to this one.
    pub removed: u64,
    /// What the index has lost: the files, with what is wrong with them.
    pub lost: Vec<String>,
}

/// Backs an index up, which may be in use. Until all is there, the backup before is the valid one.
pub async fn backup(source: Source<'_>, folder: &Path, progress: &dyn Progress) -> Result<Taken> {
    check_kind(source)?;
    check_place(source, folder)?;
    let vault = Vault::open(folder)?;
    for _ in 0..ROUNDS {
        progress.begin("copying the database", 1);
        let snapshot = Snapshot::take(source, &vault).await?;
        progress.step(1);
        check_history(&vault, &snapshot).await?;
        let mut taken = Taken { serial: snapshot.serial, ..Taken::default() };
        let carried = fetch(source, &vault, &snapshot, &mut taken, progress).await?;
        if let Some(lost) = lost(source, &carried).await? {
            return finish(&vault, snapshot, taken, lost).await;
        }
        remove_snapshot(&vault, &snapshot.name)?;
    }
    let words = "files are deleted from the index faster than they can be copied; try again later";
    Err(Error::new(Kind::Conflict, "Too much changes", words))
}

/// What has tools of its own is left to them: a copy made through us would be slower, and no
/// better.
fn check_kind(source: Source<'_>) -> Result<()> {
    let is_folder = source.storage_url.folder().is_some();
    let is_embedded = matches!(source.database_url, DatabaseUrl::Sqlite(_));
    if is_folder && is_embedded {
        return Ok(());
    }
    let words = "this index is not embedded: back PostgreSQL up with pg_dump first, then the blobs \
                 (of a bucket by its own versioning or replication, of a folder by any copy), and \
                 keep the secret key with them; after restoring all three, run `cheeseshop check`";
    Err(Error::new(Kind::Invalid, "Not embedded", words))
}

/// A backup among the blobs would be taken for some of them.
fn check_place(source: Source<'_>, folder: &Path) -> Result<()> {
    let Some(blobs) = source.storage_url.folder() else { return Ok(()) };
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if absolute(folder).starts_with(absolute(blobs)) {
        let words = format!("{} lies in the storage of the index itself", folder.display());
        return Err(Error::new(Kind::Invalid, "Inside", words));
    }
    Ok(())
}

/// The database at one moment, and what goes with it.
struct Snapshot {
    /// Its folder below that of the backup.
    name: String,
    db: Db,
    taken_at: String,
    serial: i64,
}

impl Snapshot {
    async fn take(source: Source<'_>, vault: &Vault) -> Result<Self> {
        let now = time::now();
        let name = format!("{SNAPSHOTS}/{}-{:08x}", time::compact(now), rand::random::<u32>());
        let folder = vault.folder.join(&name);
        let (url, key) = (source.database_url.clone(), source.key_file.to_owned());
        let config = source.config_file.map(Path::to_owned);
        let db = on_thread(async move {
            vault::make_private(&folder).doing(|| format!("making {}", folder.display()))?;
            db::snapshot(&url, &folder.join(DATABASE))?;
            if key.exists() {
                files::copy(&key, &folder.join(KEY))?;
            }
            if let Some(config) = config {
                files::copy(&config, &folder.join(CONFIGURATION))?;
            }
            Db::open_frozen(&folder.join(DATABASE))
        })
        .await?;
        let serial = db.read(|c| Ok(journal::last_serial(c)?)).await?;
        Ok(Self { name, db, taken_at: time::iso(now), serial })
    }
}

/// The backup before must be one of the same index: its last change must be in the journal still.
/// Another one would be lost by a slip of the hand.
async fn check_history(vault: &Vault, snapshot: &Snapshot) -> Result<()> {
    let Ok(before) = manifest::read(&vault.folder) else { return Ok(()) };
    let Ok(db) = Db::open_frozen(&before.path(&vault.folder, DATABASE)) else { return Ok(()) };
    let serial = before.serial;
    // One that cannot be read is no loss.
    let Ok(known) = last_change(&db, serial).await else { return Ok(()) };
    if known == last_change(&snapshot.db, serial).await? {
        return Ok(());
    }
    let folder = vault.folder.display();
    remove_snapshot(vault, &snapshot.name)?;
    let words = format!(
        "{folder} holds a backup of another index, or of a later state of this one: give another \
         folder, or remove that one yourself"
    );
    Err(Error::new(Kind::Conflict, "Another backup", words))
}

async fn last_change(db: &Db, serial: i64) -> Result<Option<(String, String, time::Time)>> {
    let found = db.read(move |c| Ok(journal::since(c, serial - 1, 1)?)).await?;
    let row = found.into_iter().find(|row| row.serial == serial);
    Ok(row.map(|row| (row.project, row.action, row.at)))
}

fn remove_snapshot(vault: &Vault, name: &str) -> Result<()> {
    fs::remove_dir_all(vault.folder.join(name)).doing(|| format!("removing {name}"))
}

/// Brings every blob that the snapshot refers to and the backup lacks.
async fn fetch(
    source: Source<'_>,
    vault: &Vault,
    snapshot: &Snapshot,
    taken: &mut Taken,
    progress: &dyn Progress,
) -> Result<Carried> {
    progress.begin("copying the blobs", Part::COUNT);
    let route = Route { source: source.storage, target: &vault.blobs, progress };
    let mut carrier = Carrier::new(route);
    for part in Part::all() {
        let wanted = snapshot.db.read(move |c| Ok(references::of_part(c, part)?)).await?;
        taken.blobs += wanted.len() as u64;
        let here = compare(&vault.blobs, part, wanted.clone()).await?;
        let mut lacking = here.missing;
        lacking.extend(here.altered.into_iter().map(|(reference, _)| reference));
        let mut rest = Vec::new();
        if !lacking.is_empty() {
            let there = compare(source.storage, part, wanted).await?.there;
            let linked;
            (linked, rest) = link(route, lacking, &there).await?;
            taken.linked += linked;
        }
        carrier.take(rest).await?;
    }
    let carried = carrier.finish().await?;
    taken.copied += carried.blobs;
    Ok(carried)
}

/// Links what is there and has its size; the others are left to be copied. How many were linked.
async fn link(
    route: Route<'_>,
    lacking: Vec<Reference>,
    there: &[(Reference, Stored)],
) -> Result<(u64, Vec<Reference>)> {
    let there: HashSet<[u8; 32]> = there.iter().map(|(reference, _)| reference.digest).collect();
    let can = |it: &&Reference| there.contains(&it.digest);
    let digests: Vec<_> = lacking.iter().filter(can).map(|it| it.digest.into()).collect();
    let (source, target) = (route.source.clone(), route.target.clone());
    let tried = digests.len();
    let rest = on_thread(async move { source.link_all(digests, &target) }).await?;
    let linked = tried - rest.len();
    let rest: HashSet<[u8; 32]> = rest.iter().map(Blake2b256::to_bytes).collect();
    let left = |it: &Reference| rest.contains(&it.digest) || !there.contains(&it.digest);
    Ok((linked as u64, lacking.into_iter().filter(left).collect()))
}

/// What the index itself has lost among the blobs that could not be copied. `None`: some of them
/// were only deleted meanwhile, so that the snapshot has to be taken again.
async fn lost(source: Source<'_>, carried: &Carried) -> Result<Option<Vec<(Blake2b256, String)>>> {
    let missing = carried.missing.iter().map(|digest| (digest, "its bytes are missing"));
    let altered = carried.altered.iter().map(|digest| (digest, "its bytes are not what they were"));
    let mut lost = Vec::new();
    for (digest, what) in missing.chain(altered) {
        let wanted = digest.clone();
        let referrers = source.db.read(move |c| Ok(references::referrers(c, &wanted)?)).await?;
        let Some(first) = referrers.first() else { return Ok(None) };
        lost.push((digest.clone(), format!("{}: {what} (blob {digest})", first.words(digest))));
    }
    Ok(Some(lost))
}

/// Makes the snapshot the backup, and removes what belonged to the one before.
async fn finish(
    vault: &Vault,
    snapshot: Snapshot,
    taken: Taken,
    lost: Vec<(Blake2b256, String)>,
) -> Result<Taken> {
    let Snapshot { name, db, taken_at, serial } = snapshot;
    let (digests, words): (Vec<_>, Vec<_>) = lost.into_iter().unzip();
    let mut manifest = Manifest::new(name.clone(), taken_at, serial);
    manifest.lost = digests.iter().map(ToString::to_string).collect();
    manifest.blobs = taken.blobs - digests.len() as u64;
    let folder = vault.folder.clone();
    on_thread(async move {
        for file in [DATABASE, KEY, CONFIGURATION] {
            let path = manifest.path(&folder, file);
            if path.exists() {
                manifest.files.insert(file.to_owned(), Sum::of(&path)?);
            }
        }
        files::sync_folder(&folder.join(&manifest.snapshot))?;
        files::sync_folder(&folder.join(SNAPSHOTS))?;
        manifest.write(&folder)
    })
    .await?;
    vault.forget_others(&name)?;
    let removed = remove_surplus(vault, &db).await?;
    Ok(Taken { removed, lost: words, ..taken })
}

async fn remove_surplus(vault: &Vault, db: &Db) -> Result<u64> {
    let mut removed = 0;
    for part in Part::all() {
        let wanted = db.read(move |c| Ok(references::of_part(c, part)?)).await?;
        let surplus = compare(&vault.blobs, part, wanted).await?.surplus;
        let blobs = vault.blobs.clone();
        removed += on_thread(async move {
            let mut removed = 0;
            for stored in surplus {
                let digest = Blake2b256::from(stored.digest);
                removed += u64::from(blobs.remove_if_older(&digest, std::time::Duration::ZERO)?);
            }
            Ok(removed)
        })
        .await?;
    }
    Ok(removed)
}
