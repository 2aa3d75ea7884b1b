//! Lines, read one after the other, and the indented blocks among them.

/// A place in a list of lines.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    lines: &'a [&'a str],
    at: usize,
}

/// Lines without the indentation that they share.
#[derive(Debug, Default)]
pub(super) struct Indented<'a> {
    pub(super) lines: Vec<&'a str>,
    /// Whether a blank line or the end of the text follows.
    pub(super) is_ended: bool,
}

/// How an indented block is cut out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cut {
    /// Columns that every line after the first has to be indented by; else any number.
    pub(super) columns: Option<usize>,
    /// Bytes of the first line that belong to its mark. Without, the first line is as the others.
    pub(super) first: Option<usize>,
    /// Whether a blank line is the end.
    pub(super) until_blank: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(lines: &'a [&'a str]) -> Self {
        Self { lines, at: 0 }
    }

    /// The line here.
    pub(super) fn line(&self) -> Option<&'a str> {
        self.peek(0)
    }

    /// A line that follows.
    pub(super) fn peek(&self, ahead: usize) -> Option<&'a str> {
        self.lines.get(self.at + ahead).copied()
    }

    /// Whether the line after this one is blank, or there is none.
    pub(super) fn is_last_of_block(&self) -> bool {
        self.peek(1).is_none_or(is_blank)
    }

    pub(super) fn skip(&mut self, count: usize) {
        self.at = (self.at + count).min(self.lines.len());
    }

    pub(super) fn place(&self) -> usize {
        self.at
    }

    pub(super) fn go_to(&mut self, place: usize) {
        self.at = place.min(self.lines.len());
    }

    /// The lines from a place to here.
    pub(super) fn since(&self, place: usize) -> &'a [&'a str] {
        self.lines.get(place..self.at).unwrap_or_default()
    }

    pub(super) fn skip_blank(&mut self) {
        while self.line().is_some_and(is_blank) {
            self.at += 1;
        }
    }

    /// The lines up to the next that is blank or indented, at least the one here.
    pub(super) fn flush_left(&mut self) -> (&'a [&'a str], bool) {
        let start = self.at;
        self.skip(1);
        while self.line().is_some_and(|line| !is_blank(line) && !line.starts_with(' ')) {
            self.at += 1;
        }
        (self.since(start), self.line().is_none_or(is_blank))
    }

    /// The indented block that begins here.
    pub(super) fn indented(&mut self, cut: Cut) -> Indented<'a> {
        let start = self.at;
        let least = cut.columns;
        let mut shared: Option<usize> = None;
        let mut is_ended = true;
        if cut.first.is_some() {
            self.skip(1);
        }
        while let Some(line) = self.line() {
            if is_blank(line) {
                if cut.until_blank {
                    break;
                }
                self.at += 1;
                continue;
            }
            let indent = indent_of(line);
            if indent == 0 || least.is_some_and(|least| indent < least) {
                is_ended = self.at > start && self.before().is_some_and(is_blank);
                break;
            }
            shared = Some(shared.map_or(indent, |shared| shared.min(indent)));
            self.at += 1;
        }
        let strip = least.or(shared).unwrap_or(0);
        let mut lines: Vec<&str> = Vec::with_capacity(self.at - start);
        for (number, line) in self.since(start).iter().enumerate() {
            let cut = if number == 0 { cut.first.unwrap_or(strip) } else { strip };
            lines.push(line.get(cut..).unwrap_or_default());
        }
        Indented { lines: trimmed(lines), is_ended }
    }

    fn before(&self) -> Option<&'a str> {
        self.lines.get(self.at.checked_sub(1)?).copied()
    }
}

/// Without blank lines at both ends.
fn trimmed(mut lines: Vec<&str>) -> Vec<&str> {
    while lines.last().is_some_and(|line| is_blank(line)) {
        lines.pop();
    }
    let blank = lines.iter().take_while(|line| is_blank(line)).count();
    lines.drain(..blank);
    lines
}

pub(super) fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// Spaces at the beginning.
pub(super) fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Width of a text in columns, as in a terminal.
pub(super) fn width_of(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}
