//! Looking for a part of a text.

use diesel::sql_types::Text;

/// Stands before what `LIKE` would take for a wildcard.
pub const ESCAPE: char = '\\';

diesel::define_sql_function! {
    /// The text in lower case; SQLite knows only the letters of ASCII.
    fn lower(text: Text) -> Text;
}

/// The pattern of `LIKE` for texts in lower case that contain this; none for nothing, and for
/// what no text in a database contains.
pub fn containing(part: &str) -> Option<String> {
    let part = part.trim().to_lowercase();
    if part.is_empty() || part.contains('\0') {
        return None;
    }
    let mut pattern = String::from("%");
    for c in part.chars() {
        if matches!(c, '%' | '_' | ESCAPE) {
            pattern.push(ESCAPE);
        }
        pattern.push(c);
    }
    pattern.push('%');
    Some(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_no_wildcards() {
        assert_eq!(containing(" 100%_\\ Sure ").as_deref(), Some("%100\\%\\_\\\\ sure%"));
        assert_eq!(containing("  "), None);
        assert_eq!(containing("a\0b"), None);
    }
}
