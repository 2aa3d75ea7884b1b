//! What a check finds.

use serde::Serialize;

/// How many findings are told one by one; the others are counted. A lost disk would otherwise
/// fill the memory with words that nobody reads.
const MOST_TOLD: usize = 1_000;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A blob that is referred to is not there.
    Missing,
    /// A blob has another size than its file.
    Size,
    /// A blob holds other bytes than its name says.
    Altered,
    /// A blob cannot be read.
    Unreadable,
    /// The journal has a gap that nothing can fill.
    Journal,
    /// The counter of the journal is not at its last serial.
    Counter,
    /// A project does not know the serial of its last change.
    LastSerial,
    /// The name of a file is not noted as used.
    FileName,
    /// Rows contradict each other.
    Rows,
    /// The database file itself is damaged.
    Database,
    /// The search index says what is not so.
    Search,
    /// The secret key does not open what was encrypted with it.
    Key,
}

impl What {
    /// Whether a repair may help, among what is found in rows.
    pub(super) fn is_mendable(self) -> bool {
        matches!(self, Self::Counter | Self::LastSerial | Self::FileName | Self::Search)
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What kind of wrong.
    pub what: What,
    /// In words.
    pub words: String,
    /// Whether it is right again.
    pub repaired: bool,
}

impl PartialEq for Finding {
    /// Whether it is the same thing, mended or not.
    fn eq(&self, other: &Self) -> bool {
        self.what == other.what && self.words == other.words
    }
}

/// What a check has seen.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Blobs that are referred to and there.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many of them were hashed again.
    pub hashed: u64,
    /// Blobs that nothing refers to, and which are old enough to be removed by the clean-up.
    pub unreferenced: u64,
    /// What is wrong, as far as it is told one by one.
    pub findings: Vec<Finding>,
    /// How much is wrong.
    pub wrong: u64,
    /// How much of that is right again.
    pub repaired: u64,
    /// Unreferenced blobs that were removed.
    pub removed_blobs: u64,
    /// Left-over temporary files that were removed.
    pub removed_temporary: u64,
}

impl Report {
    pub(super) fn add(&mut self, finding: Finding) {
        self.wrong += 1;
        self.repaired += u64::from(finding.repaired);
        if self.findings.len() < MOST_TOLD {
            self.findings.push(finding);
        }
    }

    pub(super) fn add_all(&mut self, findings: impl IntoIterator<Item = Finding>) {
        findings.into_iter().for_each(|it| self.add(it));
    }

    /// Whether nothing is wrong any more.
    pub fn is_well(&self) -> bool {
        self.wrong == self.repaired
    }
}
