//! The `METADATA` in a wheel beside which upstream serves none.

use std::io::{Read, Seek};

use crate::packaging::archive::{self, LONGEST_METADATA};
use crate::packaging::{Filename, NormalizedName};

/// The end of the name of a wheel's folder with metadata.
const DIST_INFO: &str = ".dist-info";

/// The bytes of the `METADATA` of a wheel, as installers find it: in its only folder whose name
/// ends with `.dist-info`, which must be that of the project. `None` where the archive has none, or
/// is one that readers take differently: then nothing is said about it. Blocks.
pub(super) fn find(mut file: impl Read + Seek, filename: &str) -> Option<Vec<u8>> {
    let filename = Filename::parse_alone(filename).ok()?;
    let contents = archive::contents(&mut file, &filename).ok()?;
    // The members are sorted, so those of one folder stand together.
    let mut folders: Vec<&str> = contents
        .items
        .iter()
        .filter_map(|item| item.name.split_once('/').map(|(folder, _)| folder))
        .filter(|folder| folder.to_ascii_lowercase().ends_with(DIST_INFO))
        .collect();
    folders.dedup();
    let [folder] = folders.as_slice() else { return None };
    let (name, _) = folder.strip_suffix(DIST_INFO)?.split_once('-')?;
    if NormalizedName::parse(name).as_ref() != Some(filename.name()) {
        return None;
    }
    archive::member(file, &filename, &format!("{folder}/METADATA"), LONGEST_METADATA).ok()?
}
