//! Finding distributions in a tree of folders.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Doing, Result};

/// What is taken for a distribution.
const EXTENSIONS: [&str; 3] = [".whl", ".tar.gz", ".zip"];

/// All distributions in a folder and the folders in it, in order; or the one file given. Links
/// to folders are not followed: they may lead in circles.
pub(super) fn distributions(source: &Path) -> Result<Vec<PathBuf>> {
    let metadata = fs::metadata(source).doing(|| format!("reading {}", source.display()))?;
    if metadata.is_file() {
        return Ok(vec![source.to_owned()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![source.to_owned()];
    while let Some(folder) = folders.pop() {
        let doing = || format!("reading {}", folder.display());
        for entry in fs::read_dir(&folder).doing(doing)? {
            let entry = entry.doing(doing)?;
            let path = entry.path();
            if entry.file_type().doing(doing)?.is_dir() {
                folders.push(path);
            } else if is_distribution(&path) && path.is_file() {
                found.push(path);
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn is_distribution(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    EXTENSIONS.iter().any(|extension| name.ends_with(extension)) && !name.starts_with('.')
}
