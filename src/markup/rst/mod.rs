//! A renderer of reStructuredText: the text becomes a tree, and the tree becomes HTML.
//!
//! It knows the markup that descriptions of packages are written in. What it does not know is
//! shown as it is, and nothing is read from elsewhere. The rules are those of the specification
//! (<https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html>).

mod block;
mod cursor;
mod directive;
mod explicit;
mod html;
mod inline;
mod list;
mod marks;
mod names;
mod options;
mod table;
mod tree;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use block::Style;
use names::Names;
use tree::{Goal, Note};

/// Columns from one stop of the tabulator to the next.
const TAB: usize = 8;

/// A rendered text.
#[derive(Debug)]
pub(super) struct Rendered {
    /// Not sanitised: addresses are those of the author.
    pub(super) html: String,
    /// Whether everything was understood.
    pub(super) is_clean: bool,
}

/// Renders a text. It is rendered whatever it is; the titles of its sections begin with `<h2>`.
pub(super) fn render(text: &str) -> Rendered {
    let text = expanded(text);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut parser = Parser::default();
    let blocks = parser.blocks(&lines, true);
    parser.finish();
    Rendered { html: html::write(&blocks, &parser.names), is_clean: !parser.is_troubled }
}

/// With spaces for tabulators, and line ends of one kind.
fn expanded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                if c == '\r' {
                    chars.next_if_eq(&'\n');
                }
                column = 0;
                out.push('\n');
            }
            '\t' => {
                let width = TAB - column % TAB;
                out.extend(std::iter::repeat_n(' ', width));
                column += width;
            }
            '\0' => {}
            c => {
                column += 1;
                out.push(c);
            }
        }
    }
    out
}

/// What is known while a text is read.
#[derive(Debug, Default)]
struct Parser {
    names: Names,
    /// Whether something was not understood.
    is_troubled: bool,
    /// How titles are marked, those of the first level first.
    styles: Vec<Style>,
    /// The level of the section that is read.
    level: usize,
    /// Blocks around the one that is read.
    depth: usize,
    /// The roles of the document's own, with those that they are made of.
    roles: HashMap<String, String>,
    default_role: String,
    /// All links, footnote marks and substitutions that were used.
    links: Vec<Goal>,
    notes: Vec<Note>,
    used: Vec<String>,
    anonymous: usize,
    note_marks: usize,
    symbol_marks: usize,
    next_note: usize,
    next_symbol: usize,
}

impl Parser {
    /// Something was not understood.
    fn trouble(&mut self) {
        self.is_troubled = true;
    }

    fn next_anonymous(&mut self) -> Goal {
        self.anonymous += 1;
        Goal::Anonymous(self.anonymous - 1)
    }

    /// The place of the next footnote that has no label.
    fn next_note(&mut self) -> usize {
        self.next_note += 1;
        self.next_note - 1
    }

    /// The place of the next footnote with a symbol.
    fn next_symbol(&mut self) -> usize {
        self.next_symbol += 1;
        self.next_symbol - 1
    }

    /// Numbers the footnotes, and looks whether all that was referred to is there.
    fn finish(&mut self) {
        self.names.number();
        let all = self.links.iter().all(|goal| self.names.resolve(goal).is_some())
            && self.notes.iter().all(|note| self.names.footnote(note).is_some())
            && self.used.iter().all(|name| self.names.substitution(name).is_some())
            && self.names.has_anonymous(self.anonymous);
        if !all {
            self.trouble();
        }
    }
}
