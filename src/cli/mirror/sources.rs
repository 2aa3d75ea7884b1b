//! What is to be fetched: names from the command line, requirements files, lock files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::super::{Failure, out};
use crate::error::Result;
use crate::mirror::fill::{Missing, Need, What};
use crate::packaging::NormalizedName;
use crate::packaging::lock_file::{self, Package};
use crate::packaging::requirements_file::{self, Entry, NotRequired, Required};

/// The longest file that is read: some hundred thousand lines.
const LONGEST: u64 = 64 * 1024 * 1024;

/// All that was asked for so far.
#[derive(Default)]
pub(super) struct Sources {
    /// Whether a requirements file asks for versions before the final ones.
    pub(super) prereleases: bool,
    required: Vec<(Required, String)>,
    /// Version specifiers that hold for whoever asks for a project.
    constraints: BTreeMap<NormalizedName, Vec<Required>>,
    needs: Vec<Need>,
    missing: Vec<Missing>,
    /// Whether a requirements file demands hashes of all.
    need_hashes: bool,
    /// Files that were read, and whether for constraints: they may name each other.
    read: BTreeSet<(PathBuf, bool)>,
}

impl Sources {
    /// A name from the command line, with versions or without; or the path of a lock file.
    pub(super) fn add_name(&mut self, text: &str) -> Result<(), Failure> {
        let path = Path::new(text);
        let filename = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if lock_file::is_name_of_one(filename) {
            return self.add_file(path);
        }
        let bad = |why: NotRequired| Failure::Usage(format!("{text:?}: {why}"));
        self.required.push((Required::parse(text).map_err(bad)?, "command line".to_owned()));
        Ok(())
    }

    /// A file, by its name a lock file, else a requirements file.
    pub(super) fn add_file(&mut self, path: &Path) -> Result<(), Failure> {
        let filename = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if lock_file::is_name_of_one(filename) {
            return self.add_lock(path);
        }
        self.add_requirements(path, false)
    }

    fn add_lock(&mut self, path: &Path) -> Result<(), Failure> {
        let place = path.display();
        let packages = lock_file::read(&text_of(path)?)
            .map_err(|why| Failure::Failed(format!("{place}: {why}")))?;
        for package in packages {
            match package {
                Package::OfIndex(locked) => self.needs.push(Need {
                    name: locked.name,
                    what: What::Files(locked.files),
                    by: place.to_string(),
                }),
                Package::Own(name) => {
                    out::note(format!("{name} ({place}): it stands beside the lock file"));
                }
                Package::Elsewhere(name) => self.missing.push(Missing {
                    what: format!("{name} ({place})"),
                    why: "it comes from a URL, a path or a repository, not from an index"
                        .to_owned(),
                }),
            }
        }
        Ok(())
    }

    fn add_requirements(&mut self, path: &Path, is_constraints: bool) -> Result<(), Failure> {
        let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if !self.read.insert((real, is_constraints)) {
            return Ok(());
        }
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        for (number, entry) in requirements_file::read(&text_of(path)?) {
            let place = format!("{} line {number}", path.display());
            match entry {
                Entry::Required(required) if is_constraints => {
                    self.constraints.entry(required.name.clone()).or_default().push(required);
                }
                Entry::Required(required) => self.required.push((required, place)),
                Entry::Bad(text, why) => {
                    let what = format!("{text} ({place})");
                    self.missing.push(Missing { what, why: why.to_string() });
                }
                Entry::Requirements(other) if !is_url(&other) => {
                    self.add_requirements(&folder.join(other), is_constraints)?;
                }
                Entry::Constraints(other) if !is_url(&other) => {
                    self.add_requirements(&folder.join(other), true)?;
                }
                Entry::Requirements(url) | Entry::Constraints(url) => {
                    let what = format!("{url} ({place})");
                    self.missing.push(Missing { what, why: NotRequired::Url.to_string() });
                }
                Entry::Prereleases => self.prereleases = true,
                Entry::HashesRequired => self.need_hashes = true,
                Entry::Option(text) => {
                    out::note(format!("{place}: {text} has no meaning here and is passed over"));
                }
            }
        }
        Ok(())
    }

    /// What is needed, and what cannot be had already.
    pub(super) fn finish(mut self) -> (Vec<Need>, Vec<Missing>) {
        for (required, by) in self.required {
            let Required { name, mut versions, mut hashes } = required;
            for constraint in self.constraints.get(&name).into_iter().flatten() {
                if !constraint.versions.is_empty() {
                    versions = format!("{versions},{}", constraint.versions);
                }
                hashes.extend(constraint.hashes.iter().cloned());
            }
            if self.need_hashes && hashes.is_empty() && by != "command line" {
                let why = "it has no hash, which its file demands (--require-hashes)".to_owned();
                self.missing.push(Missing { what: format!("{name} ({by})"), why });
                continue;
            }
            self.needs.push(Need { name, what: What::Versions(versions, hashes), by });
        }
        (self.needs, self.missing)
    }
}

fn is_url(text: &str) -> bool {
    text.contains("://")
}

fn text_of(path: &Path) -> Result<String, Failure> {
    let bad = |why: String| Failure::Failed(format!("reading {}: {why}", path.display()));
    let size = std::fs::metadata(path).map_err(|error| bad(error.to_string()))?.len();
    if size > LONGEST {
        return Err(bad(format!("it has {size} bytes, which is more than any such file needs")));
    }
    let bytes = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| bad("it is not UTF-8".to_owned()))
}
