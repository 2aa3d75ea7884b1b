//! Names of members: paths that mean the same everywhere, and never two for one file.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::central::Entry;
use super::{MemberFault, ZipError};

/// Checks the bytes of a name, which must be a relative path that every reader and every system
/// takes alike.
pub(super) fn check(bytes: &[u8], marked_utf8: bool) -> Result<&str, MemberFault> {
    let name = str::from_utf8(bytes).map_err(|_| MemberFault::NotUtf8)?;
    if !marked_utf8 && !name.is_ascii() {
        return Err(MemberFault::NotMarkedUtf8);
    }
    check_path(name)?;
    Ok(name)
}

fn check_path(name: &str) -> Result<(), MemberFault> {
    if name.is_empty() {
        return Err(MemberFault::EmptyName);
    }
    if name.chars().any(char::is_control) {
        return Err(MemberFault::Control);
    }
    if name.contains('\\') {
        return Err(MemberFault::Backslash);
    }
    if name.starts_with('/') {
        return Err(MemberFault::Absolute);
    }
    if has_drive(name) {
        return Err(MemberFault::Drive);
    }
    let path = name.strip_suffix('/').unwrap_or(name);
    for segment in path.split('/') {
        match segment {
            ".." => return Err(MemberFault::Parent),
            "" | "." => return Err(MemberFault::Segment),
            _ => {}
        }
    }
    Ok(())
}

fn has_drive(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|letter| letter.is_ascii_alphabetic()) && letters.next() == Some(':')
}

/// Checks that no two members have one name: to the byte, or to file systems that ignore case
/// (Windows, macOS) or Unicode normalisation (macOS). No file is where another member needs a
/// folder.
pub(super) fn check_all(entries: &[Entry]) -> Result<(), ZipError> {
    let mut seen: HashMap<String, &Entry> = HashMap::with_capacity(entries.len());
    for entry in entries {
        let Some(other) = seen.insert(folded(&entry.name), entry) else { continue };
        return Err(clash(entry, other).of(entry.name.as_bytes()));
    }
    for (key, entry) in &seen {
        for (at, _) in key.match_indices('/') {
            let parent = key.split_at_checked(at).and_then(|(parent, _)| seen.get(parent));
            if let Some(file) = parent.filter(|parent| !parent.is_folder()) {
                let inside = MemberFault::FileAndFolder((&*entry.name).into());
                return Err(inside.of(file.name.as_bytes()));
            }
        }
    }
    Ok(())
}

fn clash(entry: &Entry, other: &Entry) -> MemberFault {
    if entry.name == other.name {
        return MemberFault::Duplicate;
    }
    if entry.name.strip_suffix('/').unwrap_or(&entry.name)
        == other.name.strip_suffix('/').unwrap_or(&other.name)
    {
        // `a` and `a/`.
        return MemberFault::FileAndFolder((&*other.name).into());
    }
    MemberFault::Collision((&*other.name).into())
}

/// What two names share that are one to some file system. Upper case first: it turns letters
/// like `ß` into what they match (`ss`), which lower case alone does not.
fn folded(name: &str) -> String {
    let path = name.strip_suffix('/').unwrap_or(name);
    if path.is_ascii() {
        return path.to_ascii_lowercase();
    }
    let upper = path.nfkc().flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).nfkc().collect()
}
