//! What a page says about where a project comes from that is not hosted here, and about what is
//! held back of it.

use super::foreign;
use crate::config;
use crate::mirror::project::{Project, Release};
use crate::mirror::verdict::Verdict;
use crate::mirror::view::Hidden;
use crate::time;

/// What stands where a description would.
pub(super) const SILENCE: &str = "The author of this package has not provided a description.";
/// As many files that are held back are named.
const MOST: usize = 50;
/// Longest reason in characters.
const LONGEST_REASON: usize = 200;

/// How it stands with the metadata of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Metadata {
    /// They are shown.
    Here,
    /// Its index serves none.
    Nowhere,
    /// They cannot be had now.
    NotNow,
}

/// Where a project comes from.
pub(super) struct Origin {
    /// The host of its index.
    pub(super) upstream: String,
    /// When that said last that it is so.
    pub(super) checked: String,
    /// When that said last anything else.
    pub(super) changed: String,
    /// Since when it does not answer.
    pub(super) stale_since: Option<String>,
    /// Whether nobody is asked at all.
    pub(super) is_offline: bool,
    /// Whether an administrator here quarantined it, and not its index.
    pub(super) is_quarantined_here: bool,
    /// What stands where a description would.
    pub(super) silence: &'static str,
    /// The files that are held back.
    pub(super) held: Vec<Held>,
    pub(super) held_count: usize,
    /// How old files must be.
    pub(super) min_age_days: u32,
}

/// A file that is held back.
pub(super) struct Held {
    pub(super) filename: String,
    /// Why, and until when.
    pub(super) why: String,
}

impl Origin {
    /// That of a project; what is held back of the whole or of one release.
    pub(super) fn of(
        config: &config::Mirror,
        project: &Project,
        release: Option<&Release>,
        metadata: Metadata,
    ) -> Self {
        let held: Vec<&Hidden> = match release {
            Some(release) => release.held.iter().collect(),
            None => project.held().collect(),
        };
        let url = url::Url::parse(&project.upstream).ok();
        let host = url.and_then(|url| url.host_str().map(str::to_owned));
        Self {
            upstream: host.unwrap_or_default(),
            checked: time::for_people(project.checked_at),
            changed: time::for_people(project.changed_at),
            stale_since: project.stale.as_ref().map(|stale| time::for_people(stale.since)),
            is_offline: config.offline,
            is_quarantined_here: project.is_quarantined_here,
            silence: silence(metadata),
            held_count: held.len(),
            held: held.into_iter().take(MOST).map(Held::of).collect(),
            min_age_days: config.min_age_days,
        }
    }
}

impl Held {
    fn of(hidden: &Hidden) -> Self {
        let why = match &hidden.verdict {
            Verdict::Young(Some(until)) => format!("until {}", time::for_people(*until)),
            Verdict::Young(None) => {
                "its index does not say when it was uploaded; an administrator can release it"
                    .to_owned()
            }
            Verdict::Quarantined(reason) if reason.is_empty() => "quarantined".to_owned(),
            Verdict::Quarantined(reason) => {
                format!("quarantined: {}", foreign::line(reason, LONGEST_REASON))
            }
            Verdict::Served => String::new(),
        };
        Self { filename: hidden.filename.clone(), why }
    }
}

fn silence(metadata: Metadata) -> &'static str {
    match metadata {
        Metadata::Here => SILENCE,
        Metadata::Nowhere => {
            "The index that this comes from serves no metadata by themselves, so nothing more is \
             known of it here."
        }
        Metadata::NotNow => {
            "Its metadata cannot be had from the index that it comes from at this moment; try \
             again."
        }
    }
}
