//! The HTML form of the pages, frozen at version 1.4 (PEP 503, PEP 833).

use askama::Template;

use super::file_url;
use super::page::{IndexPage, PageFile, ProjectPage};
use crate::error::{Error, Result};
use crate::packaging::Sha256;

#[derive(Template)]
#[template(path = "simple/index.html")]
struct IndexHtml<'a> {
    prefix: &'a str,
    projects: Vec<Entry<'a>>,
}

struct Entry<'a> {
    name: &'a str,
    normalized: &'a str,
}

#[derive(Template)]
#[template(path = "simple/project.html")]
struct ProjectHtml<'a> {
    name: &'a str,
    status: &'a str,
    status_reason: Option<&'a str>,
    serial: i64,
    files: Vec<Anchor<'a>>,
}

struct Anchor<'a> {
    url: String,
    sha256: &'a str,
    requires_python: Option<&'a str>,
    yanked: Option<&'a str>,
    metadata_sha256: Option<&'a str>,
    filename: &'a str,
}

pub(super) fn index(page: &IndexPage, prefix: &str) -> Result<String> {
    let projects = page
        .projects
        .iter()
        .map(|(name, normalized, _)| Entry { name, normalized: normalized.as_str() })
        .collect();
    write(&IndexHtml { prefix, projects })
}

pub(super) fn project(page: &ProjectPage, prefix: &str) -> Result<String> {
    write(&ProjectHtml {
        name: page.name.as_str(),
        status: page.status.as_str(),
        status_reason: page.status_reason.as_deref(),
        serial: page.serial,
        files: page.files.iter().map(|file| anchor(file, prefix)).collect(),
    })
}

fn anchor<'a>(PageFile { file, yanked }: &'a PageFile, prefix: &str) -> Anchor<'a> {
    Anchor {
        url: file_url(prefix, &file.blake2_256, &file.filename),
        sha256: file.sha256.as_str(),
        requires_python: file.requires_python.as_deref(),
        yanked: yanked.as_deref(),
        metadata_sha256: file.metadata_sha256.as_ref().map(Sha256::as_str),
        filename: &file.filename,
    }
}

fn write(page: &impl Template) -> Result<String> {
    page.render().map_err(|error| Error::internal("writing an HTML page", error))
}
