//! Members of ZIP archives: wheels, and source distributions of older times.

use std::io::{Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{ArchiveError, read_capped};

/// The bytes of the one member called `name`. Its CRC is verified while reading.
pub(super) fn read_member(file: impl Read + Seek, name: &str) -> Result<Vec<u8>, ArchiveError> {
    let broken = |error: ZipError| ArchiveError::Zip(error.to_string());
    let mut archive = ZipArchive::new(file).map_err(broken)?;
    if archive.has_duplicate_names() {
        return Err(ArchiveError::Repeated("of one name".to_owned()));
    }
    let member = match archive.by_name(name) {
        Ok(member) => member,
        Err(ZipError::FileNotFound) => return Err(ArchiveError::Missing(name.to_owned())),
        Err(error) => return Err(broken(error)),
    };
    if !member.is_file() {
        return Err(ArchiveError::NotAFile(name.to_owned()));
    }
    read_capped(member, name, ArchiveError::Zip)
}
