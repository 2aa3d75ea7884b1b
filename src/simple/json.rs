//! The JSON form of the pages (PEP 691, PEP 700, PEP 714).

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use super::page::{PageFile, ProjectPage};
use super::{API_VERSION, address_url};
use crate::error::{Error, Result};
use crate::time;

#[derive(Serialize)]
struct Meta {
    #[serde(rename = "_last-serial")]
    last_serial: i64,
    #[serde(rename = "api-version")]
    api_version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Detail<'a> {
    files: Vec<FileEntry<'a>>,
    meta: Meta,
    name: &'a str,
    project_status: ProjectStatus<'a>,
    versions: &'a [String],
}

#[derive(Serialize)]
struct ProjectStatus<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct FileEntry<'a> {
    core_metadata: CoreMetadata<'a>,
    filename: &'a str,
    #[serde(serialize_with = "as_object")]
    hashes: &'a [(Cow<'static, str>, String)],
    #[serde(skip_serializing_if = "Option::is_none")]
    provenance: Option<&'a str>,
    requires_python: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upload_time: Option<String>,
    url: String,
    yanked: Yanked<'a>,
}

/// A digest, or `false` where nothing is served beside the file. Never an empty object: clients
/// disagree on what that means.
#[derive(Serialize)]
#[serde(untagged)]
enum CoreMetadata<'a> {
    Absent(bool),
    Digest { sha256: &'a str },
}

/// The reason, or whether. Never an empty text: clients disagree on what that means.
#[derive(Serialize)]
#[serde(untagged)]
enum Yanked<'a> {
    Is(bool),
    Because(&'a str),
}

fn meta(last_serial: i64) -> Meta {
    Meta { last_serial, api_version: API_VERSION }
}

pub(super) fn project(page: &ProjectPage, prefix: &str) -> Result<String> {
    write(&Detail {
        files: page.files.iter().map(|file| entry(file, prefix)).collect(),
        meta: meta(page.serial),
        name: page.name.as_str(),
        project_status: ProjectStatus {
            reason: page.status_reason.as_deref(),
            status: page.status.as_str(),
        },
        versions: &page.versions,
    })
}

fn entry<'a>(file: &'a PageFile, prefix: &str) -> FileEntry<'a> {
    let core_metadata = match &file.core_metadata {
        Some(sha256) => CoreMetadata::Digest { sha256: sha256.as_str() },
        None => CoreMetadata::Absent(false),
    };
    FileEntry {
        core_metadata,
        filename: &file.filename,
        hashes: &file.hashes,
        provenance: file.provenance.as_deref(),
        requires_python: file.requires_python.as_deref(),
        size: file.size,
        upload_time: file.upload_time.map(time::iso),
        url: address_url(prefix, file.address, &file.filename),
        yanked: match file.yanked.as_deref() {
            None => Yanked::Is(false),
            Some("") => Yanked::Is(true),
            Some(reason) => Yanked::Because(reason),
        },
    }
}

fn as_object<S: Serializer>(
    hashes: &[(Cow<'static, str>, String)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(hashes.iter().map(|(name, digits)| (name, digits)))
}

fn write(page: &impl Serialize) -> Result<String> {
    serde_json::to_string(page).map_err(|error| Error::internal("writing a JSON page", error))
}
