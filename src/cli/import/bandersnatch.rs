//! The tree of bandersnatch: the files below `packages`, and the pages that it wrote about them.
//! It has the JSON pages of the simple API (PEP 691) in `simple`, PyPI's own in `json`, or both.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::told::{Told, json, moment, part};
use crate::error::{Doing, Result};
use crate::upload::Origin;

/// Where the pages are below the source: the folder that is served, or the one around it.
const ROOTS: [&str; 2] = ["", "web"];
/// The pages of the simple API.
const SIMPLE: &str = "index.v1_json";

/// What its pages say, if it has any.
pub(super) fn read(source: &Path) -> Result<Told> {
    let mut told = Told::new();
    for root in ROOTS {
        let root = source.join(root);
        for page in files(&root.join("json"))? {
            from_legacy(&json(&page)?, &mut told);
        }
        for page in files(&root.join("simple"))? {
            if page.file_name().is_some_and(|name| name == SIMPLE) {
                from_simple(&json(&page)?, &mut told);
            }
        }
    }
    Ok(told)
}

/// The files below a folder; none where there is no such folder. Links to folders are not followed.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        let doing = || format!("reading {}", folder.display());
        for entry in fs::read_dir(&folder).doing(doing)? {
            let entry = entry.doing(doing)?;
            if entry.file_type().doing(doing)?.is_dir() {
                folders.push(entry.path());
            } else if entry.path().is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn from_simple(page: &Value, told: &mut Told) {
    for file in part(page, "files").as_array().into_iter().flatten() {
        let yanked = match part(file, "yanked") {
            Value::Bool(true) => Some(String::new()),
            Value::String(reason) => Some(reason.clone()),
            _ => None,
        };
        note(file, part(file, "upload-time").as_str(), yanked, told);
    }
}

fn from_legacy(page: &Value, told: &mut Told) {
    let releases = part(page, "releases").as_object().into_iter().flat_map(|it| it.values());
    for file in releases.filter_map(Value::as_array).flatten() {
        let at = part(file, "upload_time_iso_8601").as_str().or(part(file, "upload_time").as_str());
        let reason = part(file, "yanked_reason").as_str().unwrap_or_default();
        let yanked = (part(file, "yanked") == true).then(|| reason.to_owned());
        note(file, at, yanked, told);
    }
}

fn note(file: &Value, at: Option<&str>, yanked: Option<String>, told: &mut Told) {
    if let Some(name) = part(file, "filename").as_str() {
        told.insert(name.to_owned(), Origin { uploaded_at: at.and_then(moment), yanked });
    }
}
