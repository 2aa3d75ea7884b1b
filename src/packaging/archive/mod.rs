//! Reading core metadata out of distribution archives without unpacking them to disk.

mod tar;
mod wheel;

use std::io::{self, Read, Seek};

pub use self::tar::TarError;
use super::Filename;
use super::filename::PackageType;

/// Longest `METADATA` or `PKG-INFO` that is read. The largest descriptions on PyPI are a few
/// megabytes; what is more is not meant to be read by anyone.
pub const LONGEST_METADATA: u64 = 16 * 1024 * 1024;

/// Why an archive is not a distribution.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The bytes are no ZIP archive, or a broken one.
    #[error("it is not a readable ZIP archive ({0})")]
    Zip(String),
    /// The gzip-compressed tar archive breaks a rule.
    #[error(transparent)]
    Tar(#[from] TarError),
    /// The member with the metadata is not there.
    #[error("it has no member {0}")]
    Missing(String),
    /// The member with the metadata is there more than once.
    #[error("it has the member {0} more than once")]
    Repeated(String),
    /// The member with the metadata is a folder, a link or a device.
    #[error("its member {0} is not a regular file")]
    NotAFile(String),
    /// The metadata is absurdly long.
    #[error("its member {0} is longer than {LONGEST_METADATA} bytes")]
    TooLong(String),
    /// Reading from our own disk failed: no fault of the archive.
    #[error("reading the spooled file failed")]
    Disk(#[source] io::Error),
}

/// The bytes of `METADATA` or `PKG-INFO` inside the archive `file` of `length` bytes that has
/// the name `filename`.
///
/// Blocks on the reader: call it where blocking is allowed.
pub fn read_metadata(
    file: impl Read + Seek,
    length: u64,
    filename: &Filename,
) -> Result<Vec<u8>, ArchiveError> {
    match filename.package_type() {
        PackageType::Wheel => {
            wheel::read_member(file, &format!("{}.dist-info/METADATA", filename.stem()))
        }
        PackageType::Sdist if filename.is_zip_sdist() => {
            wheel::read_member(file, &format!("{}/PKG-INFO", filename.stem()))
        }
        PackageType::Sdist => tar::read_pkg_info(file, length, filename),
    }
}

/// Reads a member to its end, but never more than metadata may be long.
fn read_capped(
    mut member: impl Read,
    name: &str,
    broken: impl Fn(String) -> ArchiveError,
) -> Result<Vec<u8>, ArchiveError> {
    let mut bytes = Vec::new();
    let mut capped = member.by_ref().take(LONGEST_METADATA + 1);
    capped.read_to_end(&mut bytes).map_err(|error| broken(error.to_string()))?;
    if bytes.len() as u64 > LONGEST_METADATA {
        return Err(ArchiveError::TooLong(name.to_owned()));
    }
    Ok(bytes)
}
