//! A file that a page of upstream names, as it is fetched.

use url::Url;

use super::promise::Promise;
use crate::error::{Error, Result};
use crate::mirror::page::UpstreamFile;
use crate::packaging::NormalizedName;
use crate::packaging::archive::LONGEST_METADATA;

/// The longest file that is taken where upstream does not say how long it is, and the longest that
/// it may name: several times the largest wheels there are.
const LONGEST: u64 = 16 * 1024 * 1024 * 1024;
/// What the metadata beside a wheel ends with.
pub const METADATA_SUFFIX: &str = ".metadata";
/// The end of the name of a wheel.
const WHEEL: &str = ".whl";

/// A file that may be fetched.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The project on whose page it stands.
    pub project: NormalizedName,
    /// Its version, where that is known.
    pub version: Option<String>,
    /// Its name.
    pub filename: String,
    /// What stands behind `/packages/` in its URL here.
    pub path: String,
    /// Where it is fetched.
    pub url: Url,
    /// How it is verified; none: upstream names no hash, and what comes first is believed.
    pub promise: Option<Promise>,
    /// How long it is, where upstream says so.
    pub size: Option<u64>,
    /// The most bytes that are taken.
    pub limit: u64,
    /// Whether it is a wheel beside which upstream has no metadata that could be verified.
    pub lacks_metadata: bool,
}

impl Wanted {
    /// A file of a project.
    pub fn file(project: &NormalizedName, file: &UpstreamFile) -> Result<Self> {
        Ok(Self {
            project: project.clone(),
            version: file.version.clone(),
            filename: file.filename.clone(),
            path: file.path(),
            url: url_of(file)?,
            promise: Promise::strongest(&file.hashes),
            size: file.size,
            limit: LONGEST,
            lacks_metadata: file.core_metadata().is_none() && file.filename.ends_with(WHEEL),
        })
    }

    /// The metadata beside a file, which upstream serves where it names its hash (PEP 658).
    pub fn metadata(project: &NormalizedName, file: &UpstreamFile) -> Result<Option<Self>> {
        let Some(digest) = file.core_metadata() else { return Ok(None) };
        let mut url = url_of(file)?;
        // What stands behind the name is not part of it.
        url.set_query(None);
        url.set_fragment(None);
        let path = format!("{}{METADATA_SUFFIX}", url.path());
        url.set_path(&path);
        Ok(Some(Self {
            project: project.clone(),
            version: file.version.clone(),
            filename: format!("{}{METADATA_SUFFIX}", file.filename),
            path: format!("{}{METADATA_SUFFIX}", file.path()),
            url,
            promise: Some(Promise::sha256(&digest)),
            size: None,
            limit: LONGEST_METADATA,
            lacks_metadata: false,
        }))
    }
}

fn url_of(file: &UpstreamFile) -> Result<Url> {
    Url::parse(&file.url)
        .map_err(|error| Error::internal(format!("reading the URL of {}", file.filename), error))
}
