//! Text of strangers, made fit to stand among ours.

/// Longest reason in characters where many stand in a list; the page of the release has all of it.
const LONGEST_REASON: usize = 200;

/// A reason, as a list shows it.
pub(super) fn reason(text: Option<&str>) -> Option<String> {
    text.map(|text| line(text, LONGEST_REASON))
}

/// A single line of at most so many characters: what controls a terminal or turns the direction of
/// the text around it is left out.
pub(super) fn line(text: &str, most: usize) -> String {
    let mut kept = text.split_whitespace().flat_map(|word| word.chars().chain([' ']));
    let mut out: String = kept.by_ref().filter(|c| !is_hidden(*c)).take(most).collect();
    if kept.any(|c| c != ' ') {
        out.push('…');
    } else {
        out.truncate(out.trim_end().len());
    }
    out
}

/// Whether a character shows nothing but changes how others are shown.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control() || turns(c)
}

/// The characters of the Unicode bidirectional algorithm that embed, override, isolate or mark
/// directions (UAX 9, section 2).
pub(super) fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_short_and_plain() {
        for (text, most, expected) in [
            ("a  b\n c ", 9, "a b c"),
            ("abc", 3, "abc"),
            ("abcd", 3, "abc…"),
            ("a\u{202e}b\u{7}c", 9, "abc"),
            (" \n", 9, ""),
            ("", 9, ""),
        ] {
            assert_eq!(line(text, most), expected, "{text:?}");
        }
    }
}
