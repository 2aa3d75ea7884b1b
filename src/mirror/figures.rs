//! Figures of the mirror in this process.

pub use crate::count::Count;

/// What was done about pages since the process started.
#[derive(Debug, Default)]
pub struct Figures {
    /// Pages that upstream indexes were asked for.
    pub asked: Count,
    /// Of these, pages that had not changed.
    pub not_modified: Count,
    /// Of these, pages that they did not answer with, or not so that it could be used.
    pub failed: Count,
    /// Pages that became stale because they could not be asked for again.
    pub stale: Count,
    /// Questions for unknown names that were answered from memory.
    pub remembered: Count,
}
