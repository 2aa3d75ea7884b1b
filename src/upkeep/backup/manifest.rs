//! The page that says what a backup consists of.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Doing, Error, Kind, Result};

/// The name of the manifest.
pub(super) const NAME: &str = "backup.json";
/// How backups are laid out. Another layout has another number.
const FORMAT: u32 = 1;

/// The database in a snapshot.
pub(super) const DATABASE: &str = "cheeseshop.db";
/// The secret key in a snapshot.
pub(super) const KEY: &str = "secret.key";
/// The configuration file in a snapshot, where there was one.
pub(super) const CONFIGURATION: &str = "cheeseshop.toml";

/// What a backup consists of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// How it is laid out.
    pub format: u32,
    /// When its database was copied.
    pub taken_at: String,
    /// By which version of the program.
    pub version: String,
    /// The last serial of its journal.
    pub serial: i64,
    /// The folder with database, key and configuration, below that of the backup.
    pub snapshot: String,
    /// Those files, by name.
    pub files: BTreeMap<String, Sum>,
    /// How many blobs belong to it.
    pub blobs: u64,
    /// Blobs that the database refers to and that were lost already, by digest.
    pub lost: Vec<String>,
}

/// Size and digest of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Bytes.
    pub size: u64,
    /// SHA-256.
    pub sha256: String,
}

impl Sum {
    /// That of a file.
    pub(super) fn of(path: &Path) -> Result<Self> {
        /// How much is read at once.
        const PIECE: usize = 256 * 1024;
        let doing = || format!("reading {}", path.display());
        let mut file = File::open(path).doing(doing)?;
        let (mut hasher, mut size, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
        loop {
            let count = file.read(&mut piece).doing(doing)?;
            let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { break };
            hasher.update(read);
            size += count as u64;
        }
        Ok(Self { size, sha256: hex::encode(hasher.finalize()) })
    }
}

impl Manifest {
    pub(super) fn new(snapshot: String, taken_at: String, serial: i64) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let (files, lost) = (BTreeMap::new(), Vec::new());
        Self { format: FORMAT, taken_at, version, serial, snapshot, files, blobs: 0, lost }
    }

    /// Puts it in the place of the one before, in one step.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let doing = || format!("writing {}", folder.join(NAME).display());
        let text =
            serde_json::to_string_pretty(self).map_err(|error| Error::internal(doing(), error))?;
        let mut file = tempfile::NamedTempFile::new_in(folder).doing(doing)?;
        writeln!(file, "{text}").doing(doing)?;
        file.as_file().sync_all().doing(doing)?;
        file.persist(folder.join(NAME)).map_err(|failed| failed.error).doing(doing)?;
        File::open(folder).and_then(|it| it.sync_all()).doing(doing)
    }

    /// Where one of its files lies.
    pub(super) fn path(&self, folder: &Path, name: &str) -> PathBuf {
        folder.join(&self.snapshot).join(name)
    }
}

/// Reads the manifest of a backup.
pub fn read(folder: &Path) -> Result<Manifest> {
    let path = folder.join(NAME);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let words = format!("there is no backup in {}: it has no {NAME}", folder.display());
            return Err(Error::not_found(words));
        }
        Err(error) => return Err(error).doing(|| format!("reading {}", path.display())),
    };
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| {
        Error::new(Kind::Invalid, "No manifest", format!("{} is no manifest", path.display()))
            .because(error)
    })?;
    if manifest.format != FORMAT {
        let words = format!(
            "the backup in {} has format {}, and this version of cheeseshop knows format {FORMAT}; \
             restore it with cheeseshop {}",
            folder.display(),
            manifest.format,
            manifest.version
        );
        return Err(Error::new(Kind::Invalid, "Another format", words));
    }
    check_place(&manifest, folder)?;
    Ok(manifest)
}

/// A manifest leads nowhere but below its own folder.
fn check_place(manifest: &Manifest, folder: &Path) -> Result<()> {
    let is_plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let snapshot = manifest.snapshot.strip_prefix("snapshots/");
    let known = [DATABASE, KEY, CONFIGURATION];
    let fits = snapshot.is_some_and(|name| is_plain(name) && !name.starts_with('.'))
        && manifest.files.keys().all(|name| known.contains(&name.as_str()))
        && manifest.files.contains_key(DATABASE);
    if fits {
        return Ok(());
    }
    let words = format!("{} names what no backup consists of", folder.join(NAME).display());
    Err(Error::new(Kind::Invalid, "No manifest", words))
}

/// The configuration file in a backup, if it has one.
pub fn configuration(folder: &Path) -> Result<Option<PathBuf>> {
    let manifest = read(folder)?;
    let has_one = manifest.files.contains_key(CONFIGURATION);
    Ok(has_one.then(|| manifest.path(folder, CONFIGURATION)))
}
