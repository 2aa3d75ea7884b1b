//! Project names that nobody can have, or that one could take for another.
//! Source: PyPI's rules for new projects (facts 1.4, rows 19b and 19e).

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{NormalizedName, ProjectName};

/// The list as a file; its first lines say where it comes from.
const STANDARD_LIBRARY: &str = include_str!("data/standard_library.txt");

static MODULES: LazyLock<HashSet<&str>> = LazyLock::new(|| modules().collect());

/// Whether a module of the standard library has this name in some version of Python, so that a
/// project of the name could be imported in its place, or be taken for a part of Python.
pub fn is_standard_library(name: &NormalizedName) -> bool {
    MODULES.contains(name.as_str())
}

/// A key that names share which look alike: `l`, `I` and `1` are one, so are `O` and `0`, and
/// `.`, `_` and `-` do not count.
pub fn confusable_key(name: &ProjectName) -> String {
    let shown = name.as_str().chars().filter(|c| !matches!(c, '.' | '_' | '-'));
    let looks_like = |c: char| match c.to_ascii_lowercase() {
        'l' | 'i' => '1',
        'o' => '0',
        other => other,
    };
    shown.map(looks_like).collect()
}

fn modules() -> impl Iterator<Item = &'static str> {
    STANDARD_LIBRARY.lines().filter(|line| !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_normalized() {
        assert!(modules().is_sorted());
        for name in modules() {
            let normal = NormalizedName::parse(name);
            assert_eq!(normal.as_ref().map(NormalizedName::as_str), Some(name));
        }
    }

    #[test]
    fn names_of_the_standard_library() {
        let is = |text| NormalizedName::parse(text).is_some_and(|name| is_standard_library(&name));
        for taken in [
            "os",
            "OS",
            "os.path",
            "json",
            "urllib2",
            "StringIO",
            "xml_etree-elementtree",
            "concurrent",
            "concurrent.futures",
            "asyncio",
            "tomllib",
            "distutils",
            "imp",
            "winreg",
            "_winreg",
            "msvcrt",
            "collections.abc",
            "tkinter",
            "unittest.mock",
            "annotationlib",
            "compression.zstd",
        ] {
            let trimmed = taken.trim_matches('_');
            assert!(is(trimmed), "{taken}");
        }
        for free in ["numpy", "os2", "requests", "setuptools", "pip", "six", "path", "cheeseshop"] {
            assert!(!is(free), "{free}");
        }
    }

    #[test]
    fn names_that_look_alike_share_a_key() {
        let key = |text| ProjectName::parse(text).map(|name| confusable_key(&name));
        for (one, other) in [
            ("foo", "F0O"),
            ("lib", "1Ib"),
            ("a-b", "A.__b"),
            ("Pillow", "pi11ow"),
            ("zope.interface", "zopeinterface"),
        ] {
            assert_eq!(key(one), key(other), "{one}");
            assert!(key(one).is_some());
        }
        assert_eq!(key("PIL.Low_1").as_deref(), Some("p1110w1"));
        assert_ne!(key("foo"), key("f00d"));
    }
}
