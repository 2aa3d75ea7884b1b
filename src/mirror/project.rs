//! A mirrored project as people and programs read about it: by release, with what is held back.

use std::collections::{BTreeMap, HashMap};

use super::Mirror;
use super::page::UpstreamFile;
use super::view::{Hidden, How, Source};
use crate::catalog::project::Status;
use crate::catalog::ranked;
use crate::db::ProjectId;
use crate::error::{Error, Result};
use crate::packaging::{CoreMetadata, NormalizedName, Version};
use crate::simple::{Form, PageCache, PageFile, Stale};
use crate::time::{self, Time};

/// What files are called by the ends of their names, in the words that the JSON API of PyPI has.
const TYPES: [(&str, &str); 5] = [
    (".whl", "bdist_wheel"),
    (".egg", "bdist_egg"),
    (".exe", "bdist_wininst"),
    (".msi", "bdist_msi"),
    (".rpm", "bdist_rpm"),
];
/// What all others are.
const SOURCE: &str = "sdist";

/// A project of another index.
#[derive(Debug)]
pub struct Project {
    /// Its id, below zero.
    pub id: ProjectId,
    /// Its normalized name: how its owners spell it, only metadata tell.
    pub name: NormalizedName,
    /// The base URL of the index that it comes from, without credentials.
    pub upstream: String,
    /// When that index last said that it still is so.
    pub checked_at: Time,
    /// When it last said anything else.
    pub changed_at: Time,
    /// Since when it could not be asked; none while all is well.
    pub stale: Option<Stale>,
    /// What may be done with it (PEP 792).
    pub status: Status,
    /// Why.
    pub status_reason: Option<String>,
    /// Whether it is quarantined by an administrator of this index.
    pub is_quarantined_here: bool,
    /// By ascending version.
    pub releases: Vec<Release>,
    /// What is held back of files that tell no version.
    held: Vec<Hidden>,
}

/// A release of it.
#[derive(Debug)]
pub struct Release {
    /// Its version.
    pub version: Version,
    /// Its files that are served: source distributions, then wheels by name.
    pub files: Vec<ReleaseFile>,
    /// Its files that are not, and why.
    pub held: Vec<Hidden>,
}

/// A file that is served.
#[derive(Debug)]
pub struct ReleaseFile {
    /// What this index says about it.
    pub shown: PageFile,
    /// What its own index says.
    pub named: UpstreamFile,
}

impl Mirror {
    /// A project as it is shown now, asked for as its simple page is; `None` where no index has it
    /// that may be asked, and where the name is one of ours. An error where nobody can tell.
    pub async fn project(
        &self,
        pages: &PageCache,
        name: &NormalizedName,
    ) -> Result<Option<Project>> {
        let Some(shown) = pages.project(&self.db, name, Form::Json).await? else { return Ok(None) };
        if !shown.is_mirrored() {
            return Ok(None);
        }
        let Some(source) = self.kept(name).await? else { return Ok(None) };
        let (how, stale) = (self.how(), shown.stale().cloned());
        let sorting = move || Project::of(source, how, stale, time::now());
        let sorted = tokio::task::spawn_blocking(sorting).await;
        sorted.map(Some).map_err(|error| Error::internal("sorting a mirrored project", error))
    }
}

impl Project {
    /// What is shown of that at a moment.
    fn of(source: Source, how: How, stale: Option<Stale>, now: Time) -> Self {
        let hidden = source.hidden(how, now);
        let is_quarantined_here = source.rules.quarantine(now).is_some();
        let head = source.head.clone();
        let named = source.page.files.iter().map(|file| (file.filename.clone(), file.clone()));
        let named: HashMap<_, _> = named.collect();
        let page = source.view(how, now).page;
        let mut sorted = Sorted::default();
        if page.status != Status::Quarantined {
            sorted.add(&page.versions, page.files, named, hidden);
        }
        Self {
            id: page.id,
            name: page.name,
            upstream: head.upstream,
            checked_at: head.checked_at,
            changed_at: head.changed_at,
            stale,
            status: page.status,
            status_reason: page.status_reason,
            is_quarantined_here,
            releases: sorted.releases(),
            held: sorted.held,
        }
    }

    /// The release that stands for the project, as for hosted ones; of those that have files, if
    /// any has, and never one that is held back.
    pub fn latest(&self) -> Option<&Release> {
        let shown = self.releases.iter().filter(|release| !release.is_held());
        shown.max_by_key(|it| {
            (!it.files.is_empty(), ranked::standing(it.yanked().is_some(), &it.version))
        })
    }

    /// How its owners spell its name, by the metadata of a release; else its normalized name.
    pub fn name_in<'a>(&'a self, metadata: &'a CoreMetadata) -> &'a str {
        let told = metadata.one("name");
        let own = told.filter(|told| NormalizedName::parse(told).as_ref() == Some(&self.name));
        own.unwrap_or_else(|| self.name.as_str())
    }

    /// The release of that version.
    pub fn release(&self, version: &Version) -> Option<&Release> {
        self.releases.iter().find(|release| release.version == *version)
    }

    /// All that is held back, the newest release first.
    pub fn held(&self) -> impl Iterator<Item = &Hidden> {
        self.releases.iter().rev().flat_map(|release| &release.held).chain(&self.held)
    }
}

impl Release {
    /// Why it is yanked: all of its files are. The reason may be empty.
    pub fn yanked(&self) -> Option<&str> {
        let reasons: Option<Vec<&str>> =
            self.files.iter().map(|file| file.shown.yanked.as_deref()).collect();
        let reasons = reasons.filter(|reasons| !reasons.is_empty())?;
        Some(reasons.into_iter().find(|reason| !reason.is_empty()).unwrap_or_default())
    }

    /// When the first of its files was uploaded, where that is known.
    pub fn published(&self) -> Option<Time> {
        self.files.iter().filter_map(|file| file.shown.upload_time).min()
    }

    /// Whether it has files and none of them is served.
    pub fn is_held(&self) -> bool {
        self.files.is_empty() && !self.held.is_empty()
    }

    /// What its page tells of its metadata.
    pub fn told(&self) -> CoreMetadata {
        let range = self.files.iter().find_map(|file| file.shown.requires_python.as_deref());
        // It is one line: pages are read so.
        let text = range.map(|range| format!("Requires-Python: {range}\n")).unwrap_or_default();
        CoreMetadata::parse(text.as_bytes())
    }
}

impl ReleaseFile {
    /// What it is, in the words of the JSON API of PyPI.
    pub fn package_type(&self) -> &'static str {
        let known = TYPES.iter().find(|(ending, _)| self.shown.filename.ends_with(ending));
        known.map_or(SOURCE, |(_, word)| word)
    }

    /// The host that its index has it at.
    pub fn host(&self) -> String {
        let url = url::Url::parse(&self.named.url).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// The files of a project, sorted into its releases.
#[derive(Default)]
struct Sorted {
    releases: BTreeMap<Version, (Vec<ReleaseFile>, Vec<Hidden>)>,
    held: Vec<Hidden>,
}

impl Sorted {
    fn add(
        &mut self,
        versions: &[String],
        files: Vec<PageFile>,
        mut named: HashMap<String, UpstreamFile>,
        hidden: Vec<Hidden>,
    ) {
        for version in versions.iter().filter_map(|text| Version::parse(text)) {
            self.releases.entry(version).or_default();
        }
        for shown in files {
            let Some(named) = named.remove(&shown.filename) else { continue };
            let Some(version) = named.version.as_deref().and_then(Version::parse) else { continue };
            let (files, _) = self.releases.entry(version).or_default();
            files.push(ReleaseFile { shown, named });
        }
        for hidden in hidden {
            match hidden.version.as_deref().and_then(Version::parse) {
                Some(version) => self.releases.entry(version).or_default().1.push(hidden),
                None => self.held.push(hidden),
            }
        }
    }

    fn releases(&mut self) -> Vec<Release> {
        let releases = std::mem::take(&mut self.releases).into_iter();
        let release = |(version, (mut files, held)): (_, (Vec<ReleaseFile>, _))| {
            // "sdist" stands behind all others in the alphabet.
            files.sort_by(|one, other| {
                let types = other.package_type().cmp(one.package_type());
                types.then_with(|| one.shown.filename.cmp(&other.shown.filename))
            });
            Release { version, files, held }
        };
        releases.map(release).collect()
    }
}
