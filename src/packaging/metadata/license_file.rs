//! Paths of licence files.
//! Source: <https://packaging.python.org/en/latest/specifications/core-metadata/#license-file>

/// Why a text is not the path of a licence file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LicenseFileError {
    /// It begins at a root or names a drive.
    #[error("the path must be relative to the top folder")]
    Absolute,
    /// Parts between backslashes.
    #[error("the parts of the path must have / between them")]
    Backslash,
    /// A part that leads elsewhere or nowhere.
    #[error("the path must have no part that is empty, '.' or '..'")]
    Part,
    /// A pattern instead of a path.
    #[error("the path must not have a * in it; each file is listed by its name")]
    Pattern,
}

/// Checks the path of a licence file.
pub(super) fn check(path: &str) -> Result<(), LicenseFileError> {
    if path.contains('*') {
        return Err(LicenseFileError::Pattern);
    }
    if path.starts_with(['/', '\\']) || has_drive(path) {
        return Err(LicenseFileError::Absolute);
    }
    if path.contains('\\') {
        return Err(LicenseFileError::Backslash);
    }
    let is_odd = |part| matches!(part, "" | "." | "..");
    if path.split('/').any(is_odd) { Err(LicenseFileError::Part) } else { Ok(()) }
}

fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (path, expected) in [
            ("LICENSE", Ok(())),
            ("licenses/MIT [1] é.txt", Ok(())),
            ("LICENSE..old", Ok(())),
            ("a:b", Err(LicenseFileError::Absolute)),
            ("/LICENSE", Err(LicenseFileError::Absolute)),
            ("C:/LICENSE", Err(LicenseFileError::Absolute)),
            ("\\\\host\\LICENSE", Err(LicenseFileError::Absolute)),
            ("a\\LICENSE", Err(LicenseFileError::Backslash)),
            ("../LICENSE", Err(LicenseFileError::Part)),
            ("a/../LICENSE", Err(LicenseFileError::Part)),
            ("./LICENSE", Err(LicenseFileError::Part)),
            ("a//LICENSE", Err(LicenseFileError::Part)),
            ("a/", Err(LicenseFileError::Part)),
            ("LICEN[CS]E*", Err(LicenseFileError::Pattern)),
        ] {
            assert_eq!(check(path), expected, "{path}");
        }
    }
}
