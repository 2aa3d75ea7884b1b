//! Which versions of the metadata format there are, and which fields came with each.
//! Source: <https://packaging.python.org/en/latest/specifications/core-metadata/#history>

use super::MetadataError;

/// A version of the metadata format, `Metadata-Version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FormatVersion {
    /// A reader may not read on where it does not know this number.
    major: u8,
    /// Counts what was added.
    minor: u8,
}

/// The first version in which each listed licence file must be in the distribution (PEP 639).
pub(super) const LICENSE_FILES: FormatVersion = version(2, 4);

/// A draft that was withdrawn (PEP 426); tools wrote it for years.
const WITHDRAWN: &str = "2.0";

/// All versions that a standard describes.
const STANDARD: [(&str, FormatVersion); 9] = [
    ("1.0", version(1, 0)),
    ("1.1", version(1, 1)),
    ("1.2", version(1, 2)),
    ("2.1", version(2, 1)),
    ("2.2", version(2, 2)),
    ("2.3", version(2, 3)),
    ("2.4", version(2, 4)),
    ("2.5", version(2, 5)),
    ("2.6", version(2, 6)),
];

/// A field of the metadata format.
pub(super) struct Field {
    /// The name as the specification spells it.
    pub(super) name: &'static str,
    /// The version that brought it.
    pub(super) since: FormatVersion,
}

/// All fields, in alphabetical order: the order in which faults are reported.
pub(super) const FIELDS: [Field; 32] = [
    field("Author", version(1, 0)),
    field("Author-email", version(1, 0)),
    field("Classifier", version(1, 1)),
    field("Description", version(1, 0)),
    field("Description-Content-Type", version(2, 1)),
    field("Download-URL", version(1, 1)),
    field("Dynamic", version(2, 2)),
    field("Home-page", version(1, 0)),
    field("Import-Name", version(2, 5)),
    field("Import-Namespace", version(2, 5)),
    field("Keywords", version(1, 0)),
    field("License", version(1, 0)),
    field("License-Expression", version(2, 4)),
    field("License-File", version(2, 4)),
    field("Maintainer", version(1, 2)),
    field("Maintainer-email", version(1, 2)),
    field("Metadata-Version", version(1, 0)),
    field("Name", version(1, 0)),
    field("Obsoletes", version(1, 1)),
    field("Obsoletes-Dist", version(1, 2)),
    field("Platform", version(1, 0)),
    field("Project-URL", version(1, 2)),
    field("Provides", version(1, 1)),
    field("Provides-Dist", version(1, 2)),
    field("Provides-Extra", version(2, 1)),
    field("Requires", version(1, 1)),
    field("Requires-Dist", version(1, 2)),
    field("Requires-External", version(1, 2)),
    field("Requires-Python", version(1, 2)),
    field("Summary", version(1, 0)),
    field("Supported-Platform", version(1, 1)),
    field("Version", version(1, 0)),
];

impl FormatVersion {
    /// Reads the value of `Metadata-Version`. Strictly, only versions of a standard are taken;
    /// leniently, also the withdrawn 2.0 and minor versions that are not known yet, which by
    /// the specification only add to what is known.
    pub(super) fn parse(text: &str, lenient: bool) -> Result<Self, MetadataError> {
        if let Some((_, known)) = STANDARD.iter().find(|(known, _)| *known == text) {
            return Ok(*known);
        }
        if text == WITHDRAWN && !lenient {
            return Err(MetadataError::WithdrawnVersion);
        }
        let tolerated = lenient.then(|| Self::of_known_major(text)).flatten();
        tolerated.ok_or_else(|| MetadataError::MetadataVersion(text.into()))
    }

    fn of_known_major(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        let digits = !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit());
        // A minor version beyond the type is newer than all that is known, as the type's end is.
        let minor = digits.then(|| minor.parse().unwrap_or(u8::MAX))?;
        matches!(major, "1" | "2").then(|| Some(version(major.parse().ok()?, minor)))?
    }
}

/// Whether a field of this name, in any case, is known.
pub(super) fn is_field(name: &str) -> bool {
    FIELDS.iter().any(|field| field.name.eq_ignore_ascii_case(name))
}

const fn version(major: u8, minor: u8) -> FormatVersion {
    FormatVersion { major, minor }
}

const fn field(name: &'static str, since: FormatVersion) -> Field {
    Field { name, since }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_taken_strictly_and_leniently() {
        for (text, strict, lenient) in [
            ("1.0", true, true),
            ("1.1", true, true),
            ("1.2", true, true),
            ("2.0", false, true),
            ("2.1", true, true),
            ("2.2", true, true),
            ("2.3", true, true),
            ("2.4", true, true),
            ("2.5", true, true),
            ("2.6", true, true),
            ("2.7", false, true),
            ("1.3", false, true),
            ("2.999", false, true),
            ("3.0", false, false),
            ("0.9", false, false),
            ("2", false, false),
            ("2.", false, false),
            ("2.x", false, false),
            ("2.1.0", false, false),
            ("02.1", false, false),
            ("two", false, false),
        ] {
            assert_eq!(FormatVersion::parse(text, false).is_ok(), strict, "{text}");
            assert_eq!(FormatVersion::parse(text, true).is_ok(), lenient, "{text}");
        }
    }

    #[test]
    fn versions_are_ordered() {
        let parsed: Vec<_> = STANDARD.iter().map(|(_, version)| *version).collect();
        assert!(parsed.is_sorted());
        assert!(FormatVersion::parse("2.999", true).ok() > parsed.last().copied());
    }

    #[test]
    fn fields_are_in_alphabetical_order() {
        let names: Vec<_> = FIELDS.iter().map(|field| field.name.to_ascii_lowercase()).collect();
        assert!(names.is_sorted());
        assert!(is_field("requires-DIST") && !is_field("X-Foo"));
    }
}
