//! The releases of a project in the order of PEP 440, and which of them stands for it.

use super::release::Release;
use crate::db::{Conn, ProjectId, ReleaseId};
use crate::error::Result;
use crate::packaging::Version;

/// A release among the others of its project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    /// Its id.
    pub id: ReleaseId,
    /// Its version.
    pub version: Version,
    /// The reason where it is yanked; it may be empty.
    pub yanked: Option<String>,
}

/// The releases of a project, by ascending version.
pub fn releases(c: &mut Conn, project: ProjectId) -> Result<Vec<Ranked>> {
    let mut ranked: Vec<_> = Release::versions(c, project)?
        .into_iter()
        .filter_map(|(id, text, yanked)| {
            Some(Ranked { id, version: Version::parse(&text)?, yanked })
        })
        .collect();
    ranked.sort_by(|one, other| one.version.cmp(&other.version));
    Ok(ranked)
}

/// The release that stands for the project, as on PyPI: one that is not yanked rather than a
/// yanked one, then no pre-release rather than a pre-release, then the highest version.
pub fn latest(releases: &[Ranked]) -> Option<&Ranked> {
    releases.iter().max_by_key(|it| standing(it.yanked.is_some(), &it.version))
}

/// What [`latest`] goes by: the release for which this is greatest stands for its project.
pub fn standing(is_yanked: bool, version: &Version) -> impl Ord {
    (!is_yanked, !version.is_prerelease(), version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_is_neither_yanked_nor_a_prerelease_if_it_can_be() {
        let latest = |texts: &[&str]| {
            let ranked: Vec<_> = texts
                .iter()
                .filter_map(|text| {
                    let version = Version::parse(text.trim_end_matches('!'))?;
                    let yanked = text.ends_with('!').then(String::new);
                    Some(Ranked { id: ReleaseId::new(1), version, yanked })
                })
                .collect();
            latest(&ranked).map(|it| it.version.to_string())
        };
        assert_eq!(latest(&["1.0", "2.0rc1", "1.10"]).as_deref(), Some("1.10"));
        assert_eq!(latest(&["1.0a1", "1.0.dev3"]).as_deref(), Some("1.0a1"));
        assert_eq!(latest(&["1.0", "2.0!"]).as_deref(), Some("1.0"));
        assert_eq!(latest(&["1.0rc1", "2.0!"]).as_deref(), Some("1.0rc1"));
        assert_eq!(latest(&["1.0!", "2.0!"]).as_deref(), Some("2.0"));
        assert_eq!(latest(&[]), None);
    }
}
