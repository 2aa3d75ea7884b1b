//! Which kinds of files are wanted: for which Python and which platform.

use crate::config::glob_fits;
use crate::mirror::page::UpstreamFile;
use crate::packaging::tags::{ANY, Tags};
use crate::packaging::{Filename, Version, specifier};

/// A patch release later than all there are of any minor version.
const LAST_PATCH: u32 = 99;
/// Numbers in `3.12`.
const MINOR_PARTS: usize = 2;

/// Which kinds of files are wanted; by default all.
#[derive(Debug, Clone, Default)]
pub struct Kinds {
    /// Globs for the platform tags of wheels; none: all platforms. What runs everywhere is always
    /// wanted.
    pub platforms: Vec<String>,
    /// Versions of CPython, one of which it must be for; none: all of Python.
    pub pythons: Vec<Version>,
    /// No source distributions.
    pub no_sdists: bool,
}

impl Kinds {
    /// Whether a file is of a kind that is wanted.
    pub(super) fn want(&self, file: &UpstreamFile) -> bool {
        let set = file.requires_python.as_deref().unwrap_or_default();
        if !self.pythons.is_empty() && !self.pythons.iter().any(|wanted| admits(set, wanted)) {
            return false;
        }
        match Tags::of(&file.filename) {
            Some(tags) => self.want_tags(tags),
            None if Filename::parse_alone(&file.filename).is_ok() => !self.no_sdists,
            // Installers of older times are wanted where all is.
            None => self.platforms.is_empty() && self.pythons.is_empty(),
        }
    }

    fn want_tags(&self, tags: Tags<'_>) -> bool {
        let is_wanted = |platform: &str| {
            platform == ANY || self.platforms.iter().any(|glob| glob_fits(glob, platform))
        };
        let fits = |wanted: &Version| {
            let (major, minor) = wanted.major_and_minor();
            tags.fits_python(major, minor)
        };
        (self.platforms.is_empty() || tags.platforms().any(is_wanted))
            && (self.pythons.is_empty() || self.pythons.iter().any(fits))
    }
}

/// Whether a file that requires such a Python is for a version of it, or, where two numbers are
/// given, for any of its patch releases.
fn admits(set: &str, wanted: &Version) -> bool {
    let last = || Version::parse(&format!("{wanted}.{LAST_PATCH}"));
    specifier::admits(set, wanted)
        || wanted.parts() == MINOR_PARTS && last().is_some_and(|last| specifier::admits(set, &last))
}
