//! Versions.
//! Source: <https://packaging.python.org/en/latest/specifications/version-specifiers/>

use std::fmt;
use std::str::FromStr;

/// Longest text that is read as a version: longer ones exist only to make parsers work.
const LONGEST: usize = 256;

/// A version by the rules of PEP 440. Displayed in normal form; compared by value, so
/// `1.0` equals `1.0.0`.
///
/// ```
/// use cheeseshop::packaging::Version;
///
/// let written = Version::parse("v1.0-RC.1");
/// assert_eq!(written.map(|version| version.to_string()).as_deref(), Some("1.0rc1"));
/// assert!(Version::parse("1.0.dev1") < Version::parse("1.0"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pep440_rs::Version);

impl Version {
    /// Reads any permitted spelling; `None` for all else.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST || !text.is_ascii() {
            return None;
        }
        let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\u{b}');
        pep440_rs::Version::from_str(text).ok().map(Self)
    }

    /// The text under which equal versions are equal: normal form without trailing zeros in
    /// the release segment, so `1.0.0` and `1` share one key.
    pub fn key(&self) -> String {
        let release = self.0.release();
        let kept = release.iter().rposition(|&part| part != 0).map_or(1, |last| last + 1);
        self.0.clone().with_release(release.iter().take(kept).copied()).to_string()
    }

    /// Whether a specifier admits this version.
    pub(super) fn fits(&self, specifier: &pep440_rs::VersionSpecifier) -> bool {
        specifier.contains(&self.0)
    }

    /// The first two numbers of the release segment: 3 and 12 of `3.12.4`, 3 and 0 of `3`.
    pub fn major_and_minor(&self) -> (u64, u64) {
        let mut parts = self.0.release().iter().copied();
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
    }

    /// Whether installers leave this version out unless asked: alpha, beta, candidate, dev.
    pub fn is_prerelease(&self) -> bool {
        self.0.any_prerelease()
    }

    /// Whether it has a local part (`+…`).
    pub fn is_local(&self) -> bool {
        self.0.is_local()
    }

    /// How many numbers the release segment has: 3 in `1!2.0.0rc1`.
    pub fn parts(&self) -> usize {
        self.0.release().len()
    }

    /// Whether nothing stands behind the release segment: no pre, post, dev or local part.
    pub fn is_bare_release(&self) -> bool {
        !self.0.any_prerelease() && !self.0.is_post() && !self.0.is_local()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normal(text: &str) -> Option<String> {
        Version::parse(text).map(|version| version.to_string())
    }

    #[test]
    fn permitted_spellings_and_their_normal_form() {
        for (typed, expected) in [
            ("v1.0", "1.0"),
            ("V1.0", "1.0"),
            (" 1.0\n", "1.0"),
            ("0!1.0", "1.0"),
            ("01.002", "1.2"),
            ("1.0RC1", "1.0rc1"),
            ("1.0-rc.1", "1.0rc1"),
            ("1.0c1", "1.0rc1"),
            ("1.0.rc.1", "1.0rc1"),
            ("1.0preview2", "1.0rc2"),
            ("1.0.alpha", "1.0a0"),
            ("1.0-1", "1.0.post1"),
            ("1.0-r4", "1.0.post4"),
            ("1.0rev", "1.0.post0"),
            ("1.0post", "1.0.post0"),
            ("1.0.post-2", "1.0.post2"),
            ("1.0dev", "1.0.dev0"),
            ("1.0_dev_3", "1.0.dev3"),
            ("1.0+Ubuntu-1", "1.0+ubuntu.1"),
            ("1.0+007", "1.0+7"),
            ("1.0+foo0100", "1.0+foo0100"),
            ("1.0+1_2-3", "1.0+1.2.3"),
            ("2023.01.05", "2023.1.5"),
            ("1!1.0", "1!1.0"),
            ("00!1", "1"),
            ("20260822123456", "20260822123456"),
        ] {
            assert_eq!(normal(typed).as_deref(), Some(expected), "{typed}");
        }
    }

    #[test]
    fn what_is_not_a_version() {
        for bad in [
            "",
            "1.0-",
            "1.0+",
            "1.0+a..b",
            "1.0.dev1.post1",
            "1.0.post1a1",
            "1..0",
            "1.0.",
            "v 1.0",
            "1.0-1-1",
            "1_0",
            "1.0٣",
            "1.0+é",
            "1.0+ſ",
            "latest",
        ] {
            assert_eq!(normal(bad), None, "{bad:?}");
        }
        assert_eq!(normal(&"1.".repeat(LONGEST)), None);
    }

    #[test]
    fn versions_are_ordered_as_pep_440_says() {
        let ordered = [
            "1.dev0",
            "1.0.dev456",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12.dev456",
            "1.0a12",
            "1.0b1.dev456",
            "1.0b2",
            "1.0b2.post345.dev456",
            "1.0b2.post345",
            "1.0rc1.dev456",
            "1.0rc1",
            "1.0",
            "1.0+abc.5",
            "1.0+abc.7",
            "1.0+5",
            "1.0.post456.dev34",
            "1.0.post456",
            "1.0.15",
            "1.1.dev1",
            "1!0.1",
        ];
        let parsed: Vec<_> = ordered.iter().filter_map(|text| Version::parse(text)).collect();
        assert_eq!(parsed.len(), ordered.len());
        assert!(parsed.windows(2).all(|pair| pair.first() < pair.last()), "{parsed:?}");
    }

    #[test]
    fn equal_versions_share_a_key() {
        for (one, other) in [("1", "1.0.0"), ("1.0rc1", "1rc1"), ("0", "0.0"), ("1!2.0+a", "1!2+a")]
        {
            let key = |text| Version::parse(text).map(|version| version.key());
            assert_eq!(key(one), key(other));
            assert!(key(one).is_some());
        }
        let ten = Version::parse("10").map(|version| version.key());
        assert_eq!(ten.as_deref(), Some("10"));
    }

    proptest! {
        #[test]
        fn equality_and_key_agree(
            one in "[0-2](\\.[0-2]){0,3}(a[01])?(\\.post[01])?(\\+[a-c0-2])?",
            other in "[0-2](\\.[0-2]){0,3}(a[01])?(\\.post[01])?(\\+[a-c0-2])?",
        ) {
            let (one, other) = (Version::parse(&one), Version::parse(&other));
            let (Some(one), Some(other)) = (one, other) else { return Err(TestCaseError::fail("not read")) };
            prop_assert_eq!(one == other, one.key() == other.key());
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = normal(&text);
        }
    }
}
