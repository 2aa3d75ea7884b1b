//! Characters of inline markup: escaped ones, and what may stand around the markup.

/// A character, and whether a backslash stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Char {
    pub(super) c: char,
    pub(super) is_escaped: bool,
}

/// The characters of a text. A backslash at the end is escaped by nothing and goes.
pub(super) fn read(source: &str) -> Vec<Char> {
    let mut chars = Vec::with_capacity(source.len());
    let mut is_escaped = false;
    for c in source.chars() {
        if c == '\\' && !is_escaped {
            is_escaped = true;
        } else {
            chars.push(Char { c, is_escaped: std::mem::take(&mut is_escaped) });
        }
    }
    chars
}

/// What is shown of them: no backslashes, and no spaces that are escaped.
pub(super) fn text(chars: &[Char]) -> String {
    chars.iter().filter(|it| !(it.is_escaped && it.c.is_whitespace())).map(|it| it.c).collect()
}

/// As they were written.
pub(super) fn source(chars: &[Char]) -> String {
    let mut source = String::with_capacity(chars.len());
    for it in chars {
        if it.is_escaped {
            source.push('\\');
        }
        source.push(it.c);
    }
    source
}

/// The length of a reference name at the beginning: letters and numbers, with single signs of
/// `-._+:` between them.
pub(in super::super) fn simple_name(text: &str) -> usize {
    let mut end = 0;
    let mut after_sign = true;
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() {
            after_sign = false;
            end = at + c.len_utf8();
        } else if after_sign || !is_name_sign(c) {
            break;
        } else {
            after_sign = true;
        }
    }
    end
}

pub(super) fn is_name_sign(c: char) -> bool {
    matches!(c, '-' | '.' | '_' | '+' | ':')
}

/// Brackets and quotes, each opening sign with those that close it.
const PAIRS: [(char, &str); 24] = [
    ('"', "\""),
    ('\'', "'"),
    ('(', ")"),
    ('<', ">"),
    ('[', "]"),
    ('{', "}"),
    ('\u{ab}', "\u{bb}"),
    ('\u{bb}', "\u{ab}\u{bb}"),
    ('\u{2018}', "\u{2019}\u{201a}"),
    ('\u{2019}', "\u{2019}"),
    ('\u{201a}', "\u{2018}\u{2019}"),
    ('\u{201b}', "\u{2019}"),
    ('\u{201c}', "\u{201d}\u{201e}"),
    ('\u{201d}', "\u{201d}"),
    ('\u{201e}', "\u{201c}\u{201d}"),
    ('\u{201f}', "\u{201d}"),
    ('\u{2039}', "\u{203a}"),
    ('\u{203a}', "\u{2039}\u{203a}"),
    ('\u{3008}', "\u{3009}"),
    ('\u{300a}', "\u{300b}"),
    ('\u{300c}', "\u{300d}"),
    ('\u{3010}', "\u{3011}"),
    ('\u{ff08}', "\u{ff09}"),
    ('\u{ff3b}', "\u{ff3d}"),
];

/// Whether the signs quote what stands between them: `"*"` is no emphasis.
pub(super) fn is_quoting(before: char, after: char) -> bool {
    PAIRS.iter().any(|(open, close)| *open == before && close.contains(after))
}

/// Punctuation that may stand on both sides of markup.
fn is_delimiter(c: char) -> bool {
    matches!(c, '-' | '/' | ':' | '\u{a1}' | '\u{b7}' | '\u{bf}' | '\u{37e}' | '\u{387}')
        || matches!(c, '\u{2010}'..='\u{2017}' | '\u{2020}'..='\u{2027}' | '\u{2030}'..='\u{2038}')
        || matches!(c, '\u{203b}'..='\u{203e}' | '\u{2041}'..='\u{2043}' | '\u{2047}'..='\u{2051}')
        || matches!(c, '\u{3001}'..='\u{3003}' | '\u{301c}' | '\u{3030}' | '\u{30a0}' | '\u{30fb}')
        || matches!(c, '\u{ff01}' | '\u{ff05}'..='\u{ff07}' | '\u{ff0a}' | '\u{ff0c}'..='\u{ff0f}')
        || matches!(c, '\u{ff1a}' | '\u{ff1b}' | '\u{ff1f}' | '\u{ff20}' | '\u{ff61}' | '\u{ff64}')
}

/// Whether markup may begin behind the character.
pub(super) fn is_before_start(c: char) -> bool {
    c.is_whitespace() || is_delimiter(c) || PAIRS.iter().any(|(open, _)| *open == c)
}

/// Whether markup may end before the character.
pub(super) fn is_after_end(it: Option<&Char>) -> bool {
    it.is_none_or(|it| {
        let c = it.c;
        it.is_escaped
            || c.is_whitespace()
            || matches!(c, '.' | ',' | ';' | '!' | '?' | '\\')
            || is_delimiter(c)
            || PAIRS.iter().any(|(_, close)| close.contains(c))
    })
}
