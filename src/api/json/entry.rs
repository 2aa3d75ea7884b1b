//! A file in the JSON of a project.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalog::file::FullFile;
use crate::catalog::yank;
use crate::config::PublicUrl;
use crate::mirror::project::ReleaseFile;
use crate::packaging::{Filename, Sha256};
use crate::simple::{Address, address_url};
use crate::time::{self, Time};

/// What PyPI says of the downloads of a single file.
const NOT_COUNTED: i64 = -1;
const WHOLE_SECONDS: &str = "%Y-%m-%dT%H:%M:%S";
/// The digest that has a field of its own.
const MD5: &str = "md5";

/// A file.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    comment_text: &'static str,
    #[serde(rename = "core-metadata")]
    core_metadata: CoreMetadata<'a>,
    digests: BTreeMap<&'a str, &'a str>,
    downloads: i64,
    /// Its name.
    pub(super) filename: &'a str,
    has_sig: bool,
    md5_digest: Option<&'a str>,
    packagetype: &'a str,
    python_version: String,
    requires_python: Option<&'a str>,
    size: Option<u64>,
    upload_time: Option<String>,
    upload_time_iso_8601: Option<String>,
    url: String,
    yanked: bool,
    yanked_reason: Option<&'a str>,
}

/// A digest, or `false` where nothing is served beside the file.
#[derive(Serialize)]
#[serde(untagged)]
enum CoreMetadata<'a> {
    Absent(bool),
    Digest { sha256: &'a str },
}

impl<'a> Entry<'a> {
    /// A file that is hosted here, in a release that is yanked for that reason.
    pub(super) fn hosted(url: &PublicUrl, full: &'a FullFile, release: Option<&'a str>) -> Self {
        let FullFile { file, python_version, md5 } = full;
        let digests = [
            ("blake2b_256", file.blake2_256.as_str()),
            (MD5, md5.as_str()),
            ("sha256", file.sha256.as_str()),
        ];
        let yanked = yank::reason(file.yanked.as_deref(), release);
        let entry = Self {
            core_metadata: CoreMetadata::of(file.metadata_sha256.as_ref().map(Sha256::as_str)),
            digests: digests.into(),
            md5_digest: Some(md5.as_str()),
            packagetype: &file.package_type,
            python_version: python_version.clone(),
            requires_python: file.requires_python.as_deref(),
            size: u64::try_from(file.size).ok(),
            url: absolute_url(url, Address::of(&file.blake2_256), &file.filename),
            ..Self::named(&file.filename)
        };
        entry.uploaded(Some(file.uploaded_at)).yanked(yanked)
    }

    /// A file of another index: what that does not say, nobody makes up.
    pub(super) fn mirrored(url: &PublicUrl, file: &'a ReleaseFile) -> Self {
        let shown = &file.shown;
        let digests: BTreeMap<_, _> =
            shown.hashes.iter().map(|(name, digits)| (name.as_ref(), digits.as_str())).collect();
        let told = Filename::parse_alone(&shown.filename).ok();
        let entry = Self {
            core_metadata: CoreMetadata::of(shown.core_metadata.as_ref().map(Sha256::as_str)),
            md5_digest: digests.get(MD5).copied(),
            digests,
            packagetype: file.package_type(),
            python_version: told.map(|told| told.python_tag().to_owned()).unwrap_or_default(),
            requires_python: shown.requires_python.as_deref(),
            size: shown.size,
            url: absolute_url(url, shown.address, &shown.filename),
            ..Self::named(&shown.filename)
        };
        entry.uploaded(shown.upload_time).yanked(shown.yanked.as_deref())
    }

    /// A file of which nothing else is known.
    fn named(filename: &'a str) -> Self {
        Self {
            comment_text: "",
            core_metadata: CoreMetadata::of(None),
            digests: BTreeMap::new(),
            downloads: NOT_COUNTED,
            filename,
            has_sig: false,
            md5_digest: None,
            packagetype: "",
            python_version: String::new(),
            requires_python: None,
            size: None,
            upload_time: None,
            upload_time_iso_8601: None,
            url: String::new(),
            yanked: false,
            yanked_reason: None,
        }
    }

    fn uploaded(mut self, at: Option<Time>) -> Self {
        self.upload_time = at.map(|at| at.format(WHOLE_SECONDS).to_string());
        self.upload_time_iso_8601 = at.map(time::iso);
        self
    }

    fn yanked(mut self, reason: Option<&'a str>) -> Self {
        self.yanked = reason.is_some();
        self.yanked_reason = reason.filter(|reason| !reason.is_empty());
        self
    }
}

impl<'a> CoreMetadata<'a> {
    fn of(sha256: Option<&'a str>) -> Self {
        sha256.map_or(Self::Absent(false), |sha256| Self::Digest { sha256 })
    }
}

fn absolute_url(url: &PublicUrl, address: Address, filename: &str) -> String {
    format!("{}{}", url.origin(), address_url(url.prefix(), address, filename))
}
