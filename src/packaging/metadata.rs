//! Core metadata: the header fields of `METADATA` and `PKG-INFO`.
//! Source: <https://packaging.python.org/en/latest/specifications/core-metadata/>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::version::is_specifier_set;
use super::{ProjectName, Version};

/// The metadata of one distribution, as its own file states it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreMetadata {
    /// Values in file order, by field name in lower case.
    fields: BTreeMap<String, Vec<String>>,
    /// The long description, from the body or from the header of that name.
    description: String,
}

/// Why metadata cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// A field that must be there exactly once is not.
    #[error("it must have the field {0} exactly once")]
    NotOnce(&'static str),
    /// The major version is neither 1 nor 2, or it is no version at all.
    #[error("Metadata-Version {0:?} is unknown; 1.0 to 2.6 are")]
    MetadataVersion(String),
    /// The project name breaks the rules.
    #[error("Name {0:?} is not a valid project name")]
    Name(String),
    /// The version breaks the rules.
    #[error("Version {0:?} is not a valid version")]
    Version(String),
    /// Not a version specifier set.
    #[error("Requires-Python {0:?} is not a valid set of version specifiers")]
    RequiresPython(String),
}

impl CoreMetadata {
    /// Reads header fields and body as Python's mail parser does: continuation lines begin with
    /// a blank, the first line that is no header begins the body. Bytes that are not UTF-8 are
    /// replaced here; what is served beside a wheel is always the file's own bytes.
    pub fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut metadata = Self::default();
        let mut last: Option<String> = None;
        let mut rest = text;
        while let Some((line, behind)) = take_line(rest) {
            if let Some(folded) = continuation(line) {
                if let Some(value) = last.as_ref().and_then(|name| metadata.last_of(name)) {
                    value.push('\n');
                    value.push_str(folded);
                }
            } else if let Some((name, value)) = header(line) {
                metadata.fields.entry(name.clone()).or_default().push(value.to_owned());
                last = Some(name);
            } else {
                if line.is_empty() {
                    rest = behind;
                }
                break;
            }
            rest = behind;
        }
        metadata.settle_description(rest);
        metadata
    }

    /// The one value of a field, without blanks around it; `None` where it is absent, empty, or
    /// the `UNKNOWN` that old tools wrote for "absent".
    pub fn one(&self, field: &str) -> Option<&str> {
        self.all(field).next()
    }

    /// All values of a field that may be repeated.
    pub fn all(&self, field: &str) -> impl Iterator<Item = &str> {
        let values = self.fields.get(field).into_iter().flatten();
        values.map(|value| value.trim()).filter(|value| !value.is_empty() && *value != "UNKNOWN")
    }

    /// The long description.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The project name, checked.
    pub fn name(&self) -> Result<ProjectName, MetadataError> {
        let text = self.once("name", "Name")?;
        ProjectName::parse(text).ok_or_else(|| MetadataError::Name(text.to_owned()))
    }

    /// The version, checked.
    pub fn version(&self) -> Result<Version, MetadataError> {
        let text = self.once("version", "Version")?;
        Version::parse(text).ok_or_else(|| MetadataError::Version(text.to_owned()))
    }

    /// The `Requires-Python` of the file, checked.
    pub fn requires_python(&self) -> Result<Option<&str>, MetadataError> {
        match self.one("requires-python") {
            Some(text) if !is_specifier_set(text) => {
                Err(MetadataError::RequiresPython(text.to_owned()))
            }
            value => Ok(value),
        }
    }

    /// Checks that the version of the metadata format is one that can be understood.
    pub fn check_metadata_version(&self) -> Result<(), MetadataError> {
        let text = self.once("metadata-version", "Metadata-Version")?;
        let known = matches!(text.split_once('.'), Some(("1" | "2", minor))
            if !minor.is_empty() && minor.bytes().all(|digit| digit.is_ascii_digit()));
        known.then_some(()).ok_or_else(|| MetadataError::MetadataVersion(text.to_owned()))
    }

    fn once(&self, field: &str, shown: &'static str) -> Result<&str, MetadataError> {
        match self.fields.get(field).map(Vec::as_slice) {
            Some([value]) => Ok(value.trim()),
            _ => Err(MetadataError::NotOnce(shown)),
        }
    }

    fn last_of(&mut self, name: &str) -> Option<&mut String> {
        self.fields.get_mut(name)?.last_mut()
    }

    fn settle_description(&mut self, body: &str) {
        let header = self.fields.remove("description").and_then(|values| values.into_iter().next());
        let body = body.trim_matches(['\r', '\n']);
        self.description = match header {
            Some(folded) if body.is_empty() => unfold(&folded),
            _ => body.to_owned(),
        };
    }
}

fn take_line(text: &str) -> Option<(&str, &str)> {
    if text.is_empty() {
        return None;
    }
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    Some((line.strip_suffix('\r').unwrap_or(line), rest))
}

fn continuation(line: &str) -> Option<&str> {
    line.starts_with([' ', '\t']).then_some(line)
}

fn header(line: &str) -> Option<(String, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    is_name.then(|| (name.to_ascii_lowercase(), value.trim()))
}

/// Takes the folding of a description in the header away: seven blanks and a pipe, or eight
/// blanks, before each further line.
fn unfold(folded: &str) -> String {
    let unfold_line = |line: &str| {
        let bare = line.strip_prefix("       |").or_else(|| line.strip_prefix("        "));
        bare.unwrap_or(line).to_owned()
    };
    folded.lines().map(unfold_line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_and_body() {
        let metadata = CoreMetadata::parse(
            b"Metadata-Version: 2.1\r\nName: Foo.Bar\r\nVersion: 1.0\r\nClassifier: A\r\n\
              Classifier: B\r\nLicense: line one\r\n   line two\r\nHome-page: UNKNOWN\r\n\r\n# Hi\r\n\r\nthere\r\n",
        );
        assert_eq!(metadata.name().map(|name| name.to_string()), Ok("Foo.Bar".into()));
        assert_eq!(metadata.version().map(|version| version.to_string()), Ok("1.0".into()));
        assert_eq!(metadata.all("classifier").collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(metadata.one("license"), Some("line one\n   line two"));
        assert_eq!(metadata.one("home-page"), None);
        assert_eq!(metadata.description(), "# Hi\r\n\r\nthere");
        assert_eq!(metadata.check_metadata_version(), Ok(()));
    }

    #[test]
    fn a_folded_description_is_unfolded() {
        for indent in ["       |", "        "] {
            let text =
                format!("Name: a\nDescription: one\n{indent}  two\n{indent}\n{indent}three\n");
            let metadata = CoreMetadata::parse(text.as_bytes());
            assert_eq!(metadata.description(), "one\n  two\n\nthree");
        }
    }

    #[test]
    fn non_ascii_and_broken_bytes_are_read() {
        let metadata = CoreMetadata::parse("Author: Łukasz 東京\n".as_bytes());
        assert_eq!(metadata.one("author"), Some("Łukasz 東京"));
        assert_eq!(CoreMetadata::parse(b"Author: J\xf6rg\n").one("author"), Some("J\u{fffd}rg"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |text: &str| CoreMetadata::parse(text.as_bytes()).name().err();
        assert_eq!(error("Version: 1"), Some(MetadataError::NotOnce("Name")));
        assert_eq!(error("Name: a\nName: b"), Some(MetadataError::NotOnce("Name")));
        assert_eq!(error("Name: -a"), Some(MetadataError::Name("-a".into())));
        let versioned = |version| {
            CoreMetadata::parse(format!("Metadata-Version: {version}").as_bytes())
                .check_metadata_version()
                .is_ok()
        };
        assert!(versioned("1.0") && versioned("2.6"));
        assert!(!versioned("3.0") && !versioned("2") && !versioned("2.") && !versioned("two"));
        let python = |range| {
            CoreMetadata::parse(format!("Requires-Python: {range}").as_bytes())
                .requires_python()
                .is_ok()
        };
        assert!(python(">=3.8, !=3.9.*,<4") && python("") && !python("three or more"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = CoreMetadata::parse(&bytes);
        }

        #[test]
        fn no_text_makes_it_panic(text in "([A-Za-z-]{0,6}:? ?[a-z ]{0,5}\r?\n ?){0,8}") {
            let _ = CoreMetadata::parse(text.as_bytes());
        }
    }
}
