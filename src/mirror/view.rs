//! What is shown of a page of another index: what it says, less what rules and age forbid.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::file::stored::StoredFile;
use super::page::{UpstreamFile, UpstreamPage};
use super::pages::Head;
use super::verdict::{Rules, Verdict};
use crate::catalog::project::Status;
use crate::db::ProjectId;
use crate::packaging::{NormalizedName, Sha256, Version};
use crate::simple::{PageFile, ProjectPage, SHA256};
use crate::time::Time;

/// What stands behind the name of a file whose metadata is meant.
const METADATA: &str = ".metadata";

/// All that a page is made of.
#[derive(Debug)]
pub struct Source {
    /// The project.
    pub name: NormalizedName,
    /// The row of its page.
    pub head: Head,
    /// What its index says.
    pub page: UpstreamPage,
    /// What administrators say.
    pub rules: Rules,
    /// What of it is stored here.
    pub stored: Vec<StoredFile>,
}

/// How pages are shown by the configuration.
#[derive(Debug, Clone, Copy)]
pub struct How {
    /// Files younger than so many days are hidden.
    pub min_age_days: u32,
    /// Files that are not stored are hidden: nobody is asked for them.
    pub offline: bool,
}

/// A page as it is shown now.
#[derive(Debug)]
pub struct View {
    /// The page.
    pub page: ProjectPage,
    /// The next moment at which it would be another one.
    pub until: Option<Time>,
    /// Equal for equal pages, as long as nothing but files that are stored meanwhile tells them
    /// apart.
    pub made_of: u64,
}

/// A file that is not shown, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// Its name.
    pub filename: String,
    /// Its version, where its name tells it.
    pub version: Option<String>,
    /// Why.
    pub verdict: Verdict,
}

impl Source {
    /// What follows for a file of the page.
    pub fn verdict(&self, file: &UpstreamFile, how: How, now: Time) -> Verdict {
        let stored = self.stored_as(&file.path()).map(|stored| &stored.sha256);
        self.rules.verdict(file, sha256(file, stored).as_ref(), how.min_age_days, now)
    }

    /// The files that are not shown now, and why.
    pub fn hidden(&self, how: How, now: Time) -> Vec<Hidden> {
        let hidden = |file: &UpstreamFile| {
            let verdict = self.verdict(file, how, now);
            let (filename, version) = (file.filename.clone(), file.version.clone());
            (verdict != Verdict::Served).then_some(Hidden { filename, version, verdict })
        };
        self.page.files.iter().filter_map(hidden).collect()
    }

    /// The row of what is stored under a path, if it is.
    pub fn stored_as(&self, path: &str) -> Option<&StoredFile> {
        self.stored.iter().find(|stored| stored.path == path)
    }

    /// The page as it is shown now.
    pub fn view(self, how: How, now: Time) -> View {
        let id = ProjectId::new(-self.head.id.get());
        let stored: HashMap<&str, &StoredFile> =
            self.stored.iter().map(|stored| (stored.path.as_str(), stored)).collect();
        let (mut status, mut status_reason) = (self.page.status, self.page.status_reason);
        if let Some(rule) = self.rules.quarantine(now) {
            status = Status::Quarantined;
            status_reason = Some(rule.reason.clone()).filter(|reason| !reason.is_empty());
        }
        let mut until = self.rules.next_end(now);
        let mut files = Vec::new();
        let mut gone = HashSet::new();
        for file in self.page.files {
            let path = file.path();
            let kept = stored.get(path.as_str()).copied();
            let digest = sha256(&file, kept.map(|kept| &kept.sha256));
            let verdict = self.rules.verdict(&file, digest.as_ref(), how.min_age_days, now);
            if let Verdict::Young(Some(of_age)) = verdict {
                until = Some(until.map_or(of_age, |until| until.min(of_age)));
            }
            let is_shown = verdict == Verdict::Served
                && status != Status::Quarantined
                && (kept.is_some() || !how.offline);
            if is_shown {
                let beside = stored.get(format!("{path}{METADATA}").as_str()).copied();
                files.push((file.version.clone(), shown(file, (kept, beside), how)));
            } else {
                gone.extend(file.version);
            }
        }
        for version in files.iter().filter_map(|(version, _)| version.as_ref()) {
            gone.remove(version);
        }
        let made_of = fingerprint(&self.head, &self.rules, &self.stored, until);
        let page = ProjectPage {
            id,
            name: self.name,
            serial: 0,
            status,
            status_reason,
            versions: without(self.page.versions, &gone),
            files: files.into_iter().map(|(_, file)| file).collect(),
        };
        View { page, until, made_of }
    }
}

/// The versions whose files are not all gone.
fn without(mut versions: Vec<String>, gone: &HashSet<String>) -> Vec<String> {
    if !gone.is_empty() {
        // The page may spell a version otherwise than its files do.
        let key = |text: &str| Version::parse(text).map(|version| version.key());
        let gone: HashSet<_> = gone.iter().filter_map(|text| key(text)).collect();
        versions.retain(|text| key(text).is_none_or(|key| !gone.contains(&key)));
    }
    versions
}

/// What the bytes of a file have as SHA-256, where its index or what is stored tells it.
fn sha256(file: &UpstreamFile, stored: Option<&Sha256>) -> Option<Sha256> {
    file.sha256().or_else(|| stored.cloned())
}

fn shown(
    file: UpstreamFile,
    (kept, beside): (Option<&StoredFile>, Option<&StoredFile>),
    how: How,
) -> PageFile {
    let metadata = kept.and_then(|kept| kept.metadata_blake2_256.clone());
    let metadata = metadata.or_else(|| beside.map(|beside| beside.blake2_256.clone()));
    let told = file.core_metadata().filter(|_| !how.offline || metadata.is_some());
    let core_metadata = told.or_else(|| kept.and_then(|kept| kept.metadata_sha256.clone()));
    let mut hashes: Vec<_> =
        file.hashes.into_iter().map(|(name, digits)| (Cow::Owned(name), digits)).collect();
    if let Some(kept) = kept
        && !hashes.iter().any(|(name, _)| name == SHA256)
    {
        hashes.push((Cow::Borrowed(SHA256), kept.sha256.to_string()));
        hashes.sort_unstable();
    }
    PageFile {
        filename: file.filename,
        address: file.address,
        hashes,
        size: file.size.or_else(|| u64::try_from(kept?.size).ok()),
        upload_time: file.upload_time,
        requires_python: file.requires_python,
        yanked: file.yanked,
        core_metadata,
        provenance: file.provenance,
        stored: kept.map(StoredFile::offered),
        metadata,
    }
}

fn fingerprint(head: &Head, rules: &Rules, stored: &[StoredFile], until: Option<Time>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (head.id, head.changed_at, rules.fingerprint(), until).hash(&mut hasher);
    let mut ids: Vec<_> = stored.iter().map(|stored| stored.id.get()).collect();
    ids.sort_unstable();
    ids.hash(&mut hasher);
    hasher.finish()
}
