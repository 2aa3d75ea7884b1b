//! The files of a release, as a table shows them.

use std::borrow::Cow;

use super::foreign;
use crate::catalog::uploaded::Uploaded;
use crate::config::size_for_people;
use crate::mirror::project::ReleaseFile;
use crate::packaging::{Filename, NormalizedName};
use crate::simple::{address_url, file_url};
use crate::time;

/// Stands where another index does not say how long or how old a file is.
const UNKNOWN: &str = "unknown";

/// A line of the table.
pub(super) struct FileRow {
    pub(super) url: String,
    pub(super) filename: String,
    /// Where its members are listed, where they can be.
    pub(super) contents: Option<String>,
    /// Its type, and the tags of a wheel.
    pub(super) kind: String,
    pub(super) size: String,
    pub(super) uploaded: String,
    pub(super) by: Option<String>,
    /// Whether that account has a page.
    pub(super) by_has_page: bool,
    /// How it came, or where it is.
    pub(super) way: String,
    /// Each with the name of its algorithm before it.
    pub(super) digests: Vec<String>,
    pub(super) has_metadata: bool,
    pub(super) yanked: Option<String>,
}

impl FileRow {
    /// The line of a file of the release whose page is at `release`.
    pub(super) fn of(uploaded: Uploaded, prefix: &str, release: &str) -> Self {
        let Uploaded { file, via, by, stopped } = uploaded;
        Self {
            url: file_url(prefix, &file.blake2_256, &file.filename),
            contents: Some(contents_path(prefix, release, &file.filename)),
            kind: kind(&file.filename),
            size: size_for_people(u64::try_from(file.size).unwrap_or_default()),
            uploaded: time::for_people(file.uploaded_at),
            by_has_page: stopped.is_none(),
            by,
            way: format!("via {}", way(&via)),
            digests: vec![
                format!("sha256:{}", file.sha256),
                format!("blake2b_256:{}", file.blake2_256),
            ],
            has_metadata: file.metadata_sha256.is_some(),
            yanked: foreign::reason(file.yanked.as_deref()),
            filename: file.filename,
        }
    }

    /// The line of a file of another index. What that does not say stays open.
    pub(super) fn mirrored(
        file: &ReleaseFile,
        project: &NormalizedName,
        prefix: &str,
        release: &str,
    ) -> Self {
        let shown = &file.shown;
        let filename = shown.filename.clone();
        // What is stored can be looked into, if it is an archive that is read here.
        let is_open = shown.stored.is_some() && Filename::parse(&filename, project).is_ok();
        Self {
            url: address_url(prefix, shown.address, &filename),
            contents: is_open.then(|| contents_path(prefix, release, &filename)),
            kind: match file.package_type() {
                "bdist_wheel" | "sdist" => kind(&filename),
                _ => "Built distribution".to_owned(),
            },
            size: shown.size.map_or_else(|| UNKNOWN.to_owned(), size_for_people),
            uploaded: shown.upload_time.map_or_else(|| UNKNOWN.to_owned(), time::for_people),
            by: None,
            by_has_page: false,
            way: format!("from {}", file.host()),
            digests: digests(&shown.hashes),
            has_metadata: shown.core_metadata.is_some(),
            yanked: foreign::reason(shown.yanked.as_deref()),
            filename,
        }
    }
}

fn digests(hashes: &[(Cow<'static, str>, String)]) -> Vec<String> {
    hashes.iter().map(|(name, digits)| format!("{name}:{digits}")).collect()
}

/// Where the members of a file are listed.
pub(super) fn contents_path(prefix: &str, release: &str, filename: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(filename.as_bytes()).collect();
    format!("{prefix}{release}files/{encoded}/")
}

/// `Source`, or `Wheel` with its tags: interpreter, ABI, platform (PEP 425).
fn kind(filename: &str) -> String {
    let Some(stem) = filename.strip_suffix(".whl") else { return "Source".to_owned() };
    let mut tags: Vec<_> = stem.rsplitn(4, '-').take(3).collect();
    tags.reverse();
    format!("Wheel {}", tags.join(" ").replace('.', ", "))
}

/// How a file came, in words.
fn way(via: &str) -> &str {
    match via {
        "token" => "API token",
        "import" => "the import command",
        other => other,
    }
}
