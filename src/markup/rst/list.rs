//! Lists: with bullets, with numbers, of definitions, fields, options; and line blocks.

use super::Parser;
use super::cursor::{Cursor, Cut, Indented, indent_of, is_blank};
use super::marks::{self, Enumerator, Sequence};
use super::options;
use super::tree::{Block, Inline, Mark};

impl Parser {
    pub(super) fn bullets(&mut self, cursor: &mut Cursor<'_>, out: &mut Vec<Block>) {
        let mut items = Vec::new();
        let mut kind: Option<char> = None;
        let mut is_ended = true;
        loop {
            cursor.skip_blank();
            let Some((bullet, end)) = cursor.line().and_then(marks::bullet) else { break };
            if *kind.get_or_insert(bullet) != bullet {
                break;
            }
            let item = item(cursor, end, end + 1 - bullet.len_utf8());
            is_ended = item.is_ended;
            items.push(self.blocks(&item.lines, false));
        }
        self.after_list(is_ended);
        out.push(Block::Bullets(items));
    }

    /// Whether a list with numbers begins here; it is read if so.
    pub(super) fn numbered(
        &mut self,
        cursor: &mut Cursor<'_>,
        line: &str,
        out: &mut Vec<Block>,
    ) -> bool {
        let Some(first) = Enumerator::read(line) else { return false };
        let Some((kind, start)) = first.value(None) else { return false };
        if !first.may_precede(cursor.peek(1), kind, start) {
            return false;
        }
        let mut items = Vec::new();
        let (mut is_auto, mut last) = (kind == Sequence::Auto, None);
        let mut is_ended = true;
        loop {
            cursor.skip_blank();
            let Some(mark) = cursor.line().and_then(Enumerator::read) else { break };
            let Some((sequence, number)) = mark.value(Some(kind)) else { break };
            let follows = match last {
                None => true,
                Some(_) if sequence == Sequence::Auto => true,
                Some(last) => sequence == kind && !is_auto && number == last + 1,
            };
            if mark.around != first.around
                || !follows
                || !mark.may_precede(cursor.peek(1), sequence, number)
            {
                break;
            }
            is_auto |= sequence == Sequence::Auto;
            last = Some(number);
            let item = item(cursor, mark.end, mark.end);
            is_ended = item.is_ended;
            items.push(self.blocks(&item.lines, false));
        }
        self.after_list(is_ended);
        out.push(Block::Numbered { start, kind: kind.kind(), items });
        true
    }

    fn after_list(&mut self, is_ended: bool) {
        if !is_ended {
            self.trouble();
        }
    }

    pub(super) fn definitions(&mut self, cursor: &mut Cursor<'_>, out: &mut Vec<Block>) {
        let mut terms = Vec::new();
        let mut is_ended = true;
        loop {
            cursor.skip_blank();
            let Some(term) = cursor.line().filter(|line| terms.is_empty() || is_text(line)) else {
                break;
            };
            if !cursor.peek(1).is_some_and(|next| next.starts_with(' ') && !is_blank(next)) {
                break;
            }
            let text = self.inlines(term);
            cursor.skip(1);
            let body = cursor.indented(Cut::default());
            is_ended = body.is_ended;
            terms.push((text, self.blocks(&body.lines, false)));
        }
        self.after_list(is_ended);
        out.push(Block::Terms(terms));
    }

    pub(super) fn fields(&mut self, cursor: &mut Cursor<'_>, out: &mut Vec<Block>) {
        let mut terms = Vec::new();
        let mut is_ended = true;
        loop {
            cursor.skip_blank();
            let Some((name, end)) = cursor.line().and_then(marks::field) else { break };
            let name = self.inlines(name);
            let body = cursor.indented(Cut { first: Some(end), ..Cut::default() });
            is_ended = body.is_ended;
            terms.push((name, self.blocks(&body.lines, false)));
        }
        self.after_list(is_ended);
        out.push(Block::Terms(terms));
    }

    /// Whether a list of options begins here; it is read if so.
    pub(super) fn options(&mut self, cursor: &mut Cursor<'_>, out: &mut Vec<Block>) -> bool {
        let mut terms = Vec::new();
        let mut is_ended = true;
        loop {
            cursor.skip_blank();
            let Some((marks, end)) = cursor.line().and_then(options::read) else { break };
            let place = cursor.place();
            let body = cursor.indented(Cut { first: Some(end), ..Cut::default() });
            if body.lines.is_empty() {
                cursor.go_to(place);
                break;
            }
            let mut term = Vec::new();
            for mark in marks {
                if !term.is_empty() {
                    term.push(Inline::Text(", ".to_owned()));
                }
                term.push(Inline::Marked(Mark::Keys, mark.to_owned()));
            }
            is_ended = body.is_ended;
            terms.push((term, self.blocks(&body.lines, false)));
        }
        if terms.is_empty() {
            return false;
        }
        self.after_list(is_ended);
        out.push(Block::Terms(terms));
        true
    }

    /// Lines that stay lines. Their depth is what they are indented by, against the others.
    pub(super) fn lines(&mut self, cursor: &mut Cursor<'_>, out: &mut Vec<Block>) {
        let mut lines: Vec<(usize, Vec<Inline>)> = Vec::new();
        while let Some(line) = cursor.line().filter(|line| line.starts_with('|')) {
            let Some(end) = marks::after(line, 1) else { break };
            let cut = Cut { first: Some(end), until_blank: true, columns: None };
            let text = cursor.indented(cut).lines.join("\n");
            let depth = match lines.last() {
                Some((depth, _)) if text.is_empty() => *depth,
                _ => indent_of(line.get(1..).unwrap_or_default()),
            };
            let text = self.inlines(&text);
            lines.push((depth, text));
        }
        self.after_list(cursor.line().is_none_or(is_blank));
        let least = lines.iter().map(|(depth, _)| *depth).min().unwrap_or(0);
        for (depth, _) in &mut lines {
            *depth -= least;
        }
        out.push(Block::Lines(lines));
    }
}

/// The lines of one list item, whose mark ends at that byte and column.
fn item<'a>(cursor: &mut Cursor<'a>, byte: usize, column: usize) -> Indented<'a> {
    let is_filled = cursor.line().is_some_and(|line| line.len() > byte);
    cursor.indented(Cut {
        columns: is_filled.then_some(column),
        first: Some(byte),
        until_blank: false,
    })
}

/// Whether a line is the beginning of text and of nothing else.
fn is_text(line: &str) -> bool {
    let marked = ["..", "__", ">>>", "|"]
        .iter()
        .any(|mark| line.starts_with(mark) && marks::after(line, mark.len()).is_some());
    !(line.starts_with(' ')
        || marked
        || marks::bullet(line).is_some()
        || Enumerator::read(line).is_some_and(|mark| mark.value(None).is_some())
        || marks::field(line).is_some()
        || options::read(line).is_some()
        || marks::is_line(line)
        || super::table::is_top(line))
}
