//! How the first line of a block says what it is.

/// What may stand in a line that underlines a title.
pub(super) fn is_line(line: &str) -> bool {
    let line = line.trim_end();
    let mut chars = line.chars();
    chars
        .next()
        .is_some_and(|first| first.is_ascii_punctuation() && chars.all(|other| other == first))
}

/// The end of the spaces that have to follow a mark of that length, unless the line ends there.
pub(super) fn after(line: &str, mark: usize) -> Option<usize> {
    let rest = line.get(mark..)?;
    let spaces = rest.len() - rest.trim_start_matches(' ').len();
    (spaces > 0 || rest.is_empty()).then_some(mark + spaces)
}

/// The mark of a list item: the bullet, and where its text begins in bytes.
pub(super) fn bullet(line: &str) -> Option<(char, usize)> {
    let first = line.chars().next()?;
    let is_bullet = matches!(first, '-' | '+' | '*' | '\u{2022}' | '\u{2023}' | '\u{2043}');
    Some((first, after(line, first.len_utf8()).filter(|_| is_bullet)?))
}

/// What stands around the number of a list item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    Parentheses,
    Parenthesis,
    Period,
}

/// The kinds of numbers, in the order in which they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sequence {
    Arabic,
    LowerAlpha,
    UpperAlpha,
    LowerRoman,
    UpperRoman,
    Auto,
}

const SEQUENCES: [Sequence; 5] = [
    Sequence::Arabic,
    Sequence::LowerAlpha,
    Sequence::UpperAlpha,
    Sequence::LowerRoman,
    Sequence::UpperRoman,
];

impl Sequence {
    /// What HTML calls it.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Arabic | Self::Auto => "1",
            Self::LowerAlpha => "a",
            Self::UpperAlpha => "A",
            Self::LowerRoman => "i",
            Self::UpperRoman => "I",
        }
    }

    fn has(self, text: &str) -> bool {
        let all = |set: &str| !text.is_empty() && text.chars().all(|c| set.contains(c));
        match self {
            Self::Arabic => all("0123456789"),
            Self::LowerAlpha => text.len() == 1 && text.chars().all(|c| c.is_ascii_lowercase()),
            Self::UpperAlpha => text.len() == 1 && text.chars().all(|c| c.is_ascii_uppercase()),
            Self::LowerRoman => all("ivxlcdm"),
            Self::UpperRoman => all("IVXLCDM"),
            Self::Auto => text == "#",
        }
    }

    fn number(self, text: &str) -> Option<u32> {
        match self {
            Self::Arabic => text.parse().ok(),
            Self::LowerAlpha => Some(u32::from(text.chars().next()?) - u32::from('a') + 1),
            Self::UpperAlpha => Some(u32::from(text.chars().next()?) - u32::from('A') + 1),
            Self::LowerRoman => from_roman(&text.to_ascii_uppercase()),
            Self::UpperRoman => from_roman(text),
            Self::Auto => Some(1),
        }
    }

    fn write(self, number: u32) -> Option<String> {
        let letter = |first: char| {
            (number <= 26).then(|| char::from_u32(u32::from(first) + number - 1))?.map(String::from)
        };
        match self {
            Self::Arabic => Some(number.to_string()),
            Self::LowerAlpha => letter('a'),
            Self::UpperAlpha => letter('A'),
            Self::LowerRoman => to_roman(number).map(|text| text.to_ascii_lowercase()),
            Self::UpperRoman => to_roman(number),
            Self::Auto => Some("#".to_owned()),
        }
    }
}

const ROMAN: [(&str, u32); 13] = [
    ("M", 1000),
    ("CM", 900),
    ("D", 500),
    ("CD", 400),
    ("C", 100),
    ("XC", 90),
    ("L", 50),
    ("XL", 40),
    ("X", 10),
    ("IX", 9),
    ("V", 5),
    ("IV", 4),
    ("I", 1),
];
/// The numbers that Roman letters can write.
const LARGEST_ROMAN: u32 = 4999;

fn to_roman(mut number: u32) -> Option<String> {
    if !(1..=LARGEST_ROMAN).contains(&number) {
        return None;
    }
    let mut text = String::new();
    for (letters, value) in ROMAN {
        while number >= value {
            text.push_str(letters);
            number -= value;
        }
    }
    Some(text)
}

/// Only the one right spelling of a number is one.
fn from_roman(text: &str) -> Option<u32> {
    let (mut rest, mut number) = (text, 0_u32);
    for (letters, value) in ROMAN {
        while let Some(shorter) = rest.strip_prefix(letters) {
            rest = shorter;
            number = number.checked_add(value)?;
        }
    }
    (to_roman(number)? == text).then_some(number)
}

/// The number before a list item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Enumerator<'a> {
    pub(super) around: Around,
    text: &'a str,
    /// Where the text of the item begins.
    pub(super) end: usize,
}

impl<'a> Enumerator<'a> {
    pub(super) fn read(line: &'a str) -> Option<Self> {
        let (inner, opens) = match line.strip_prefix('(') {
            Some(inner) => (inner, true),
            None => (line, false),
        };
        let length = inner.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'#').count();
        let (text, rest) = inner.split_at_checked(length)?;
        if !SEQUENCES.iter().chain([&Sequence::Auto]).any(|it| it.has(text)) {
            return None;
        }
        let around = match (opens, rest.chars().next()?) {
            (true, ')') => Around::Parentheses,
            (false, ')') => Around::Parenthesis,
            (false, '.') => Around::Period,
            _ => return None,
        };
        let end = after(line, usize::from(opens) + length + 1)?;
        Some(Self { around, text, end })
    }

    /// Its kind and number; the kind that the list already has is tried first.
    pub(super) fn value(&self, expected: Option<Sequence>) -> Option<(Sequence, u32)> {
        let sequence = match (self.text, expected) {
            ("#", _) => Sequence::Auto,
            (text, Some(expected)) if expected.has(text) => expected,
            ("i", None) => Sequence::LowerRoman,
            ("I", None) => Sequence::UpperRoman,
            (text, _) => SEQUENCES.into_iter().find(|it| it.has(text))?,
        };
        Some((sequence, sequence.number(self.text)?))
    }

    /// Whether the next line may follow an item: blank, indented, or the next item.
    pub(super) fn may_precede(&self, next: Option<&str>, sequence: Sequence, number: u32) -> bool {
        let Some(next) = next.filter(|line| !line.is_empty() && !line.starts_with(' ')) else {
            return true;
        };
        let Some(written) = number.checked_add(1).and_then(|number| sequence.write(number)) else {
            return false;
        };
        [written.as_str(), "#"].iter().any(|number| {
            next.starts_with(&match self.around {
                Around::Parentheses => format!("({number}) "),
                Around::Parenthesis => format!("{number}) "),
                Around::Period => format!("{number}. "),
            })
        })
    }
}

/// The name in a field mark (`:name: text`), and where the text begins.
pub(super) fn field(line: &str) -> Option<(&str, usize)> {
    let rest = line.strip_prefix(':')?;
    if rest.starts_with([':', ' ']) || rest.is_empty() {
        return None;
    }
    let mut before = ':';
    let mut is_escaped = false;
    let mut found: Option<(usize, usize)> = None;
    for (at, c) in rest.char_indices() {
        if is_escaped {
            is_escaped = false;
            before = 'x';
            continue;
        }
        is_escaped = c == '\\';
        if c == ':' {
            // A colon ends the name where a space or the end follows; where not, it is a part of
            // the name, but for one before a backquote.
            if before != ' '
                && let Some(end) = after(line, at + 2)
            {
                found = Some((at, end));
                break;
            }
            if rest.get(at + 1..).is_none_or(|it| it.is_empty() || it.starts_with([' ', '`'])) {
                break;
            }
        }
        before = c;
    }
    let (length, end) = found?;
    Some((rest.get(..length)?, end))
}
