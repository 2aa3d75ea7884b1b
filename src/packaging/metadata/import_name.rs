//! Names that a distribution gives to import, `Import-Name` and `Import-Namespace`.
//! Source: <https://packaging.python.org/en/latest/specifications/core-metadata/#import-name>

use super::error::Excerpt;

/// Words that Python keeps for itself, so nothing can be imported under them.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// Why a text is not a name to import.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportNameError {
    /// A part is not a Python identifier.
    #[error("{0} is not a Python identifier")]
    Identifier(Excerpt),
    /// A part is a word of the language.
    #[error("{0:?} is a Python keyword")]
    Keyword(&'static str),
    /// Something else than `private` behind the `;`.
    #[error("only 'private' may stand behind the ;")]
    Option,
}

/// Checks a dotted name with or without `; private`, and gives the name.
pub(super) fn check(text: &str) -> Result<&str, ImportNameError> {
    let (name, option) = text.split_once(';').map_or((text, None), |(n, o)| (n, Some(o)));
    let name = name.trim_end();
    for part in name.split('.') {
        if !is_identifier(part) {
            return Err(ImportNameError::Identifier(part.into()));
        }
        if let Some(keyword) = KEYWORDS.into_iter().find(|keyword| *keyword == part) {
            return Err(ImportNameError::Keyword(keyword));
        }
    }
    match option.map(str::trim) {
        None | Some("private") => Ok(name),
        Some(_) => Err(ImportNameError::Option),
    }
}

/// Outside ASCII, all but blanks and control characters counts: the exact table of Python
/// changes with its version, and letters of many scripts are made up of several characters.
fn is_identifier(part: &str) -> bool {
    let foreign = |c: char| !(c.is_ascii() || c.is_whitespace() || c.is_control());
    let begins = part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || foreign(c));
    begins && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || foreign(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let identifier = |text: &str| Err(ImportNameError::Identifier(text.into()));
        for (text, expected) in [
            ("a", Ok("a")),
            ("a.b_c.D1", Ok("a.b_c.D1")),
            ("_a; private", Ok("_a")),
            ("_a ;private", Ok("_a")),
            ("größe", Ok("größe")),
            ("match", Ok("match")),
            ("a-b", identifier("a-b")),
            ("1a", identifier("1a")),
            ("a..b", identifier("")),
            ("a.class", Err(ImportNameError::Keyword("class"))),
            ("a; public", Err(ImportNameError::Option)),
            ("a;", Err(ImportNameError::Option)),
        ] {
            assert_eq!(check(text), expected, "{text}");
        }
    }
}
