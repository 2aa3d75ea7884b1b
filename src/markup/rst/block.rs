//! Blocks of text: what begins here, paragraphs, titles, literal blocks, quotes.

use super::Parser;
use super::cursor::{Cursor, Cut, indent_of, is_blank, width_of};
use super::explicit::is_explicit;
use super::marks;
use super::tree::{Block, Inline, text_of};

/// Blocks within blocks that are read as such; what lies deeper is shown as it is.
const DEEPEST: usize = 24;
/// Shorter lines under or over a text that is longer are text.
const SHORTEST_LINE: usize = 4;

/// How a title is marked: the character of its overline, if it has one, and of its underline.
pub(super) type Style = (Option<char>, char);

impl Parser {
    /// The blocks in the lines. Only those of the document itself may be section titles.
    pub(super) fn blocks(&mut self, lines: &[&str], has_titles: bool) -> Vec<Block> {
        if self.depth >= DEEPEST {
            self.trouble();
            return vec![literal(lines)];
        }
        self.depth += 1;
        let mut cursor = Cursor::new(lines);
        let mut out = Vec::new();
        loop {
            cursor.skip_blank();
            let Some(line) = cursor.line() else { break };
            if !is_explicit(line) {
                self.names.settle();
            }
            self.block(&mut cursor, line, has_titles, &mut out);
        }
        self.depth -= 1;
        out
    }

    /// One block, or a list with all its items. It always moves on.
    fn block(&mut self, cursor: &mut Cursor<'_>, line: &str, titles: bool, out: &mut Vec<Block>) {
        if line.starts_with(' ') {
            return self.quotes(cursor, out);
        }
        if marks::bullet(line).is_some() {
            return self.bullets(cursor, out);
        }
        if self.numbered(cursor, line, out) {
            return;
        }
        if marks::field(line).is_some() {
            return self.fields(cursor, out);
        }
        if self.options(cursor, out) {
            return;
        }
        if line.starts_with(">>>") && marks::after(line, 3).is_some() {
            let start = cursor.place();
            while cursor.line().is_some_and(|line| !is_blank(line)) {
                cursor.skip(1);
            }
            return out.push(literal(cursor.since(start)));
        }
        if line.starts_with('|') && marks::after(line, 1).is_some() {
            return self.lines(cursor, out);
        }
        if self.table(cursor, line, out) {
            return;
        }
        if line.starts_with("..") && marks::after(line, 2).is_some() {
            return self.explicit(cursor, line, out);
        }
        if line.starts_with("__") && marks::after(line, 2).is_some() {
            return self.anonymous_target(cursor, out);
        }
        if marks::is_line(line) && self.overline(cursor, line, titles, out) {
            return;
        }
        self.text(cursor, line, titles, out);
    }

    /// A line of one sign over and over: a transition, or the overline of a title.
    fn overline(
        &mut self,
        cursor: &mut Cursor<'_>,
        line: &str,
        titles: bool,
        out: &mut Vec<Block>,
    ) -> bool {
        let over = line.trim_end();
        let is_short = over.len() < SHORTEST_LINE;
        if over == "::" && !titles {
            return false;
        }
        let Some(title) = cursor.peek(1).filter(|line| !is_blank(line)) else {
            if is_short {
                return false;
            }
            if !titles {
                self.trouble();
            }
            out.push(Block::Rule);
            cursor.skip(1);
            return true;
        };
        let under = cursor.peek(2).unwrap_or_default().trim_end();
        let is_right = marks::is_line(under) && over == under && !marks::is_line(title) && titles;
        let is_wide = width_of(title.trim_end()) <= over.len();
        if !(is_wide && is_right) && is_short {
            return false;
        }
        if !is_right {
            // What was meant is unclear: a line across the page, and the text goes on.
            self.trouble();
            out.push(Block::Rule);
            cursor.skip(1);
            return true;
        }
        if !is_wide {
            self.trouble();
        }
        let sign = over.chars().next().unwrap_or('=');
        self.heading(title.trim(), (Some(sign), sign), out);
        cursor.skip(3);
        true
    }

    /// Text: a title with its underline, a term with its definition, or a paragraph.
    fn text(&mut self, cursor: &mut Cursor<'_>, line: &str, titles: bool, out: &mut Vec<Block>) {
        let next = cursor.peek(1).filter(|line| !is_blank(line));
        if let Some(next) = next {
            if next.starts_with(' ') {
                return self.definitions(cursor, out);
            }
            let under = next.trim_end();
            let is_wide = width_of(line.trim_end()) <= under.len();
            if marks::is_line(next) && (is_wide || under.len() >= SHORTEST_LINE) {
                if !is_wide || !titles {
                    self.trouble();
                }
                cursor.skip(2);
                if titles {
                    let sign = under.chars().next().unwrap_or('=');
                    return self.heading(line.trim_end(), (None, sign), out);
                }
                let text = self.inlines(line.trim_end());
                return out.push(Block::Paragraph(text));
            }
        }
        let (lines, is_ended) = cursor.flush_left();
        if !is_ended {
            self.trouble();
        }
        self.paragraph(cursor, lines, out);
    }

    fn heading(&mut self, title: &str, style: Style, out: &mut Vec<Block>) {
        let known = self.styles.iter().position(|known| *known == style);
        let level = known.map_or(self.styles.len() + 1, |at| at + 1);
        if level > self.level + 1 {
            // A level is left out.
            self.trouble();
        } else if known.is_none() {
            self.styles.push(style);
        }
        self.level = level.min(self.level + 1);
        let text = self.inlines(title);
        let id = self.names.add_section(&text_of(&text));
        out.push(Block::Heading { level: self.level, id, text });
    }

    /// A paragraph, and the literal block that `::` at its end announces.
    fn paragraph(&mut self, cursor: &mut Cursor<'_>, lines: &[&str], out: &mut Vec<Block>) {
        let joined = lines.join("\n");
        let text = joined.trim_end();
        let Some(before) = text.strip_suffix("::").filter(|before| !ends_escaped(before)) else {
            let text = self.inlines(text);
            return out.push(Block::Paragraph(text));
        };
        // The colons that announce a block stand for one, or for none where they stand alone.
        let shown = if before.is_empty() || before.ends_with([' ', '\n']) {
            before.trim_end().to_owned()
        } else {
            format!("{before}:")
        };
        if !shown.is_empty() {
            let text = self.inlines(&shown);
            out.push(Block::Paragraph(text));
        }
        self.literal_block(cursor, out);
    }

    fn literal_block(&mut self, cursor: &mut Cursor<'_>, out: &mut Vec<Block>) {
        let place = cursor.place();
        let indented = cursor.indented(Cut::default());
        if !indented.lines.is_empty() {
            if !indented.is_ended {
                self.trouble();
            }
            return out.push(literal(&indented.lines));
        }
        cursor.go_to(place);
        cursor.skip_blank();
        let start = cursor.place();
        let quote = cursor.line().and_then(|line| line.chars().next());
        let Some(quote) = quote.filter(char::is_ascii_punctuation) else {
            return self.trouble();
        };
        while cursor.line().is_some_and(|line| line.starts_with(quote)) {
            cursor.skip(1);
        }
        if cursor.line().is_some_and(|line| !is_blank(line)) {
            self.trouble();
        }
        out.push(literal(cursor.since(start)));
    }

    /// Indented text: quotes, each ended by the line that says whose words they are.
    fn quotes(&mut self, cursor: &mut Cursor<'_>, out: &mut Vec<Block>) {
        let indented = cursor.indented(Cut::default());
        if !indented.is_ended {
            self.trouble();
        }
        self.quoted(&indented.lines, out);
    }

    pub(super) fn quoted(&mut self, lines: &[&str], out: &mut Vec<Block>) {
        let mut rest = lines;
        while let Some(blank) = rest.iter().position(|line| !is_blank(line)) {
            rest = rest.get(blank..).unwrap_or_default();
            let (text, source, after) = split_attribution(rest);
            let mut body = self.blocks(text, false);
            if !source.is_empty() {
                let mut line = vec![Inline::Text("\u{2014}".to_owned())];
                line.extend(self.inlines(&source.join("\n")));
                body.push(Block::Paragraph(line));
            }
            out.push(Block::Quote(body));
            rest = after;
        }
    }
}

/// Lines as they are.
pub(super) fn literal(lines: &[&str]) -> Block {
    Block::Literal(vec![Inline::Text(lines.join("\n"))])
}

fn ends_escaped(text: &str) -> bool {
    (text.len() - text.trim_end_matches('\\').len()) % 2 == 1
}

/// A quote, the lines of its attribution without dash, and what follows.
fn split_attribution<'a, 'b>(lines: &'a [&'b str]) -> (&'a [&'b str], Vec<&'b str>, &'a [&'b str]) {
    let mut was_blank = false;
    for (at, line) in lines.iter().enumerate() {
        let is_after_blank = std::mem::replace(&mut was_blank, is_blank(line));
        let Some(first) = dash(line).filter(|_| is_after_blank && at > 0) else { continue };
        let following = lines.get(at + 1..).unwrap_or_default();
        let count = following.iter().take_while(|line| !is_blank(line)).count();
        let (more, after) = following.split_at_checked(count).unwrap_or_default();
        let indent = more.first().map_or(0, |line| indent_of(line));
        if more.iter().all(|line| indent_of(line) == indent) {
            let mut source = vec![first];
            source.extend(more.iter().map(|line| line.trim_start()));
            return (lines.get(..at).unwrap_or_default(), source, after);
        }
    }
    (lines, Vec::new(), &[])
}

/// What follows the dash that begins an attribution.
fn dash(line: &str) -> Option<&str> {
    let rest = line
        .strip_prefix("---")
        .or_else(|| line.strip_prefix("--"))
        .filter(|rest| !rest.starts_with('-'))
        .or_else(|| line.strip_prefix('\u{2014}'))?;
    Some(rest.trim_start()).filter(|rest| !rest.is_empty())
}
