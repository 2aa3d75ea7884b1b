//! Which files of a page are meant.

use std::collections::BTreeSet;

use super::{Choice, What};
use crate::catalog::project::Status;
use crate::mirror::page::UpstreamFile;
use crate::mirror::verdict::Verdict;
use crate::mirror::view::{How, Source};
use crate::packaging::lock_file::{LockedFile, Pin};
use crate::packaging::{Sha256, Version, specifier};
use crate::time::{self, Time};

/// A file that is to be had, and what its bytes must have, where somebody says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) file: UpstreamFile,
    /// One of these; none: it may have any.
    pub(super) pins: Vec<Sha256>,
}

/// What is found, and why some is not.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) files: Vec<Chosen>,
    /// Names of files, or nothing where it is all, with the reason.
    pub(super) missing: Vec<(String, String)>,
}

/// Chooses files of what is known of a project.
pub(super) fn choose(
    source: &Source,
    what: &What,
    choice: &Choice,
    (how, now): (How, Time),
) -> Found {
    if let Some(why) = held(source, now) {
        return none(why);
    }
    let looking = Looking { source, choice, how, now };
    match what {
        What::Versions(set, pins) => looking.by_version(set, pins),
        What::Files(files) => looking.by_name(files),
    }
}

fn none(why: impl Into<String>) -> Found {
    Found { files: Vec::new(), missing: vec![(String::new(), why.into())] }
}

/// Why nothing of the project is served, if nothing is.
fn held(source: &Source, now: Time) -> Option<String> {
    if source.rules.quarantine(now).is_some() {
        return Some("it is quarantined here".to_owned());
    }
    let is_held = source.page.status == Status::Quarantined;
    is_held.then(|| "the index that it comes from quarantined it".to_owned())
}

/// Whether a file of that version is kept.
type Keep<'a> = dyn Fn(&Version, &UpstreamFile) -> bool + 'a;

struct Looking<'a> {
    source: &'a Source,
    choice: &'a Choice,
    how: How,
    now: Time,
}

impl Looking<'_> {
    fn by_version(&self, set: &str, pins: &[Sha256]) -> Found {
        if let Some(text) = unreadable(set) {
            return none(format!("{text:?} is compared with no version that is one"));
        }
        let mut admitted: Vec<(Version, &UpstreamFile)> = Vec::new();
        for file in &self.source.page.files {
            let version = file.version.as_deref().and_then(Version::parse);
            if let Some(version) = version.filter(|version| specifier::admits(set, version)) {
                admitted.push((version, file));
            }
        }
        let steps: [(&str, &Keep<'_>); 4] = [
            ("no version fits", &|_, _| true),
            ("none of its files has one of the hashes", &|_, file| may_have(file, pins)),
            ("none of its files is for the chosen platforms and versions of Python", &|_, file| {
                self.choice.kinds.want(file)
            }),
            ("what fits was yanked", &|_, file| file.yanked.is_none() || is_exact(set)),
        ];
        for (why, keep) in steps {
            admitted.retain(|(version, file)| keep(version, file));
            if admitted.is_empty() {
                return none(why);
            }
        }
        let mut hidden = None;
        admitted.retain(|(_, file)| {
            let refused = self.refusal(file);
            let is_served = refused.is_none();
            hidden = hidden.take().or(refused);
            is_served
        });
        if let (true, Some(why)) = (admitted.is_empty(), hidden) {
            return none(format!("all that fits is hidden: {why}"));
        }
        let versions = self.versions(set, admitted.iter().map(|(version, _)| version.clone()));
        let of_them = |(version, file): (Version, &UpstreamFile)| {
            let chosen = Chosen { file: file.clone(), pins: pins.to_vec() };
            versions.contains(&version).then_some(chosen)
        };
        Found { files: admitted.into_iter().filter_map(of_them).collect(), missing: Vec::new() }
    }

    /// Of these versions the latest, or all; those before final ones where they are asked for, or
    /// where there are no others (PEP 440).
    fn versions(&self, set: &str, found: impl Iterator<Item = Version>) -> BTreeSet<Version> {
        let mut versions: BTreeSet<Version> = found.collect();
        let are_asked_for = self.choice.prereleases || names_prerelease(set);
        if !are_asked_for && versions.iter().any(|version| !version.is_prerelease()) {
            versions.retain(|version| !version.is_prerelease());
        }
        if !self.choice.all_versions {
            return versions.pop_last().into_iter().collect();
        }
        versions
    }

    fn by_name(&self, wanted: &[LockedFile]) -> Found {
        let mut found = Found::default();
        for LockedFile { filename, pin } in wanted {
            let named = self.source.page.files.iter().find(|file| file.filename == *filename);
            let chosen = match (named, pin) {
                (None, _) => Err("the index has no such file (any more)".to_owned()),
                (Some(file), _) if !self.choice.kinds.want(file) => continue,
                (Some(_), Pin::Other(name)) => {
                    Err(format!("it is locked by {name}, and only sha256 is checked"))
                }
                (Some(file), Pin::Sha256(pin)) => self.checked(file, vec![pin.clone()]),
                (Some(file), Pin::None) => self.checked(file, Vec::new()),
            };
            match chosen {
                Ok(chosen) => found.files.push(chosen),
                Err(why) => found.missing.push((filename.clone(), why)),
            }
        }
        if wanted.is_empty() {
            return none("the lock file names no files of it");
        }
        found
    }

    fn checked(&self, file: &UpstreamFile, pins: Vec<Sha256>) -> Result<Chosen, String> {
        if !may_have(file, &pins) {
            return Err("the index has another file under this name than is locked".to_owned());
        }
        match self.refusal(file) {
            Some(why) => Err(why),
            None => Ok(Chosen { file: file.clone(), pins }),
        }
    }

    /// Why a file is not served.
    fn refusal(&self, file: &UpstreamFile) -> Option<String> {
        match self.source.verdict(file, self.how, self.now) {
            Verdict::Served => None,
            Verdict::Quarantined(_) => Some(format!("{} is quarantined here", file.filename)),
            Verdict::Young(Some(until)) => {
                let until = time::for_people(until);
                Some(format!("{} is too young until {until}", file.filename))
            }
            Verdict::Young(None) => Some(format!("the age of {} is not known", file.filename)),
        }
    }
}

/// Whether the bytes of a file may have one of these digests, as far as its index says.
fn may_have(file: &UpstreamFile, pins: &[Sha256]) -> bool {
    pins.is_empty() || file.sha256().is_none_or(|digest| pins.contains(&digest))
}

fn parts(set: &str) -> impl Iterator<Item = &str> {
    set.split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// The specifier that compares with any text, and not with a version.
fn unreadable(set: &str) -> Option<&str> {
    let is_text = |part: &&str| {
        part.strip_prefix("===").is_some_and(|text| Version::parse(text.trim()).is_none())
    };
    parts(set).find(is_text)
}

/// Whether exactly one version is asked for: then it may be a yanked one (PEP 592).
fn is_exact(set: &str) -> bool {
    parts(set).any(|part| part.starts_with("==") && !part.ends_with(".*"))
}

fn names_prerelease(set: &str) -> bool {
    parts(set).filter(|part| !part.starts_with("!=")).any(|part| {
        let version = part.trim_start_matches(['=', '~', '<', '>', '!']).trim_end_matches(".*");
        Version::parse(version.trim()).is_some_and(|version| version.is_prerelease())
    })
}

#[cfg(test)]
mod tests;
