//! Version specifiers: `>=1.0`, `==2.*`, and sets of them.
//! Source: <https://packaging.python.org/en/latest/specifications/version-specifiers/>

use std::str::FromStr;

use pep440_rs::VersionSpecifier;

use super::Version;

/// All operators; one that begins like another stands before it.
const OPERATORS: [&str; 8] = ["===", "~=", "==", "!=", "<=", ">=", "<", ">"];

/// `~=` leaves the last part of the release open, so one must stand before it.
const COMPATIBLE_PARTS: usize = 2;

/// Whether `text` is a version specifier set, as `Requires-Python` holds it: specifiers joined
/// by commas. Superfluous commas are skipped, as installers do.
pub fn is_specifier_set(text: &str) -> bool {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).all(is_specifier)
}

/// Whether `text` is one operator with a version that fits it.
pub fn is_specifier(text: &str) -> bool {
    let text = text.trim();
    let split = |operator| Some((operator, text.strip_prefix(operator)?.trim_start()));
    let Some((operator, version)) = OPERATORS.into_iter().find_map(split) else { return false };
    match (operator, version.strip_suffix(".*")) {
        ("===", _) => is_arbitrary(version),
        ("==" | "!=", Some(prefix)) => is_prefix(prefix),
        ("==" | "!=", None) => Version::parse(version).is_some(),
        ("~=", _) => {
            Version::parse(version).is_some_and(|v| !v.is_local() && v.parts() >= COMPATIBLE_PARTS)
        }
        _ => Version::parse(version).is_some_and(|v| !v.is_local()),
    }
}

/// Whether a version fits a version specifier set, as `Requires-Python` holds it. A set that cannot
/// be read keeps nothing out, as with installers.
///
/// ```
/// use cheeseshop::packaging::{Version, specifier};
///
/// let fits = |set, text| Version::parse(text).is_some_and(|it| specifier::admits(set, &it));
/// assert!(fits(">=3.8, !=3.9.*", "3.10.4"));
/// assert!(!fits(">=3.8, !=3.9.*", "3.9.1"));
/// ```
pub fn admits(set: &str, version: &Version) -> bool {
    let parts = set.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.filter_map(|part| VersionSpecifier::from_str(part).ok()).all(|it| version.fits(&it))
}

/// What `===` compares with is any text; it ends where the rest of a requirement begins.
fn is_arbitrary(text: &str) -> bool {
    !text.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == ';' || c == ')')
}

/// What stands before `.*`: a release without any suffix.
fn is_prefix(text: &str) -> bool {
    let written = Version::parse(text).filter(|_| !text.ends_with(char::is_whitespace));
    written.is_some_and(|version| version.is_bare_release())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sets_that_are_taken() {
        for good in [
            "",
            ">=3.8",
            ">=3.8,<4",
            ">= 3.8 , < 4",
            ">=3.8,",
            ",>=3.8",
            "==3.*",
            "!=3.0.*,!=3.1.*",
            "==1!2.*",
            "~=3.8",
            "~=1.0.post1",
            "==1+l",
            "!=1.0+local.1",
            "===foo",
            "=== 1.0+anything_at~all",
            ">=v1.0",
            ">1.0-1",
            "<2.0.dev0",
        ] {
            assert!(is_specifier_set(good), "{good:?}");
        }
    }

    #[test]
    fn sets_that_are_refused() {
        for bad in [
            "3.8",
            "three or more",
            "~=1",
            ">=1.*",
            "<3.*",
            "~=1.0.*",
            ">=1+l",
            "~=1.0+l",
            ">=1 <2",
            "==1.0.dev1.*",
            "==1.0.post1.*",
            "==1.0rc1.*",
            "==1.0+l.*",
            "==1.0 .*",
            "=>3.8",
            "=3.8",
            ">=",
            "===",
            "===a b",
            ">=3.8;",
            ">=3.8 # or newer",
            ">='3.8'",
            "≥3.8",
        ] {
            assert!(!is_specifier_set(bad), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = is_specifier_set(&text);
        }

        #[test]
        fn no_near_miss_makes_it_panic(text in "([<>=!~]{0,3} ?[0-9.a-z*+!-]{0,8},?){0,4}") {
            let _ = is_specifier_set(&text);
        }
    }
}
