//! Filling ahead: files are fetched before anybody asks for them, for networks that reach no other
//! index, and so that the first who asks does not wait.

mod choose;
mod fetch;
mod kinds;
mod plan;

pub use fetch::{Pace, Report};
pub use kinds::Kinds;
pub use plan::Plan;

use crate::packaging::lock_file::LockedFile;
use crate::packaging::{NormalizedName, Sha256};

/// Pages and files that are asked for at the same time.
const AT_ONCE: usize = 8;

/// Files of a project that are to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The project.
    pub name: NormalizedName,
    /// Which of its files.
    pub what: What,
    /// Who says so, for what is said about it.
    pub by: String,
}

/// Which files of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Those of the latest version, or of all, that a version specifier set admits; where there
    /// are digests, those that have one of them.
    Versions(String, Vec<Sha256>),
    /// These files.
    Files(Vec<LockedFile>),
}

/// How files are chosen.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Which kinds of files.
    pub kinds: Kinds,
    /// Every version that is admitted, and not the latest one.
    pub all_versions: bool,
    /// Versions before the final ones, too.
    pub prereleases: bool,
}

/// What could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What: a project or a file, and who asked for it.
    pub what: String,
    /// Why.
    pub why: String,
}
