//! Names of members: paths that mean the same everywhere, and never two for one file.

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
    let mut keys: Vec<(String, &Entry)> =
        entries.iter().map(|entry| (key(&entry.name), entry)).collect();
    keys.sort_by(|one, other| one.0.cmp(&other.0));
    for ((key, entry), (next_key, next)) in keys.iter().zip(keys.iter().skip(1)) {
        if key == next_key {
            return Err(clash(entry, next));
        }
        let is_inside =
            next_key.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with(SEPARATOR));
        if is_inside && !entry.is_folder() {
            return Err(MemberFault::FileAndFolder((&*next.name).into()).of(entry.name.as_bytes()));
        }
    }
    Ok(())
}

/// Stands for `/` in keys: nothing sorts before it, so that what lies in a folder comes right
/// behind it. No name has it, and no normalisation makes it.
const SEPARATOR: char = '\0';

/// The refusal of two members with one key.
fn clash(one: &Entry, other: &Entry) -> ZipError {
    let (fault, name) = match (one.is_folder(), other.is_folder()) {
        (true, false) => (MemberFault::FileAndFolder((&*one.name).into()), other),
        (false, true) => (MemberFault::FileAndFolder((&*other.name).into()), one),
        _ if one.name == other.name => (MemberFault::Duplicate, one),
        _ => (MemberFault::Collision((&*one.name).into()), other),
    };
    fault.of(name.name.as_bytes())
}

/// What two names share that are one to some file system. Upper case first: it turns letters
/// like `ß` into what they match (`ss`), which lower case alone does not.
fn key(name: &str) -> String {
    let path = name.strip_suffix('/').unwrap_or(name);
    let separate = |letter: char| if letter == '/' { SEPARATOR } else { letter };
    if path.is_ascii() {
        return path.chars().map(|letter| separate(letter.to_ascii_lowercase())).collect();
    }
    let upper = path.nfkc().flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).nfkc().map(separate).collect()
}
