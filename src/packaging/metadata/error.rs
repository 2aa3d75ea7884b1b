//! What can be wrong with metadata, in words for its author.

use std::fmt;

use super::contact::ContactError;
use super::content_type::ContentTypeError;
use super::import_name::ImportNameError;
use super::license::LicenseError;
use super::license_file::LicenseFileError;
use super::requirement::RequirementError;
use super::url::UrlError;

/// A longer value is shown by its two ends of half as many characters: it is there to be
/// recognised, not to be read.
const LONGEST_SHOWN: usize = 60;

/// Why metadata cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// There is no end to the fields.
    #[error("it has too many fields")]
    Crowded,
    /// A field that must be there exactly once is not.
    #[error("it must have the field {0} exactly once")]
    NotOnce(&'static str),
    /// The version of the format is not known, or it is no version at all.
    #[error("Metadata-Version {0} is unknown; 1.0 to 2.6 are")]
    MetadataVersion(Excerpt),
    /// The version of the format is that of a withdrawn draft.
    #[error("Metadata-Version 2.0 was never a standard; a newer build tool writes 2.1 or later")]
    WithdrawnVersion,
    /// The project name breaks the rules.
    #[error(
        "Name {0} is not a valid project name; it has ASCII letters, digits, '.', '_' and '-', \
         and begins and ends with a letter or digit"
    )]
    Name(Excerpt),
    /// The version breaks the rules (PEP 440).
    #[error("Version {0} is not a valid version")]
    Version(Excerpt),
    /// The value of another field breaks a rule.
    #[error("{field} {value}: {fault}")]
    Field {
        /// The name of the field.
        field: &'static str,
        /// The value, shortened.
        value: Excerpt,
        /// What is wrong with it.
        fault: Fault,
    },
    /// Two fields of which one replaces the other (PEP 639).
    #[error("License and License-Expression exclude each other; leave License out")]
    TwoLicenses,
    /// One name, two meanings (PEP 794).
    #[error("{0} is both an Import-Name and an Import-Namespace; it can be one of them")]
    TwoImports(Excerpt),
    /// `Import-Name` may be empty, this one may not (PEP 794).
    #[error("Import-Namespace is empty; leave it out or give a name")]
    EmptyImportNamespace,
}

/// What is wrong with the value of a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// More than one line where one is allowed.
    #[error("it must be one line")]
    Lines,
    /// Too many characters.
    #[error("it is longer than {0} characters")]
    Length(usize),
    /// Not a version specifier set.
    #[error("it is not a set of version specifiers such as >=3.10,<4")]
    Specifiers,
    /// A dependency that names a URL, where policy forbids that.
    #[error("a direct reference (name @ URL) is not allowed; name a version instead")]
    DirectReference,
    /// Not a valid name of an extra (PEP 685).
    #[error("the name of an extra has letters, digits and single '-' between them")]
    Extra,
    /// No field has this name.
    #[error("it is not the name of a metadata field")]
    UnknownDynamic,
    /// A field that must be the same in each file of a release (PEP 643).
    #[error("Name, Version and Metadata-Version cannot be dynamic")]
    FixedDynamic,
    /// Not a dependency specifier.
    #[error(transparent)]
    Requirement(#[from] RequirementError),
    /// Not a licence expression.
    #[error(transparent)]
    License(#[from] LicenseError),
    /// Not the path of a licence file.
    #[error(transparent)]
    LicenseFile(#[from] LicenseFileError),
    /// Not a content type that a description can have.
    #[error(transparent)]
    ContentType(#[from] ContentTypeError),
    /// Not an address to link to.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// Not an e-mail address.
    #[error(transparent)]
    Contact(#[from] ContactError),
    /// Not a name that Python can import.
    #[error(transparent)]
    ImportName(#[from] ImportNameError),
}

/// A value as a message shows it: quoted, its middle left out where it is long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt(String);

impl From<&str> for Excerpt {
    fn from(text: &str) -> Self {
        if text.chars().count() <= LONGEST_SHOWN {
            return Self(text.to_owned());
        }
        let half = LONGEST_SHOWN / 2;
        let head: String = text.chars().take(half).collect();
        let mut tail: Vec<char> = text.chars().rev().take(half).collect();
        tail.reverse();
        Self(format!("{head}...{}", tail.iter().collect::<String>()))
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
