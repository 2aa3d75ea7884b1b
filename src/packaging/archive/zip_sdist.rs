//! Source distributions packed as ZIP archives, as they were in older times.

use std::io::{Read, Seek};

use super::zip::{Archive, Entry, Member, Visitor};
use super::{ArchiveError, LONGEST_METADATA};
use crate::packaging::CoreMetadata;

/// Checks the whole archive, whose only top folder must be `stem`, and gives the bytes of its
/// `PKG-INFO`.
pub(super) fn inspect(file: impl Read + Seek, stem: &str) -> Result<Vec<u8>, ArchiveError> {
    let mut archive = Archive::open(file)?;
    let inside = format!("{stem}/");
    if let Some(outside) = archive.entries().iter().find(|entry| !entry.name.starts_with(&inside)) {
        return Err(ArchiveError::OutsideTop { member: (&*outside.name).into(), top: stem.into() });
    }
    let pkg_info = archive.read(&format!("{inside}PKG-INFO"), LONGEST_METADATA)?;
    check_licenses(&archive, &CoreMetadata::parse(&pkg_info), &inside)?;
    archive.walk(&mut Nobody)?;
    Ok(pkg_info)
}

/// Each `License-File` of metadata 2.4 and newer is there.
fn check_licenses<R: Read + Seek>(
    archive: &Archive<R>,
    metadata: &CoreMetadata,
    inside: &str,
) -> Result<(), ArchiveError> {
    for license in metadata.license_files() {
        let path = format!("{inside}{license}");
        if archive.get(&path).is_none_or(Entry::is_folder) {
            return Err(ArchiveError::LicenseFile(license.into(), Member::new(path)));
        }
    }
    Ok(())
}

/// Walks along without looking: the walk itself verifies the members.
struct Nobody;

impl Visitor for Nobody {
    fn begin(&mut self, _: &Entry) -> Result<(), ArchiveError> {
        Ok(())
    }

    fn piece(&mut self, _: &[u8]) {}

    fn end(&mut self, _: &Entry) -> Result<(), ArchiveError> {
        Ok(())
    }
}
