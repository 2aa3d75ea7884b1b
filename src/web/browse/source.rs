//! A member of an archive as text on a page, with nothing in it hidden.

use std::fmt::Write;

use super::foreign::turns;

/// What is shown of a member.
pub(super) enum Shown {
    /// Its text, as HTML.
    Text(String),
    /// It is empty.
    Empty,
    /// Why nothing is shown.
    Not(&'static str),
}

/// As many marks stand in a text; what follows is only replaced, so that no page grows to many
/// times its text.
const MOST_MARKS: usize = 2000;
/// The first of the pictures that Unicode has for control characters.
const PICTURES: u32 = 0x2400;

/// The text of a member, if it is UTF-8 without NUL.
pub(super) fn shown(bytes: &[u8]) -> Shown {
    match std::str::from_utf8(bytes) {
        Ok("") => Shown::Empty,
        Ok(text) if !text.contains('\0') => Shown::Text(escaped(text)),
        _ => Shown::Not("It is not text (in UTF-8)."),
    }
}

/// Text as HTML, control characters as pictures. Characters that turn the direction of text are
/// marked: by them a source can read otherwise than it runs.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    let mut marks = 0;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\n' | '\t' => html.push(c),
            '\r' if chars.peek() == Some(&'\n') => {}
            c if turns(c) && marks < MOST_MARKS => {
                marks += 1;
                // Writing to a String does not fail.
                let _ = write!(html, "<mark>U+{:04X}</mark>", u32::from(c));
            }
            c if turns(c) => html.push(char::REPLACEMENT_CHARACTER),
            c if c.is_ascii_control() => html.push(picture(c)),
            c if c.is_control() => html.push(char::REPLACEMENT_CHARACTER),
            c => html.push(c),
        }
    }
    html
}

fn picture(c: char) -> char {
    match c {
        '\u{7f}' => '\u{2421}',
        c => char::from_u32(PICTURES + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_hidden_and_nothing_acts() {
        for (bytes, expected) in [
            (&b"a <b>\r\n&\tx"[..], "a &lt;b&gt;\n&amp;\tx"),
            ("if x:\u{202e} #\u{2066}".as_bytes(), "if x:<mark>U+202E</mark> #<mark>U+2066</mark>"),
            (b"\x1b[31m\r\x7f", "\u{241b}[31m\u{240d}\u{2421}"),
            ("\u{feff}é\u{85}".as_bytes(), "é\u{fffd}"),
        ] {
            let Shown::Text(html) = shown(bytes) else { panic!("{bytes:?} is text") };
            assert_eq!(html, expected);
        }
        assert!(matches!(shown(b""), Shown::Empty));
        for binary in [&b"\xff\xfe"[..], b"a\0b"] {
            assert!(matches!(shown(binary), Shown::Not(_)), "{binary:?}");
        }
        let Shown::Text(html) = shown("\u{202e}".repeat(100_000).as_bytes()) else {
            panic!("it is text")
        };
        assert!(html.len() < 400_000, "{}", html.len());
    }
}
