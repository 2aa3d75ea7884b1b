//! A second opinion: another reader of ZIP archives has to see the same members.

use std::io::{self, Read, Seek};

use ::zip::ZipArchive;
use ::zip::result::ZipError as OtherError;

use super::super::ArchiveError;
use super::{Entry, ZipError};

/// Reads the central directory with the crate `zip` and compares what it finds.
pub(super) fn agrees(file: impl Read + Seek, entries: &[Entry]) -> Result<(), ArchiveError> {
    let other = ZipArchive::new(file).map_err(|error| match error {
        OtherError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            ArchiveError::Disk(error)
        }
        error => ZipError::OtherReader(error.to_string()).into(),
    })?;
    let sees = |entry: &Entry| other.index_for_name(&entry.name).is_some();
    if other.len() == entries.len() && !other.has_duplicate_names() && entries.iter().all(sees) {
        return Ok(());
    }
    Err(ZipError::OtherReader("it sees other members".to_owned()).into())
}
