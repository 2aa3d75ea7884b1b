//! The HTML form of the pages, frozen at version 1.4 (PEP 503, PEP 833).

use std::fmt::Write;

use askama::Template;

use super::page::{PageFile, ProjectPage, SHA256};
use super::{API_VERSION, address_url};
use crate::error::{Error, Result};
use crate::packaging::{NormalizedName, Sha256};

/// The digests that may stand in a URL, the best first: what `hashlib` always has (PEP 503).
const BY_STRENGTH: [&str; 6] = [SHA256, "sha512", "sha384", "sha224", "sha1", "md5"];

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
    /// The name and the digits of a digest.
    hash: Option<(&'a str, &'a str)>,
    requires_python: Option<&'a str>,
    yanked: Option<&'a str>,
    metadata_sha256: Option<&'a str>,
    provenance: Option<&'a str>,
    filename: &'a str,
}

/// What stands before and behind the anchors of the list of all projects.
pub(super) fn index_frame() -> (String, String) {
    let head = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n  <head>\n    <meta charset=\"utf-8\">\n    \
         <meta name=\"pypi:repository-version\" content=\"{API_VERSION}\">\n    \
         <title>Simple index</title>\n  </head>\n  <body>\n"
    );
    (head, "  </body>\n</html>\n".to_owned())
}

/// Adds the anchor of a project to the list, in a line of its own.
pub(super) fn index_anchor(
    list: &mut String,
    prefix: &str,
    name: &str,
    normalized: &NormalizedName,
) {
    // A name is ASCII letters, digits and `._-`, the prefix comes escaped: nothing here can end
    // the attribute or the text. (Writing to a String does not fail.)
    let _ = writeln!(list, "    <a href=\"{prefix}/simple/{normalized}/\">{name}</a><br>");
}

/// A path as it may stand in an attribute.
pub(super) fn escaped(path: &str) -> String {
    askama::filters::escape(path, askama::filters::Html)
        .map_or_else(|error| match error {}, |text| text.to_string())
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

fn anchor<'a>(file: &'a PageFile, prefix: &str) -> Anchor<'a> {
    let hash = |wanted: &'static str| {
        let found = file.hashes.iter().find(|(name, _)| name == wanted);
        found.map(|(_, digits)| (wanted, digits.as_str()))
    };
    Anchor {
        url: address_url(prefix, file.address, &file.filename),
        hash: BY_STRENGTH.into_iter().find_map(hash),
        requires_python: file.requires_python.as_deref(),
        yanked: file.yanked.as_deref(),
        metadata_sha256: file.core_metadata.as_ref().map(Sha256::as_str),
        provenance: file.provenance.as_deref(),
        filename: &file.filename,
    }
}

fn write(page: &impl Template) -> Result<String> {
    page.render().map_err(|error| Error::internal("writing an HTML page", error))
}
