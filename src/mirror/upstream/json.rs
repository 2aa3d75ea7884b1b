//! Reading the JSON form of a page (PEP 691, 700, 714, 740, 792).

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use url::Url;

use super::entry::{self, Entry};
use super::error::NotSimple;
use crate::catalog::project::Status;
use crate::mirror::page::UpstreamPage;
use crate::packaging::NormalizedName;

/// The one major version of the API that there is.
const MAJOR: &str = "1";
/// The names that metadata beside a file went by, the right one first (PEP 714).
const METADATA: [&str; 3] = ["core-metadata", "dist-info-metadata", "data-dist-info-metadata"];

/// A page, as far as all of it must be right. Its files are read one by one: a page of a hundred
/// thousand is never in memory as a tree.
#[derive(Deserialize)]
struct Detail<'a> {
    #[serde(default)]
    meta: Option<Value>,
    #[serde(default)]
    name: Option<Value>,
    #[serde(borrow)]
    files: Vec<&'a RawValue>,
    #[serde(default)]
    versions: Option<Value>,
    #[serde(default, rename = "project-status")]
    status: Option<Value>,
}

/// Reads the page of a project that came from a URL. Entries that are malformed are left out.
pub(super) fn read(
    text: &[u8],
    project: &NormalizedName,
    base: &Url,
) -> Result<UpstreamPage, NotSimple> {
    let detail: Detail<'_> =
        serde_json::from_slice(text).map_err(|error| NotSimple::Json(error.to_string()))?;
    check_version(detail.meta.as_ref())?;
    check_name(detail.name.as_ref(), project)?;
    let files = detail.files.iter().filter_map(|raw| file(raw.get(), project, base));
    let files = entry::in_order(files.collect());
    let named = match detail.versions {
        Some(Value::Array(versions)) => {
            versions.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    };
    let (status, status_reason) = status(detail.status.as_ref());
    Ok(UpstreamPage { status, status_reason, versions: entry::versions(named, &files), files })
}

/// Another major version may mean other things by the same words.
pub(super) fn is_known_version(text: &str) -> bool {
    text.trim().split('.').next() == Some(MAJOR)
}

fn check_version(meta: Option<&Value>) -> Result<(), NotSimple> {
    let version = meta.and_then(|meta| meta.get("api-version")).and_then(Value::as_str);
    match version {
        Some(version) if !is_known_version(version) => Err(NotSimple::Version(version.to_owned())),
        _ => Ok(()),
    }
}

fn check_name(name: Option<&Value>, project: &NormalizedName) -> Result<(), NotSimple> {
    match name {
        None | Some(Value::Null) => Ok(()),
        Some(name) => {
            let text = name.as_str().unwrap_or_default();
            let is_right = NormalizedName::parse(text).as_ref() == Some(project);
            is_right.then_some(()).ok_or_else(|| NotSimple::OtherProject(text.to_owned()))
        }
    }
}

fn status(value: Option<&Value>) -> (Status, Option<String>) {
    let text = |key| value?.get(key)?.as_str().map(str::to_owned);
    (status_of(text("status").as_deref()), text("reason").as_deref().and_then(entry::one_line))
}

/// What is unknown counts as active: what the index does not want to be installed it does not name.
pub(super) fn status_of(word: Option<&str>) -> Status {
    word.and_then(|word| Status::parse(word.trim())).unwrap_or(Status::Active)
}

fn file(
    text: &str,
    project: &NormalizedName,
    base: &Url,
) -> Option<crate::mirror::page::UpstreamFile> {
    let map: Map<String, Value> = serde_json::from_str(text).ok()?;
    let text = |key: &str| map.get(key).and_then(Value::as_str).map(str::to_owned);
    let entry = Entry {
        filename: Some(text("filename")?),
        url: text("url")?,
        hashes: map.get("hashes").map(pairs).unwrap_or_default(),
        size: map.get("size").and_then(Value::as_u64),
        upload_time: text("upload-time"),
        requires_python: text("requires-python"),
        yanked: map.get("yanked").and_then(yanked),
        core_metadata: METADATA
            .iter()
            .filter_map(|key| map.get(*key).map(pairs))
            .find(|pairs| !pairs.is_empty())
            .unwrap_or_default(),
        provenance: text("provenance"),
    };
    entry.take(project, base)
}

/// The texts of an object; nothing of what else it may be.
fn pairs(value: &Value) -> Vec<(String, String)> {
    let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
    value.as_object().map(|map| map.iter().filter_map(text).collect()).unwrap_or_default()
}

/// Why it is yanked, if it is: `true`, or a text that is not empty.
fn yanked(value: &Value) -> Option<String> {
    match value {
        Value::Bool(true) => Some(String::new()),
        Value::String(reason) if !reason.is_empty() => Some(reason.clone()),
        _ => None,
    }
}
