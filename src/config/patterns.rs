//! Patterns of project names.

use super::value::{Kind, Setting};

/// Globs over normalized names: `*` stands for any text, `?` for one character.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamePatterns(Vec<String>);

impl NamePatterns {
    /// Whether one of them fits a normalized name.
    pub fn fit(&self, normalized: &str) -> bool {
        self.0.iter().any(|pattern| fits(pattern.as_bytes(), normalized.as_bytes()))
    }
}

/// What may be taken: everything, unless patterns say otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed(Option<NamePatterns>);

impl Allowed {
    /// Whether a normalized name may be taken.
    pub fn fit(&self, normalized: &str) -> bool {
        self.0.as_ref().is_none_or(|patterns| patterns.fit(normalized))
    }
}

impl Setting for NamePatterns {
    const EXPECTED: &'static str = "project names, with * for any text, such as [\"acme-*\"]";
    const KINDS: &'static [Kind] = &[Kind::List, Kind::Text];

    fn parse(text: &str) -> Option<Self> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(normal).collect::<Option<_>>().map(Self)
    }

    fn show(&self) -> String {
        if self.0.is_empty() { "(none)".to_owned() } else { self.0.join(",") }
    }
}

impl Setting for Allowed {
    const EXPECTED: &'static str = NamePatterns::EXPECTED;
    const KINDS: &'static [Kind] = NamePatterns::KINDS;

    fn parse(text: &str) -> Option<Self> {
        let patterns = NamePatterns::parse(text)?;
        // An empty list could mean everything as well as nothing.
        (!patterns.0.is_empty()).then_some(Self(Some(patterns)))
    }

    fn show(&self) -> String {
        self.0.as_ref().map_or_else(|| "(all)".to_owned(), NamePatterns::show)
    }
}

/// A pattern as normalized names are written: lower case, runs of `.`, `_` and `-` one dash.
fn normal(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            '*' | '?' => out.push(c),
            c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_lowercase()),
            _ => return None,
        }
    }
    Some(out)
}

/// Whether a glob, in which `*` stands for any text and `?` for one character, fits a text.
pub fn glob_fits(pattern: &str, text: &str) -> bool {
    fits(pattern.as_bytes(), text.as_bytes())
}

/// Whether a glob fits the whole text. Only the last `*` is ever tried again, so it takes no more
/// steps than the product of both lengths.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut pos) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while pos < text.len() {
        match (pattern.get(at), text.get(pos)) {
            (Some(b'*'), _) => {
                star = Some((at, pos));
                at += 1;
            }
            (Some(b'?'), Some(_)) => {
                at += 1;
                pos += 1;
            }
            (Some(wanted), Some(found)) if wanted == found => {
                at += 1;
                pos += 1;
            }
            _ => {
                let Some((place, from)) = star else { return false };
                star = Some((place, from + 1));
                at = place + 1;
                pos = from + 1;
            }
        }
    }
    pattern.get(at..).is_some_and(|rest| rest.iter().all(|&byte| byte == b'*'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fit(pattern: &str, name: &str) -> Option<bool> {
        NamePatterns::parse(pattern).map(|patterns| patterns.fit(name))
    }

    #[test]
    fn globs_fit_whole_names() {
        for (pattern, name, expected) in [
            ("good-*", "good-one", true),
            ("good-*", "good", false),
            ("good*", "good", true),
            ("Good_*", "good-one", true),
            ("*-internal", "a-internal", true),
            ("*-internal", "a-internal-b", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*", "anything", true),
            ("a*b*c", "a-xx-b-yy-c", true),
            ("a*b*c", "a-xx-c", false),
            ("x, y", "y", true),
            ("numpy", "numpy", true),
            ("numpy", "numpy2", false),
            ("", "numpy", false),
        ] {
            assert_eq!(fit(pattern, name), Some(expected), "{pattern} {name}");
        }
        for bad in ["a b", "[a-z]", "é", "a/b", "!a"] {
            assert_eq!(fit(bad, "a"), None, "{bad}");
        }
    }

    #[test]
    fn without_patterns_all_is_allowed_and_nothing_denied() {
        assert!(Allowed::default().fit("x") && !NamePatterns::default().fit("x"));
        assert_eq!(<Allowed as Setting>::parse(" , "), None);
        let some = <Allowed as Setting>::parse("a,b-*");
        assert_eq!(
            some.map(|it| (it.fit("a"), it.fit("c"), it.show())),
            Some((true, false, "a,b-*".to_owned()))
        );
    }

    proptest! {
        #[test]
        fn a_name_fits_itself_and_stars_anywhere_in_it(name in "[a-z0-9-]{1,20}", at in 0_usize..20) {
            let at = at.min(name.len());
            let (head, tail) = name.split_at_checked(at).unwrap_or_default();
            let pattern = format!("{head}*{tail}");
            prop_assert!(fits(name.as_bytes(), name.as_bytes()));
            prop_assert!(fits(pattern.as_bytes(), name.as_bytes()));
        }
    }
}
