//! What this process asked of the storage.

use crate::count::Count;

/// Something asked of the storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Keeping a blob.
    Put,
    /// Opening a blob.
    Get,
}

impl Operation {
    /// All of them, in their order.
    pub const ALL: [Self; 2] = [Self::Put, Self::Get];

    /// Its name in figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Get => "get",
        }
    }

    /// How often it was asked for, and how often it failed.
    pub fn counts(self) -> (u64, u64) {
        let counts = COUNTS.get(self as usize);
        counts.map_or((0, 0), |(asked, failed)| (asked.get(), failed.get()))
    }

    /// Counts one, and hands its outcome back.
    pub(super) fn counted<T, E>(self, outcome: Result<T, E>) -> Result<T, E> {
        if let Some((asked, failed)) = COUNTS.get(self as usize) {
            asked.one();
            if outcome.is_err() {
                failed.one();
            }
        }
        outcome
    }
}

static COUNTS: [(Count, Count); Operation::ALL.len()] =
    [const { (Count::new(), Count::new()) }; Operation::ALL.len()];
