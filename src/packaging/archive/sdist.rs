//! `PKG-INFO` inside gzip-compressed tar archives.

use std::io::{self, Read, Seek};
use std::path::{Component, Path};

use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};

use super::{ArchiveError, read_capped};

/// An archive may always unpack to this much,
const SMALL: u64 = 64 * 1024 * 1024;
/// and a larger one to so many times its own size (the ratio that PyPI allows for ZIP archives).
const HIGHEST_RATIO: u64 = 50;

/// The bytes of `{top folder}/PKG-INFO`. Reads the whole archive, so that a cut or broken one is
/// found here and not at its first installation.
pub(super) fn read_pkg_info(file: impl Read + Seek, length: u64) -> Result<Vec<u8>, ArchiveError> {
    let limit = SMALL.max(length.saturating_mul(HIGHEST_RATIO));
    let unpacked = Limited { inner: MultiGzDecoder::new(file), left: limit, exceeded: false };
    let mut archive = Archive::new(unpacked);
    let found = find(&mut archive);
    let mut rest = archive.into_inner();
    // Behind the last member there is only padding; reading it verifies gzip's own checksum.
    let drained = io::copy(&mut rest, &mut io::sink());
    if rest.exceeded {
        return Err(ArchiveError::Bomb(limit));
    }
    let found = found?;
    drained.map_err(|error| broken(&error))?;
    found.ok_or_else(|| ArchiveError::Missing("PKG-INFO in its top folder".to_owned()))
}

fn find(archive: &mut Archive<impl Read>) -> Result<Option<Vec<u8>>, ArchiveError> {
    let mut found = None;
    for entry in archive.entries().map_err(|error| broken(&error))? {
        let entry = entry.map_err(|error| broken(&error))?;
        let path = entry.path().map_err(|error| broken(&error))?.into_owned();
        if !is_pkg_info(&path) {
            continue;
        }
        let name = path.display().to_string();
        if !matches!(entry.header().entry_type(), EntryType::Regular | EntryType::Continuous) {
            return Err(ArchiveError::NotAFile(name));
        }
        if found.is_some() {
            return Err(ArchiveError::Repeated(name));
        }
        found = Some(read_capped(entry, &name, ArchiveError::Tar)?);
    }
    Ok(found)
}

/// `top/PKG-INFO`, also spelled `./top/PKG-INFO`.
fn is_pkg_info(path: &Path) -> bool {
    let mut parts = path.components().filter(|part| *part != Component::CurDir);
    let top = parts.next();
    let name = parts.next();
    matches!(top, Some(Component::Normal(_)))
        && matches!(name, Some(Component::Normal(name)) if name == "PKG-INFO")
        && parts.next().is_none()
}

fn broken(error: &io::Error) -> ArchiveError {
    ArchiveError::Tar(error.to_string())
}

/// A reader that ends with an error after so many bytes.
struct Limited<R> {
    inner: R,
    left: u64,
    exceeded: bool,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let Some(left) = self.left.checked_sub(read as u64) else {
            self.exceeded = true;
            return Err(io::Error::other("it unpacks to too many bytes"));
        };
        self.left = left;
        Ok(read)
    }
}
