//! Writing into a folder of this machine so that a power cut takes nothing back.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

use super::read::Growing;
use crate::error::{Doing, Error, Result};
use crate::secret::make_folder;

/// Where files lie until they are complete: on the same file system as their final place, so
/// that moving them is one step.
const INCOMING: &str = "incoming";

/// Makes the folders that storage needs.
pub(super) fn prepare(folder: &Path) -> Result<()> {
    let incoming = folder.join(INCOMING);
    make_folder(&incoming).doing(|| format!("creating the folder {}", incoming.display()))
}

/// A temporary file on its way to become a blob; deleted when dropped.
pub struct SpoolFile(Spooled);

enum Spooled {
    /// Will get its final name here.
    Named(NamedTempFile),
    /// Will be copied elsewhere: without a name, nothing is left of it even where the power is cut.
    Nameless(File),
}

impl SpoolFile {
    /// One that can be moved to its final name in that folder.
    pub(super) fn create(folder: &Path) -> Result<Self> {
        tempfile::Builder::new()
            .prefix("upload-")
            .tempfile_in(folder.join(INCOMING))
            .doing(creating)
            .map(|file| Self(Spooled::Named(file)))
    }

    /// One that is only read.
    pub(super) fn nameless(folder: &Path) -> Result<Self> {
        nameless(folder).map(|file| Self(Spooled::Nameless(file)))
    }

    /// Adds bytes. Blocks.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file().write_all(bytes).doing(|| "writing a temporary file".to_owned())
    }

    /// The file, set to its beginning for reading. Blocks.
    pub fn reader(&mut self) -> Result<&mut File> {
        let file = self.file();
        file.seek(SeekFrom::Start(0)).doing(|| "reading a temporary file".to_owned())?;
        Ok(file)
    }

    /// The file as it grows, for readers beside its writer. Blocks.
    pub fn growing(&self) -> Result<Growing> {
        // The copy shares the position; readers name theirs.
        let file = self.as_file().try_clone().doing(|| "reading a temporary file".to_owned())?;
        Ok(Growing::new(file))
    }

    fn as_file(&self) -> &File {
        match &self.0 {
            Spooled::Named(file) => file.as_file(),
            Spooled::Nameless(file) => file,
        }
    }

    fn file(&mut self) -> &mut File {
        match &mut self.0 {
            Spooled::Named(file) => file.as_file_mut(),
            Spooled::Nameless(file) => file,
        }
    }

    /// The file alone, which has no name any more.
    pub(super) fn into_file(self) -> Result<File> {
        match self.0 {
            Spooled::Named(file) => {
                file.as_file().try_clone().doing(|| "reading a temporary file".to_owned())
            }
            Spooled::Nameless(file) => Ok(file),
        }
    }

    /// Flushes the bytes to disk, but no name. Blocks.
    pub(super) fn sync(&self) -> Result<()> {
        self.as_file().sync_all().doing(|| "writing a temporary file".to_owned())
    }

    /// Moves the file, which is on disk, to its final name, which is not.
    pub(super) fn name(self, target: &Path) -> Result<()> {
        let doing = || format!("keeping the blob {}", target.display());
        let file = self.named(target)?;
        let folder = target.parent().ok_or_else(|| Error::internal(doing(), "it has no folder"))?;
        fs::create_dir_all(folder).doing(doing)?;
        file.persist(target).map_err(|failed| failed.error).doing(doing).map(drop)
    }

    /// The file, which can be moved to that place.
    fn named(self, target: &Path) -> Result<NamedTempFile> {
        let doing = || format!("keeping the blob {}", target.display());
        match self.0 {
            Spooled::Named(file) => Ok(file),
            Spooled::Nameless(_) => Err(Error::internal(doing(), "its temporary file has no name")),
        }
    }

    /// Flushes the file to disk and moves it to its final name; the name is flushed too.
    pub(super) fn keep(self, target: &Path) -> Result<()> {
        let doing = || format!("keeping the blob {}", target.display());
        let file = self.named(target)?;
        file.as_file().sync_all().doing(doing)?;
        let folder = target.parent().ok_or_else(|| Error::internal(doing(), "it has no folder"))?;
        create_synced(folder).doing(doing)?;
        file.persist(target).map_err(|failed| failed.error).doing(doing)?;
        sync_folder(folder).doing(doing)
    }
}

/// A temporary file that is gone when it is closed.
pub(super) fn nameless(folder: &Path) -> Result<File> {
    tempfile::tempfile_in(folder.join(INCOMING)).doing(creating)
}

fn creating() -> String {
    "creating a temporary file in the storage folder".to_owned()
}

/// Removes a file that was stored longer than `age` ago.
pub(super) fn remove_if_older(path: &Path, age: Duration) -> Result<bool> {
    let doing = || format!("removing {}", path.display());
    let is_old = match fs::metadata(path) {
        Ok(metadata) => is_older(&metadata, age).doing(doing)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(error).doing(doing),
    };
    if !is_old {
        return Ok(false);
    }
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        // Somebody else was faster.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).doing(doing),
    }
}

/// Removes temporary files that were written to longer than `age` ago.
pub(super) fn remove_temporary(folder: &Path, age: Duration) -> Result<usize> {
    let incoming = folder.join(INCOMING);
    let doing = || format!("cleaning the folder {}", incoming.display());
    let mut removed = 0;
    for entry in fs::read_dir(&incoming).doing(doing)? {
        let path = entry.doing(doing)?.path();
        removed += usize::from(remove_if_older(&path, age)?);
    }
    Ok(removed)
}

fn is_older(metadata: &fs::Metadata, age: Duration) -> io::Result<bool> {
    let since = SystemTime::now().duration_since(metadata.modified()?);
    Ok(since.is_ok_and(|since| since > age))
}

/// Makes a folder and its parents, each flushed into the one above.
fn create_synced(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Ok(()) => folder.parent().map_or(Ok(()), sync_folder),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            folder.parent().map_or(Err(error), create_synced)?;
            create_synced(folder)
        }
        Err(error) => Err(error),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
