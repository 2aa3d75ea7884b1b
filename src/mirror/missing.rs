//! Names for which there is no page, remembered for a moment, so that asking for them again and
//! again asks nobody.

use std::time::{Duration, Instant};

use moka::sync::Cache;

use super::upstream::UpstreamError;
use crate::packaging::NormalizedName;

/// How long a name is remembered at most. A project that comes to be there is seen here so late.
const LONGEST: Duration = Duration::from_mins(1);
/// How many names are remembered: some hundred bytes each.
const MOST: u64 = 10_000;

/// Why there is no page.
#[derive(Debug, Clone)]
pub(super) enum Missing {
    /// No index has the project.
    Unknown,
    /// They could not be asked, for this reason; nor are they until then.
    Failed(UpstreamError, Instant),
}

/// Names for which there is no page.
pub(super) struct Names(Cache<NormalizedName, (Missing, Instant)>);

impl Names {
    pub(super) fn new() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(LONGEST).build())
    }

    /// What is remembered of a name.
    pub(super) fn get(&self, name: &NormalizedName) -> Option<Missing> {
        let (missing, until) = self.0.get(name)?;
        (Instant::now() < until).then_some(missing)
    }

    /// Remembers that no index has a project; for as long as pages count as fresh at most.
    pub(super) fn unknown(&self, name: &NormalizedName, ttl: Duration) {
        self.0.insert(name.clone(), (Missing::Unknown, Instant::now() + ttl.min(LONGEST)));
    }

    /// Remembers that they could not be asked.
    pub(super) fn failed(&self, name: &NormalizedName, error: UpstreamError, until: Instant) {
        self.0.insert(name.clone(), (Missing::Failed(error, until), until));
    }
}
