//! Core metadata: the header fields of `METADATA` and `PKG-INFO`.
//! Source: <https://packaging.python.org/en/latest/specifications/core-metadata/>

mod contact;
mod content_type;
mod cursor;
mod error;
mod import_name;
mod license;
mod license_file;
mod marker;
mod requirement;
#[cfg(test)]
mod tests;
mod url;
mod validate;
mod versions;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::contact::ContactError;
pub use self::content_type::ContentTypeError;
pub use self::error::{Excerpt, Fault, MetadataError};
pub use self::import_name::ImportNameError;
pub use self::license::LicenseError;
pub use self::license_file::LicenseFileError;
pub use self::marker::MarkerError;
pub use self::requirement::{Requirement, RequirementError};
pub use self::url::UrlError;
pub use self::validate::Policy;
pub use self::versions::FormatVersion;
use self::versions::is_field;
use super::specifier::is_specifier_set;
use super::{ProjectName, Version};

/// Header fields that are read at most, repetitions included. Real files have some hundreds.
const MOST_VALUES: usize = 20_000;

/// The metadata of one distribution, as its own file states it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreMetadata {
    /// Values in file order, by field name in lower case.
    fields: BTreeMap<String, Vec<String>>,
    /// The long description, from the body or from the header of that name.
    description: String,
    /// Whether reading was given up because there is no end to the fields.
    #[serde(skip)]
    is_crowded: bool,
}

impl CoreMetadata {
    /// Reads header fields and body as Python's mail parser does: continuation lines begin with
    /// a blank, the first line that is no header begins the body. Bytes that are not UTF-8 are
    /// replaced here, NULs dropped (no database keeps them all), and unknown fields passed over;
    /// what is served beside a wheel is always the file's own bytes.
    pub fn parse(bytes: &[u8]) -> Self {
        Self::parse_fields(bytes, is_field)
    }

    /// The same for another file in this form, of which only the fields that `is_wanted` names in
    /// lower case are kept: `WHEEL`.
    pub fn parse_fields(bytes: &[u8], is_wanted: impl Fn(&str) -> bool) -> Self {
        let text = String::from_utf8_lossy(bytes).replace('\0', "");
        let mut values = 0;
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
                values += 1;
                if values > MOST_VALUES {
                    metadata.is_crowded = true;
                    return metadata;
                }
                if is_wanted(&name) {
                    metadata.fields.entry(name.clone()).or_default().push(value.to_owned());
                }
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
        ProjectName::parse(text).ok_or_else(|| MetadataError::Name(text.into()))
    }

    /// The version, checked.
    pub fn version(&self) -> Result<Version, MetadataError> {
        let text = self.once("version", "Version")?;
        Version::parse(text).ok_or_else(|| MetadataError::Version(text.into()))
    }

    /// The version of the metadata format. Leniently, also a version that no standard describes
    /// is taken, where what it means can be told from those that one does.
    pub fn format_version(&self, lenient: bool) -> Result<FormatVersion, MetadataError> {
        FormatVersion::parse(self.once("metadata-version", "Metadata-Version")?, lenient)
    }

    /// The `Requires-Python` of the file, if it is one that installers understand.
    pub fn requires_python(&self) -> Option<&str> {
        self.one("requires-python").filter(|text| is_specifier_set(text))
    }

    /// The licence expression in canonical spelling, if it is a valid one.
    pub fn license_expression(&self) -> Option<String> {
        license::canonical(self.one("license-expression")?).ok()
    }

    /// The licence files that the distribution must have. Before metadata 2.4 some tools listed
    /// files in a way of their own, so nothing follows from such a list.
    pub fn license_files(&self) -> impl Iterator<Item = &str> {
        let is_standard = self.format_version(true).is_ok_and(|v| v >= versions::LICENSE_FILES);
        self.all("license-file").filter(move |_| is_standard)
    }

    fn once(&self, field: &str, shown: &'static str) -> Result<&str, MetadataError> {
        match self.fields.get(field).map(Vec::as_slice) {
            Some([value]) => Ok(value.trim()),
            _ => Err(MetadataError::NotOnce(shown)),
        }
    }

    fn is_there_but_empty(&self, field: &str) -> bool {
        self.fields.get(field).is_some_and(|values| values.iter().any(|v| v.trim().is_empty()))
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

/// The next line, and what follows it. As for Python's mail parser, a carriage return alone ends a
/// line, too: what stands behind it is a field for installers. Several before a line feed are one
/// end, as some tools write it on Windows.
fn take_line(text: &str) -> Option<(&str, &str)> {
    if text.is_empty() {
        return None;
    }
    let end = text.find(['\r', '\n']).unwrap_or(text.len());
    let (line, rest) = text.split_at_checked(end)?;
    let behind = rest.trim_start_matches('\r').strip_prefix('\n');
    let behind = behind.or_else(|| rest.strip_prefix('\r'));
    Some((line, behind.unwrap_or_default()))
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
