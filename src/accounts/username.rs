//! User names.

use std::fmt;

/// Longest user name, as on PyPI.
const LONGEST: usize = 50;

/// A valid user name, as its owner writes it: letters, digits, `.`, `_`, `-`, beginning and
/// ending with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// Reads a name; `None` where it breaks the rule. `__token__`, the name under which tokens
    /// are sent, is no valid name and so never an account.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let ends = bytes.first()?.is_ascii_alphanumeric() && bytes.last()?.is_ascii_alphanumeric();
        let all = bytes.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        (ends && all && bytes.len() <= LONGEST).then(|| Self(text.to_owned()))
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form under which two spellings are the same account.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for good in ["a", "Ada.Lovelace", "x_1-y"] {
            assert!(Username::parse(good).is_some(), "{good}");
        }
        for bad in ["", "__token__", "-a", "a b", "a@b", "é", "a\n", &"a".repeat(51)] {
            assert!(Username::parse(bad).is_none(), "{bad:?}");
        }
    }
}
