//! Environment markers: `python_version < "3.10" and os_name == "nt"`.
//! Source: <https://packaging.python.org/en/latest/specifications/dependency-specifiers/>

use super::cursor::Cursor;
use super::error::Excerpt;

/// The fields that may be compared. Some may be written with a dot, as very old metadata did.
const FIELDS: [&str; 18] = [
    "extra",
    "implementation_name",
    "implementation_version",
    "os.name",
    "os_name",
    "platform.machine",
    "platform.python_implementation",
    "platform.version",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_full_version",
    "python_implementation",
    "python_version",
    "sys.platform",
    "sys_platform",
];

/// The fields that have a meaning in lock files only (PEP 751): installers stop at them.
const LOCK_FILE_FIELDS: [&str; 2] = ["dependency_groups", "extras"];

/// The operators that are no words.
const OPERATORS: [&str; 8] = ["<", "<=", "!=", "==", ">=", ">", "~=", "==="];

/// Why a text is not a marker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarkerError {
    /// Neither a field nor a text in quotes.
    #[error("{0} is neither a known field nor a text in quotes")]
    Value(Excerpt),
    /// A field that only lock files may use.
    #[error("the field {0} is for lock files only")]
    LockFile(&'static str),
    /// A text has no second quote.
    #[error("the quote at {0} has no end")]
    Quote(Excerpt),
    /// No comparison between two values.
    #[error("a comparison such as == or in must stand at {0}")]
    Operator(Excerpt),
    /// Brackets that do not fit each other.
    #[error("the brackets do not fit each other")]
    Brackets,
    /// Neither `and` nor `or` between comparisons.
    #[error("'and' or 'or' must stand at {0}")]
    Connective(Excerpt),
}

/// Reads a marker to the end of the text. Brackets are counted, not followed, so that no depth
/// of them is too much.
pub(super) fn check(cursor: &mut Cursor<'_>) -> Result<(), MarkerError> {
    let mut depth: usize = 0;
    loop {
        cursor.blanks();
        while cursor.eat('(') {
            depth += 1;
            cursor.blanks();
        }
        comparison(cursor)?;
        while cursor.eat(')') {
            depth = depth.checked_sub(1).ok_or(MarkerError::Brackets)?;
            cursor.blanks();
        }
        if cursor.is_at_end() {
            return if depth == 0 { Ok(()) } else { Err(MarkerError::Brackets) };
        }
        let place = cursor.rest();
        if !matches!(word(cursor), "and" | "or") {
            return Err(MarkerError::Connective(place.into()));
        }
    }
}

fn comparison(cursor: &mut Cursor<'_>) -> Result<(), MarkerError> {
    value(cursor)?;
    cursor.blanks();
    let place = cursor.rest();
    operator(cursor).ok_or_else(|| MarkerError::Operator(place.into()))?;
    cursor.blanks();
    value(cursor)?;
    cursor.blanks();
    Ok(())
}

fn value(cursor: &mut Cursor<'_>) -> Result<(), MarkerError> {
    let place = cursor.rest();
    for quote in ['\'', '"'] {
        if cursor.eat(quote) {
            cursor.take_while(|c| c != quote);
            return cursor.eat(quote).then_some(()).ok_or(MarkerError::Quote(place.into()));
        }
    }
    let name = word(cursor);
    if let Some(lock_file) = LOCK_FILE_FIELDS.into_iter().find(|field| *field == name) {
        return Err(MarkerError::LockFile(lock_file));
    }
    let shown = if name.is_empty() { place } else { name };
    FIELDS.contains(&name).then_some(()).ok_or(MarkerError::Value(shown.into()))
}

fn operator(cursor: &mut Cursor<'_>) -> Option<()> {
    let symbol = cursor.take_while(|c| matches!(c, '<' | '>' | '=' | '!' | '~'));
    if !symbol.is_empty() {
        return OPERATORS.contains(&symbol).then_some(());
    }
    match word(cursor) {
        "in" => Some(()),
        "not" => (cursor.blanks() && word(cursor) == "in").then_some(()),
        _ => None,
    }
}

fn word<'a>(cursor: &mut Cursor<'a>) -> &'a str {
    cursor.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(), MarkerError> {
        check(&mut Cursor::new(text))
    }

    #[test]
    fn markers_that_are_taken() {
        for text in [
            "python_version<'3'",
            " python_full_version >= \"3.10.0a1\" ",
            "os.name == 'nt' and sys.platform!='win32'",
            "platform.machine == 'x' or platform.version=='y'",
            "'linux' in sys_platform",
            "platform_release not  in 'a b'",
            "((os_name=='a'))",
            "(os_name=='a'or(extra=='b')) and extra == 'c'",
            "implementation_name === 'it\"s'",
            "python_version ~= '3.8'",
            "'a' == 'a'",
            "extra == ''",
        ] {
            assert_eq!(read(text), Ok(()), "{text}");
        }
        let deep = format!("{}extra=='a'{}", "(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(read(&deep), Ok(()));
    }

    #[test]
    fn markers_that_are_refused() {
        let value = |text: &str| MarkerError::Value(text.into());
        let operator = |text: &str| MarkerError::Operator(text.into());
        for (text, error) in [
            ("", value("")),
            ("python_version", operator("")),
            ("foo == 'a'", value("foo")),
            ("Extra == 'a'", value("Extra")),
            ("os_name = 'a'", operator("= 'a'")),
            ("os_name <> 'a'", operator("<> 'a'")),
            ("os_name is 'a'", operator("is 'a'")),
            ("os_name notin 'a'", operator("notin 'a'")),
            ("os_name not 'a'", operator("not 'a'")),
            ("os_name == a", value("a")),
            ("os_name == 'a", MarkerError::Quote("'a".into())),
            ("os_name == 'a' &", MarkerError::Connective("&".into())),
            ("os_name == 'a' AND extra == 'b'", MarkerError::Connective("AND extra == 'b'".into())),
            ("os_name == 'a' and", value("")),
            ("(os_name == 'a'", MarkerError::Brackets),
            ("os_name == 'a')", MarkerError::Brackets),
            ("()", value(")")),
            ("not os_name == 'a'", value("not")),
            ("extra == 'a', extra == 'b'", MarkerError::Connective(", extra == 'b'".into())),
        ] {
            assert_eq!(read(text), Err(error), "{text}");
        }
    }
}
