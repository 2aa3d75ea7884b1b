//! A page as it is shown: the rendering, and for how long it may be.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Instant;

use super::rendered::Rendered;
use crate::time::Time;

/// A page of which the index it comes from was to be asked, and did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// When that index last said that this is its page.
    pub checked_at: Time,
    /// Since when it should have been asked again.
    pub since: Time,
}

/// A page as it is shown. Cloning copies nothing of it.
#[derive(Debug, Clone)]
pub struct Shown {
    page: Arc<Rendered>,
    lease: Option<Lease>,
    stale: Option<Stale>,
}

/// For how long a page may be shown that comes from elsewhere.
#[derive(Debug, Clone, Copy)]
struct Lease {
    until: Instant,
    /// The number of changes of rules before it was made, as the cache counts them.
    epoch: u64,
    /// What the rendering was made of: equal for equal pages.
    made_of: u64,
}

impl Shown {
    /// A page of a project hosted here: shown until the project changes.
    pub(super) fn hosted(page: Arc<Rendered>) -> Self {
        Self { page, lease: None, stale: None }
    }

    /// A page from elsewhere, shown until a moment. `made_of` is equal for equal renderings.
    pub fn until(page: Arc<Rendered>, until: Instant, made_of: u64, stale: Option<Stale>) -> Self {
        Self { page, lease: Some(Lease { until, epoch: 0, made_of }), stale }
    }

    /// The rendering, where it was made of the same.
    pub fn same(&self, made_of: u64) -> Option<Arc<Rendered>> {
        let is_same = self.lease.is_some_and(|lease| lease.made_of == made_of);
        is_same.then(|| self.page.clone())
    }

    /// The rendering.
    pub fn page(&self) -> &Arc<Rendered> {
        &self.page
    }

    /// Since when nobody could be asked whether it still is so; none while all is well.
    pub fn stale(&self) -> Option<&Stale> {
        self.stale.as_ref()
    }

    /// The same, made under the rules of that epoch.
    pub(super) fn in_epoch(mut self, epoch: u64) -> Self {
        if let Some(lease) = &mut self.lease {
            lease.epoch = epoch;
        }
        self
    }

    /// Whether it may still be shown under the rules of that epoch.
    pub(super) fn holds(&self, epoch: u64) -> bool {
        self.lease.is_none_or(|lease| lease.epoch == epoch && Instant::now() < lease.until)
    }
}

impl Deref for Shown {
    type Target = Rendered;

    fn deref(&self) -> &Rendered {
        &self.page
    }
}
