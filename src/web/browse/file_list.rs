//! The files of a release, as a table shows them.

use super::foreign;
use crate::catalog::file::File;
use crate::catalog::uploaded::Uploaded;
use crate::config::size_for_people;
use crate::simple::file_url;
use crate::time;

/// A line of the table.
pub(super) struct FileRow {
    pub(super) url: String,
    pub(super) filename: String,
    /// Where its members are listed.
    pub(super) contents: String,
    /// Its type, and the tags of a wheel.
    pub(super) kind: String,
    pub(super) size: String,
    pub(super) uploaded: String,
    pub(super) by: Option<String>,
    /// Whether that account has a page.
    pub(super) by_has_page: bool,
    pub(super) via: String,
    pub(super) sha256: String,
    pub(super) blake2: String,
    pub(super) has_metadata: bool,
    pub(super) yanked: Option<String>,
}

impl FileRow {
    /// The line of a file of the release whose page is at `release`.
    pub(super) fn of(uploaded: Uploaded, prefix: &str, release: &str) -> Self {
        let Uploaded { file, via, by, stopped } = uploaded;
        Self {
            url: file_url(prefix, &file.blake2_256, &file.filename),
            contents: contents_path(prefix, release, &file.filename),
            kind: kind(&file),
            size: size_for_people(u64::try_from(file.size).unwrap_or_default()),
            uploaded: time::for_people(file.uploaded_at),
            by_has_page: stopped.is_none(),
            by,
            via: way(&via).to_owned(),
            sha256: file.sha256.to_string(),
            blake2: file.blake2_256.to_string(),
            has_metadata: file.metadata_sha256.is_some(),
            yanked: foreign::reason(file.yanked.as_deref()),
            filename: file.filename,
        }
    }
}

/// Where the members of a file are listed.
pub(super) fn contents_path(prefix: &str, release: &str, filename: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(filename.as_bytes()).collect();
    format!("{prefix}{release}files/{encoded}/")
}

/// `Source`, or `Wheel` with its tags: interpreter, ABI, platform (PEP 425).
fn kind(file: &File) -> String {
    if !file.is_wheel() {
        return "Source".to_owned();
    }
    let stem = file.filename.strip_suffix(".whl").unwrap_or(&file.filename);
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
