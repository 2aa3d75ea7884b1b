//! Which names members and targets of links may have.

use super::error::{TarError, shown};
use super::limits::LONGEST_NAME;

/// The name of a member, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MemberPath {
    /// The parts joined by slashes, without `.` and empty parts.
    pub(super) text: String,
    /// Whether it was written with a slash at the end, as folders are.
    pub(super) slash: bool,
}

impl MemberPath {
    /// Checks a name as it stands in the archive.
    pub(super) fn parse(raw: &[u8]) -> Result<Self, TarError> {
        let lie = |kind: fn(String) -> TarError| Err(kind(shown(raw)));
        if raw.len() > LONGEST_NAME {
            return lie(TarError::LongName);
        }
        let Ok(text) = str::from_utf8(raw) else { return lie(TarError::NotUtf8) };
        if text.contains(char::is_control) {
            return lie(TarError::Control);
        }
        if text.contains('\\') {
            return lie(TarError::Backslash);
        }
        if text.starts_with('/') {
            return lie(TarError::Absolute);
        }
        if has_drive(text) {
            return lie(TarError::Drive);
        }
        let parts: Vec<&str> = parts(text).collect();
        if parts.contains(&"..") {
            return lie(TarError::Parent);
        }
        if parts.is_empty() {
            return lie(TarError::NoName);
        }
        Ok(Self { text: parts.join("/"), slash: text.ends_with('/') })
    }

    /// The first part of a name that was checked: the top folder.
    pub(super) fn top_of(path: &str) -> &str {
        path.split_once('/').map_or(path, |(top, _)| top)
    }
}

/// Whether a symbolic link at `path` with this target stays inside the top folder, in any order
/// of unpacking. Parts behind `..` are followed only by names: then it holds whatever other links
/// the target passes, as each of them stays inside, too (PEP 721 resolves them while unpacking).
pub(super) fn check_symlink(path: &str, target: &[u8]) -> Result<(), TarError> {
    let lie = |kind: fn(String) -> TarError| Err(kind(shown(path.as_bytes())));
    let text = link_text(path, target)?;
    let mut depth = path.matches('/').count();
    let mut down = false;
    for part in parts(text) {
        if part != ".." {
            down = true;
            continue;
        }
        if down {
            return lie(TarError::LinkWinds);
        }
        // At depth 1 stands what is in the top folder itself.
        depth = depth.saturating_sub(1);
        if depth == 0 {
            return lie(TarError::LinkOutside);
        }
    }
    Ok(())
}

/// The member that a hard link points to: always named from the root of the archive.
pub(super) fn hard_link_target(path: &str, target: &[u8]) -> Result<String, TarError> {
    let text = link_text(path, target)?;
    let parts: Vec<&str> = parts(text).collect();
    if parts.contains(&"..") {
        return Err(TarError::LinkOutside(shown(path.as_bytes())));
    }
    Ok(parts.join("/"))
}

fn link_text<'a>(path: &str, target: &'a [u8]) -> Result<&'a str, TarError> {
    let lie = |kind: fn(String) -> TarError| Err(kind(shown(path.as_bytes())));
    let Ok(text) = str::from_utf8(target) else { return lie(TarError::LinkTarget) };
    if text.starts_with('/') || has_drive(text) {
        return lie(TarError::LinkAbsolute);
    }
    let odd = |c: char| c.is_control() || c == '\\';
    if text.is_empty() || text.len() > LONGEST_NAME || text.contains(odd) {
        return lie(TarError::LinkTarget);
    }
    Ok(text)
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split('/').filter(|part| !part.is_empty() && *part != ".")
}

/// `C:` at the start, which makes a path absolute or relative to another drive on Windows.
fn has_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}
