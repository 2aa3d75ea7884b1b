//! An export of devpi-server: the files below a folder for each index, and one page about them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde_json::Value;

use super::told::{Told, json, part};
use crate::error::{Doing, Result};
use crate::time::Time;
use crate::upload::Origin;

/// The page.
const PAGE: &str = "dataindex.json";
/// How far above the source the page may be: an index of an account is two folders below it.
const ABOVE: usize = 3;

/// What an export says.
#[derive(Debug, Default)]
pub(super) struct Export {
    pub(super) told: Told,
    /// What is no distribution: documentation, results of tests.
    others: BTreeSet<PathBuf>,
}

impl Export {
    /// Whether it says of a file that it is something else than a distribution.
    pub(super) fn is_something_else(&self, path: &Path) -> bool {
        path.canonicalize().is_ok_and(|path| self.others.contains(&path))
    }
}

/// What the export says to which a folder belongs; none: it belongs to no export.
pub(super) fn read(source: &Path) -> Result<Option<Export>> {
    let folder = source.canonicalize().doing(|| format!("reading {}", source.display()))?;
    let Some(root) = folder.ancestors().take(ABOVE).find(|it| it.join(PAGE).is_file()) else {
        return Ok(None);
    };
    let page = json(&root.join(PAGE))?;
    let mut export = Export::default();
    let indexes = part(&page, "indexes").as_object().into_iter().flat_map(|it| it.values());
    for file in indexes.filter_map(|index| part(index, "files").as_array()).flatten() {
        note(file, root, &mut export);
    }
    Ok(Some(export))
}

fn note(file: &Value, root: &Path, export: &mut Export) {
    let Some(path) = part(file, "relpath").as_str().map(Path::new) else { return };
    if part(file, "type") != "releasefile" {
        export.others.extend(root.join(path).canonicalize());
        return;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let uploaded_at = uploaded(file);
    // Pushed from one index to another, a file came when it came first.
    let known = export.told.get(&name).and_then(|origin| origin.uploaded_at);
    let uploaded_at = known.into_iter().chain(uploaded_at).min();
    export.told.insert(name, Origin { uploaded_at, yanked: None });
}

/// When the file was uploaded: by the log of what was done with it, else by its date.
fn uploaded(file: &Value) -> Option<Time> {
    let log = part(file, "log").as_array().into_iter().flatten();
    let times =
        log.filter(|entry| part(entry, "what") == "upload").filter_map(|it| when(part(it, "when")));
    times.min().or_else(|| {
        let text = part(part(file, "entrymapping"), "last_modified").as_str()?;
        let at = httpdate::parse_http_date(text).ok()?;
        Some(chrono::DateTime::<chrono::Utc>::from(at).naive_utc())
    })
}

/// A moment as a list of year, month, day, hour, minute and second, in UTC.
fn when(value: &Value) -> Option<Time> {
    let numbers: Option<Vec<u32>> =
        value.as_array()?.iter().map(|it| u32::try_from(it.as_u64()?).ok()).collect();
    let [year, month, day, hour, minute, second] = *numbers?.first_chunk::<6>()?;
    let day = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    day.and_hms_opt(hour, minute, second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_upload_counts() {
        let file = serde_json::json!({
            "log": [
                {"what": "push", "when": [2013, 1, 1, 0, 0, 0]},
                {"what": "upload", "when": [2014, 9, 15, 11, 11, 11]},
            ],
            "entrymapping": {"last_modified": "Tue, 18 Feb 2014 11:11:11 GMT"},
        });
        let at = |file: &Value| uploaded(file).map(crate::time::iso);
        assert_eq!(at(&file).as_deref(), Some("2014-09-15T11:11:11.000000Z"));
        let file = serde_json::json!({"entrymapping": part(&file, "entrymapping")});
        assert_eq!(at(&file).as_deref(), Some("2014-02-18T11:11:11.000000Z"));
        for bad in [
            serde_json::json!({"log": [{"what": "upload", "when": [2014, 13, 1, 0, 0, 0]}]}),
            serde_json::json!({"log": [{"what": "upload", "when": [2014, 1]}]}),
            serde_json::json!({"entrymapping": {"last_modified": "soon"}}),
            serde_json::json!([]),
        ] {
            assert_eq!(at(&bad), None, "{bad}");
        }
    }
}
