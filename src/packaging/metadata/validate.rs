//! Whether metadata may be published: the rules field by field.
//! Sources: <https://packaging.python.org/en/latest/specifications/core-metadata/>, and what
//! PyPI asks beyond it.
//!
//! Fields that are unknown, or newer than the version that the metadata declares, are skipped:
//! many real files have some. Not so what installers obey without looking at that version.

use std::collections::HashSet;

use super::error::{Excerpt, Fault, MetadataError};
use super::requirement::Requirement;
use super::versions::{FIELDS, Field, FormatVersion, is_field};
use super::{CoreMetadata, contact, content_type, import_name, license, license_file, url};
use crate::packaging::NormalizedName;
use crate::packaging::specifier::is_specifier_set;

/// Longest `Summary`, in characters: PyPI's limit.
const LONGEST_SUMMARY: usize = 512;

/// What an index asks of metadata. The default is for uploads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Policy {
    /// Take what old tools made, from other indexes: only Metadata-Version, Name and Version
    /// are looked at, and a Metadata-Version 2.0 or of a later minor version is good enough.
    pub lenient: bool,
    /// Take dependencies that name a URL instead of a version.
    pub allow_direct_references: bool,
}

impl CoreMetadata {
    /// Checks all fields. The first fault is told: those of Metadata-Version, Name and Version
    /// before all others, which follow in alphabetical order.
    pub fn validate(&self, policy: &Policy) -> Result<(), MetadataError> {
        if self.is_crowded {
            return Err(MetadataError::Crowded);
        }
        let format = self.format_version(policy.lenient)?;
        self.name()?;
        self.version()?;
        if policy.lenient {
            return Ok(());
        }
        let mut judged = FIELDS.iter().filter(|field| is_judged(field, format));
        judged.try_for_each(|field| self.check_field(field, *policy))
    }

    fn check_field(&self, field: &Field, policy: Policy) -> Result<(), MetadataError> {
        match field.name {
            "Import-Namespace" => self.check_namespaces()?,
            "License-Expression" => self.check_one_license()?,
            _ => {}
        }
        for value in self.all(&field.name.to_ascii_lowercase()) {
            check_value(field.name, value, policy).map_err(|fault| MetadataError::Field {
                field: field.name,
                value: value.into(),
                fault,
            })?;
        }
        Ok(())
    }

    fn check_one_license(&self) -> Result<(), MetadataError> {
        let both = self.one("license").is_some() && self.one("license-expression").is_some();
        if both { Err(MetadataError::TwoLicenses) } else { Ok(()) }
    }

    fn check_namespaces(&self) -> Result<(), MetadataError> {
        if self.is_there_but_empty("import-namespace") {
            return Err(MetadataError::EmptyImportNamespace);
        }
        let name = |text| import_name::check(text).ok();
        let names: HashSet<&str> = self.all("import-name").filter_map(name).collect();
        let mut namespaces = self.all("import-namespace").filter_map(name);
        let twice = namespaces.find(|namespace| names.contains(namespace));
        twice.map_or(Ok(()), |twice| Err(MetadataError::TwoImports(Excerpt::from(twice))))
    }
}

/// Whether a field counts in metadata of that version.
fn is_judged(field: &Field, format: FormatVersion) -> bool {
    field.since <= format
        || matches!(
            field.name,
            "Obsoletes-Dist" | "Provides-Dist" | "Requires-Dist" | "Requires-Python"
        )
}

fn check_value(field: &'static str, value: &str, policy: Policy) -> Result<(), Fault> {
    match field {
        "Author-email" | "Maintainer-email" => contact::check(value)?,
        "Description-Content-Type" => content_type::check(value)?,
        "Download-URL" | "Home-page" => url::check(value)?,
        "Dynamic" => check_dynamic(value)?,
        "Import-Name" | "Import-Namespace" => drop(import_name::check(value)?),
        "License-Expression" => drop(license::canonical(value)?),
        "License-File" => license_file::check(value)?,
        "Obsoletes-Dist" | "Provides-Dist" | "Requires-Dist" => check_requirement(value, policy)?,
        "Project-URL" => url::check_labelled(value)?,
        "Provides-Extra" => drop(NormalizedName::parse(value).ok_or(Fault::Extra)?),
        "Requires-Python" if !is_specifier_set(value) => return Err(Fault::Specifiers),
        "Summary" => check_summary(value)?,
        _ => {}
    }
    Ok(())
}

fn check_requirement(value: &str, policy: Policy) -> Result<(), Fault> {
    let requirement = Requirement::parse(value)?;
    let refused = requirement.url.is_some() && !policy.allow_direct_references;
    if refused { Err(Fault::DirectReference) } else { Ok(()) }
}

fn check_dynamic(value: &str) -> Result<(), Fault> {
    let fixed = ["metadata-version", "name", "version"];
    if fixed.iter().any(|name| name.eq_ignore_ascii_case(value)) {
        return Err(Fault::FixedDynamic);
    }
    is_field(value).then_some(()).ok_or(Fault::UnknownDynamic)
}

fn check_summary(value: &str) -> Result<(), Fault> {
    if value.contains(['\r', '\n']) {
        return Err(Fault::Lines);
    }
    let long = value.chars().nth(LONGEST_SUMMARY).is_some();
    if long { Err(Fault::Length(LONGEST_SUMMARY)) } else { Ok(()) }
}
