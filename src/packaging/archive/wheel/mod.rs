//! Wheels: what their `.dist-info` folder must hold, and that it is true.
//! Source: <https://packaging.python.org/en/latest/specifications/binary-distribution-format/>

mod csv;
mod entry_points;
mod error;
mod record;

use std::io::{Read, Seek};

use super::zip::{Archive, Entry, Member};
use super::{ArchiveError, LONGEST_METADATA};
use crate::packaging::CoreMetadata;
pub use error::WheelError;
use record::Record;

/// Longest `WHEEL` and `entry_points.txt` that are read; real ones have some kilobytes.
const LONGEST_SMALL: u64 = 1024 * 1024;
/// Longest `RECORD` that is read: some 150 bytes for each of the most members.
const LONGEST_RECORD: u64 = 16 * 1024 * 1024;

/// The end of the name of a wheel's folder with metadata.
const DIST_INFO: &str = ".dist-info";

/// Checks the whole wheel whose file name begins with `stem` and gives the bytes of its
/// `METADATA`.
pub(super) fn inspect(file: impl Read + Seek, stem: &str) -> Result<Vec<u8>, ArchiveError> {
    let mut archive = Archive::open(file)?;
    let info = format!("{stem}{DIST_INFO}");
    check_dist_info(&archive, &info)?;
    let metadata = archive.read(&format!("{info}/METADATA"), LONGEST_METADATA)?;
    check_wheel(&archive.read(&format!("{info}/WHEEL"), LONGEST_SMALL)?)?;
    let entry_points = format!("{info}/entry_points.txt");
    if archive.get(&entry_points).is_some() {
        entry_points::check(&archive.read(&entry_points, LONGEST_SMALL)?)?;
    }
    let mut record = Record::parse(&archive.read(&format!("{info}/RECORD"), LONGEST_RECORD)?)?;
    let unlisted = ["RECORD", "RECORD.jws", "RECORD.p7s"].map(|name| format!("{info}/{name}"));
    record.check_names(&archive, &unlisted)?;
    check_licenses(&archive, &metadata, &format!("{info}/licenses"))?;
    archive.walk(&mut record)?;
    Ok(metadata)
}

/// There is one top folder whose name ends with `.dist-info`, in whatever case, and it is the
/// expected one.
fn check_dist_info<R: Read + Seek>(archive: &Archive<R>, info: &str) -> Result<(), WheelError> {
    for entry in archive.entries() {
        let top = entry.name.split('/').next().unwrap_or_default();
        if top != info && top.to_lowercase().ends_with(DIST_INFO) {
            let (found, expected) = (Member::from(top), Member::from(info));
            return Err(WheelError::OtherDistInfo { found, expected });
        }
    }
    Ok(())
}

/// The format version in `WHEEL` is one that installers know. Its fields are headers like those
/// of `METADATA`.
fn check_wheel(bytes: &[u8]) -> Result<(), WheelError> {
    let fields = CoreMetadata::parse_fields(bytes, |name| name == "wheel-version");
    let mut versions = fields.all("wheel-version");
    let (Some(version), None) = (versions.next(), versions.next()) else {
        return Err(WheelError::NoWheelVersion);
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    match version.split_once('.') {
        Some(("1", minor)) if is_number(minor) => Ok(()),
        _ => Err(WheelError::WheelVersion(version.into())),
    }
}

/// Each `License-File` of metadata 2.4 and newer is in the licences folder.
fn check_licenses<R: Read + Seek>(
    archive: &Archive<R>,
    metadata: &[u8],
    folder: &str,
) -> Result<(), WheelError> {
    let metadata = CoreMetadata::parse(metadata);
    for license in metadata.license_files() {
        let path = format!("{folder}/{license}");
        if archive.get(&path).is_none_or(Entry::is_folder) {
            return Err(WheelError::LicenseFile(license.into(), Member::new(path)));
        }
    }
    Ok(())
}
