//! What the source of an import says about its files, beside their bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::scan::distributions;
use super::{bandersnatch, devpi};
use crate::error::{Doing, Error, Result};
use crate::time::Time;
use crate::upload::Origin;

/// A file that is to be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) origin: Origin,
}

/// What is said about the files of a source, by the names of the files.
pub(super) type Told = BTreeMap<String, Origin>;

/// All distributions of a source, oldest first, so that the index gets them in the order in which
/// they came: a plain folder or tree (such as that of pypiserver), an export of devpi or one of its
/// indexes, the tree of bandersnatch.
pub(super) fn find(source: &Path) -> Result<Vec<Found>> {
    let mut paths = distributions(source)?;
    let mut told = bandersnatch::read(source)?;
    if let Some(export) = devpi::read(source)? {
        paths.retain(|path| !export.is_something_else(path));
        told.extend(export.told);
    }
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut found: Vec<_> = paths
        .into_iter()
        .map(|path| Found { origin: told.get(&name(&path)).cloned().unwrap_or_default(), path })
        .collect();
    found.sort_by_cached_key(|it| (it.origin.uploaded_at, it.path.clone()));
    Ok(found)
}

/// Reads a file of JSON.
pub(super) fn json(path: &Path) -> Result<Value> {
    /// Longer than the page of any project.
    const LONGEST: u64 = 512 * 1024 * 1024;
    let doing = || format!("reading {}", path.display());
    if fs::metadata(path).doing(doing)?.len() > LONGEST {
        return Err(Error::internal(doing(), "it is far too long"));
    }
    let bytes = fs::read(path).doing(doing)?;
    serde_json::from_slice(&bytes).map_err(|error| Error::internal(doing(), error))
}

/// What an object has under a key; null where it has nothing, or is no object.
pub(super) fn part<'a>(value: &'a Value, key: &str) -> &'a Value {
    value.get(key).unwrap_or(&Value::Null)
}

/// A moment as the APIs of PyPI write it: `2026-11-21T19:30:00.123456Z`, with or without fraction
/// and offset.
pub(super) fn moment(text: &str) -> Option<Time> {
    let with_offset = chrono::DateTime::parse_from_rfc3339(text).map(|it| it.naive_utc());
    let time = with_offset.or_else(|_| text.parse::<Time>()).ok()?;
    Some(crate::time::exact(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_they_are_written() {
        let whole = moment("2026-11-21T19:30:00").map(crate::time::iso);
        assert_eq!(whole.as_deref(), Some("2026-11-21T19:30:00.000000Z"));
        assert_eq!(moment("2026-11-21T19:30:00Z"), moment("2026-11-21T20:30:00+01:00"));
        let exact = moment("2026-11-21T19:30:00.1234567Z").map(crate::time::iso);
        assert_eq!(exact.as_deref(), Some("2026-11-21T19:30:00.123456Z"));
        assert_eq!(moment("yesterday"), None);
    }
}
