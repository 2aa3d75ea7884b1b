//! Project names: as typed, and normalized.
//! Source: <https://packaging.python.org/en/latest/specifications/name-normalization/>

use std::borrow::Borrow;
use std::fmt;

/// Longest name that is taken. The specification sets no limit; a name is part of file names,
/// which most file systems cut at 255 bytes.
const LONGEST: usize = 128;

/// A valid project name, spelled as its owner spells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectName(String);

/// A project name in the form that identifies it: lower case, each run of `-`, `_`, `.` one `-`.
///
/// ```
/// use cheeseshop::packaging::NormalizedName;
///
/// let name = NormalizedName::parse("Zope.Interface");
/// assert_eq!(name.as_ref().map(NormalizedName::as_str), Some("zope-interface"));
/// assert_eq!(NormalizedName::parse("-no-name-"), None);
/// ```
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct NormalizedName(String);

impl ProjectName {
    /// Reads a name; `None` where it breaks the rule: ASCII letters, digits, `.`, `_`, `-`,
    /// beginning and ending with a letter or digit.
    pub fn parse(text: &str) -> Option<Self> {
        is_name(text).then(|| Self(text.to_owned()))
    }

    /// The name as typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that identifies the project.
    pub fn normalized(&self) -> NormalizedName {
        normalize(&self.0)
    }
}

fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    is_end(bytes.first())
        && is_end(bytes.last())
        && bytes.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        && bytes.len() <= LONGEST
}

fn normalize(name: &str) -> NormalizedName {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            c => out.push(c.to_ascii_lowercase()),
        }
    }
    NormalizedName(out)
}

impl NormalizedName {
    /// Reads a name in any spelling and normalizes it; `None` where it is not a valid name.
    pub fn parse(text: &str) -> Option<Self> {
        is_name(text).then(|| normalize(text))
    }

    /// The normalized text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is kept by normalized names is found by their text, too.
impl Borrow<str> for NormalizedName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for NormalizedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normal(text: &str) -> Option<String> {
        NormalizedName::parse(text).map(|name| name.as_str().to_owned())
    }

    #[test]
    fn valid_names_and_their_normal_form() {
        for (typed, expected) in [
            ("A.b_-c", "a-b-c"),
            ("a__b", "a-b"),
            ("0", "0"),
            ("FrIeNdLy-._.-bArD", "friendly-bard"),
            ("zope.interface", "zope-interface"),
        ] {
            assert_eq!(normal(typed).as_deref(), Some(expected));
        }
    }

    #[test]
    fn invalid_names() {
        let kelvin = "\u{212a}elvin";
        for bad in ["", "-a", "a-", "a\n", "a b", "é", "Ⅷ", kelvin, "ſa", "a/b", ".", "a\0b"] {
            assert_eq!(normal(bad), None, "{bad:?}");
        }
        assert_eq!(normal(&"a".repeat(LONGEST + 1)), None);
    }

    proptest! {
        #[test]
        fn normalizing_twice_changes_nothing(text in "[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?") {
            let once = normal(&text);
            prop_assert!(once.is_some());
            prop_assert_eq!(once.as_deref().and_then(normal), once);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = normal(&text);
        }
    }
}
