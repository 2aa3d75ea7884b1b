//! The folder that backups go to.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::manifest;
use crate::config::{Aws, StorageUrl};
use crate::error::{Doing, Error, Kind, Result};
use crate::storage::Storage;

/// Where the blobs are, below the folder.
const BLOBS: &str = "blobs";
/// Where the snapshots are.
pub(super) const SNAPSHOTS: &str = "snapshots";
/// Says that the folder is one for backups, and keeps a second backup out while one is taken.
const LOCK: &str = "backup.lock";

/// The folder, locked until this is dropped.
pub(super) struct Vault {
    pub(super) folder: PathBuf,
    pub(super) blobs: Storage,
    _lock: File,
}

impl Vault {
    /// Opens a folder for backups, or makes one of an empty or missing folder.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let doing = || format!("preparing the folder {}", folder.display());
        fs::create_dir_all(folder).doing(doing)?;
        if !is_vault(folder) && !is_empty(folder).doing(doing)? {
            let words = format!(
                "{} is not empty and holds no backup: give an empty folder, or one with a backup",
                folder.display()
            );
            return Err(Error::new(Kind::Conflict, "Not empty", words));
        }
        make_private(folder).doing(doing)?;
        let lock = OpenOptions::new().create(true).append(true).open(folder.join(LOCK));
        let lock = lock.doing(doing)?;
        if lock.try_lock().is_err() {
            let words = format!("another backup into {} is under way", folder.display());
            return Err(Error::new(Kind::Conflict, "Under way", words));
        }
        fs::create_dir_all(folder.join(SNAPSHOTS)).doing(doing)?;
        let blobs = open_blobs(folder)?;
        Ok(Self { folder: folder.to_owned(), blobs, _lock: lock })
    }

    /// Removes all snapshots but one.
    pub(super) fn forget_others(&self, kept: &str) -> Result<()> {
        let snapshots = self.folder.join(SNAPSHOTS);
        let doing = || format!("cleaning the folder {}", snapshots.display());
        let kept = self.folder.join(kept);
        for entry in fs::read_dir(&snapshots).doing(doing)? {
            let path = entry.doing(doing)?.path();
            if path != kept {
                fs::remove_dir_all(&path).doing(doing)?;
            }
        }
        Ok(())
    }
}

/// Opens the blobs of a backup.
pub(super) fn open_blobs(folder: &Path) -> Result<Storage> {
    let blobs = folder.join(BLOBS);
    Storage::open(&StorageUrl::Folder(blobs.clone()), &blobs, &Aws::default())
}

/// Sees to it that only its owner looks into a folder, which is made where it is missing.
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        /// For its owner alone.
        const PRIVATE: u32 = 0o700;
        fs::set_permissions(folder, fs::Permissions::from_mode(PRIVATE))?;
    }
    Ok(())
}

fn is_vault(folder: &Path) -> bool {
    folder.join(LOCK).exists() || folder.join(manifest::NAME).exists()
}

/// Whether nothing is in a folder.
pub(super) fn is_empty(folder: &Path) -> io::Result<bool> {
    Ok(fs::read_dir(folder)?.next().is_none())
}
