//! The upload form: which of its fields matter, and what they must say.
//!
//! The file is the truth about a distribution. Of the form only what names and identifies the
//! file is read; its copy of the metadata is a hint that nobody needs.

use crate::error::{Error, Result};
use crate::packaging::digest::Digests;
use crate::packaging::{
    Blake2b256, Md5, NormalizedName, PackageType, ProjectName, Sha256, Version,
};
use crate::time::{self, Time};

/// Longest value of a field that is read. Names, versions and digests are far shorter.
const LONGEST_VALUE: usize = 1024;

/// A field of the form that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `:action`.
    Action,
    /// `protocol_version`.
    ProtocolVersion,
    /// `name`.
    Name,
    /// `version`.
    Version,
    /// `filetype`.
    Filetype,
    /// `md5_digest`.
    Md5,
    /// `sha256_digest`.
    Sha256,
    /// `blake2_256_digest`.
    Blake2b256,
}

const FIELDS: [(Field, &str); 8] = [
    (Field::Action, ":action"),
    (Field::ProtocolVersion, "protocol_version"),
    (Field::Name, "name"),
    (Field::Version, "version"),
    (Field::Filetype, "filetype"),
    (Field::Md5, "md5_digest"),
    (Field::Sha256, "sha256_digest"),
    (Field::Blake2b256, "blake2_256_digest"),
];

impl Field {
    /// The field of that name, if it is one that is read.
    pub fn named(name: &str) -> Option<Self> {
        FIELDS.iter().find(|(_, known)| *known == name).map(|(field, _)| *field)
    }

    /// Its name in the form.
    pub fn name(self) -> &'static str {
        FIELDS.iter().find(|(field, _)| *field == self).map_or("", |(_, name)| name)
    }
}

/// The fields of a form as they arrive.
#[derive(Debug, Default)]
pub struct Form {
    values: Vec<(Field, String)>,
}

impl Form {
    /// Adds a field. One that is sent twice is refused, but for empty values, which count as
    /// absent.
    pub fn add(&mut self, field: Field, value: &str) -> Result<()> {
        let value = value.trim();
        if value.is_empty() {
            return Ok(());
        }
        if value.len() > LONGEST_VALUE {
            return Err(bad(field, format!("it is longer than {LONGEST_VALUE} bytes")));
        }
        if self.get(field).is_some() {
            return Err(bad(field, "it is given more than once"));
        }
        self.values.push((field, value.to_owned()));
        Ok(())
    }

    fn get(&self, field: Field) -> Option<&str> {
        let found = self.values.iter().find(|(known, _)| *known == field);
        found.map(|(_, value)| value.as_str())
    }

    /// The project, if its name has arrived.
    pub fn project(&self) -> Option<NormalizedName> {
        self.get(Field::Name).and_then(NormalizedName::parse)
    }

    /// Checks the fields together.
    pub fn claim(&self) -> Result<Claim> {
        self.check_protocol()?;
        let name = self.read(Field::Name, "a project name begins and ends with a letter or digit and has only letters, digits, '.', '_' and '-'", ProjectName::parse)?;
        let version =
            self.read(Field::Version, "it is not a version by PEP 440", Version::parse)?;
        let types = "it must be bdist_wheel or sdist";
        let package_type = self.read(Field::Filetype, types, PackageType::parse)?;
        let digits = "it must be given in hexadecimal digits";
        let claim = Claim {
            name: name.normalized(),
            version: Some(version),
            package_type: Some(package_type),
            md5: self.read_optional(Field::Md5, digits, Md5::parse)?,
            sha256: self.read_optional(Field::Sha256, digits, Sha256::parse)?,
            blake2_256: self.read_optional(Field::Blake2b256, digits, Blake2b256::parse)?,
            origin: Origin::default(),
        };
        if claim.md5.is_none() && claim.sha256.is_none() && claim.blake2_256.is_none() {
            return Err(Error::invalid(
                "Include at least one message digest",
                "Include at least one message digest: sha256_digest, blake2_256_digest or \
                 md5_digest.",
            ));
        }
        Ok(claim)
    }

    fn check_protocol(&self) -> Result<()> {
        match self.get(Field::Action) {
            Some("file_upload") => {}
            Some(other) => {
                return Err(bad(
                    Field::Action,
                    format!("{other:?} is not supported; use file_upload"),
                ));
            }
            None => return Err(bad(Field::Action, "it is missing; use file_upload")),
        }
        match self.get(Field::ProtocolVersion) {
            None | Some("1") => Ok(()),
            Some(_) => Err(Error::invalid(
                "Unknown protocol version",
                "Unknown protocol version: this index speaks version 1.",
            )),
        }
    }

    fn read<T>(&self, field: Field, rule: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
        self.read_optional(field, rule, parse)?.ok_or_else(|| bad(field, "it is missing"))
    }

    fn read_optional<T>(
        &self,
        field: Field,
        rule: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(text) = self.get(field) else { return Ok(None) };
        parse(text).map(Some).ok_or_else(|| bad(field, format!("{text:?} is not valid: {rule}")))
    }
}

/// A refusal that names the field.
fn bad(field: Field, problem: impl std::fmt::Display) -> Error {
    let reason = match field {
        Field::Action => "Invalid value for :action",
        Field::ProtocolVersion => "Invalid value for protocol_version",
        Field::Name => "Invalid value for name",
        Field::Version => "Invalid value for version",
        Field::Filetype => "Invalid value for filetype",
        Field::Md5 => "Invalid value for md5_digest",
        Field::Sha256 => "Invalid value for sha256_digest",
        Field::Blake2b256 => "Invalid value for blake2_256_digest",
    };
    Error::invalid(reason, format!("Invalid value for {}: {problem}.", field.name()))
}

/// What is known of a file that was published elsewhere before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// When it came there; `None`: it comes only now.
    pub uploaded_at: Option<Time>,
    /// Why it was yanked there, if it was; the reason may be empty.
    pub yanked: Option<String>,
}

/// What a form claims about its file.
#[derive(Debug, Clone)]
pub struct Claim {
    name: NormalizedName,
    /// `None` where nobody claims a version: an import reads it from the file.
    pub(super) version: Option<Version>,
    pub(super) package_type: Option<PackageType>,
    md5: Option<Md5>,
    sha256: Option<Sha256>,
    blake2_256: Option<Blake2b256>,
    pub(super) origin: Origin,
}

impl Claim {
    /// A claim without a form: just the project.
    pub fn of_project(name: NormalizedName) -> Self {
        let origin = Origin::default();
        let (version, package_type, md5, sha256, blake2_256) = (None, None, None, None, None);
        Self { name, version, package_type, md5, sha256, blake2_256, origin }
    }

    /// The same claim for a file that comes from elsewhere. A time that is to come does not count.
    #[must_use]
    pub fn from_elsewhere(self, origin: Origin) -> Self {
        let uploaded_at = origin.uploaded_at.filter(|at| *at <= time::now());
        Self { origin: Origin { uploaded_at, ..origin }, ..self }
    }

    /// The project.
    pub fn name(&self) -> &NormalizedName {
        &self.name
    }

    /// The first digest of the claim that the file does not have.
    pub(super) fn wrong_digest(&self, actual: &Digests) -> Option<Field> {
        let differs = |claimed: bool, field| claimed.then_some(field);
        differs(self.md5.as_ref().is_some_and(|claimed| *claimed != actual.md5), Field::Md5)
            .or(differs(self.sha256.as_ref().is_some_and(|it| *it != actual.sha256), Field::Sha256))
            .or(differs(
                self.blake2_256.as_ref().is_some_and(|it| *it != actual.blake2_256),
                Field::Blake2b256,
            ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn claim(changes: &[(&str, &str)]) -> Result<Claim> {
        let mut form = Form::default();
        let whole = [
            (":action", "file_upload"),
            ("protocol_version", "1"),
            ("name", "foo"),
            ("version", "1.0"),
            ("filetype", "sdist"),
            ("sha256_digest", SHA256),
        ];
        for (name, value) in whole {
            let changed = changes.iter().find(|(changed, _)| *changed == name);
            let value = changed.map_or(value, |(_, value)| value);
            if let Some(field) = Field::named(name) {
                form.add(field, value)?;
            }
        }
        form.claim()
    }

    #[test]
    fn a_whole_form_is_a_claim() {
        assert!(claim(&[]).is_ok());
        assert!(
            claim(&[("name", "Foo.Bar"), ("version", "v1.0-1"), ("protocol_version", "")]).is_ok()
        );
        let upper = SHA256.to_uppercase();
        assert!(claim(&[("sha256_digest", &upper)]).is_ok());
    }

    #[test]
    fn what_is_wrong_with_a_form_is_said() {
        for (field, value, reason) in [
            (":action", "submit", "Invalid value for :action"),
            (":action", "", "Invalid value for :action"),
            ("protocol_version", "2", "Unknown protocol version"),
            ("name", "", "Invalid value for name"),
            ("name", "-foo", "Invalid value for name"),
            ("version", "latest", "Invalid value for version"),
            ("filetype", "bdist_egg", "Invalid value for filetype"),
            ("sha256_digest", "", "Include at least one message digest"),
            ("sha256_digest", "zz", "Invalid value for sha256_digest"),
        ] {
            let said = claim(&[(field, value)]).err().map(|error| error.reason());
            assert_eq!(said, Some(reason), "{field}={value}");
        }
        let twice = claim(&[]).and_then(|_| {
            let mut form = Form::default();
            form.add(Field::Name, "a")?;
            form.add(Field::Name, "b")
        });
        assert!(twice.is_err());
    }
}
