//! Inline markup: emphasis, links, roles, references to footnotes and substitutions.

mod chars;
mod phrase;
mod role;
mod scan;
mod uri;

use super::Parser;
use super::names::Meaning;
use super::tree::{Goal, Inline, Mark, Note};
pub(super) use chars::simple_name;
use chars::{Char, read, text};
use scan::{End, Scanner};

/// The text without backslashes before signs, and without those with the space after them.
pub(super) fn unescaped(source: &str) -> String {
    text(&read(source))
}

/// A URI as written in a target: spaces are no part of it, and an address gets its scheme.
pub(super) fn uri_of(source: &str) -> String {
    phrase::uri(&read(source))
}

impl Parser {
    /// The inlines of a text.
    pub(super) fn inlines(&mut self, source: &str) -> Vec<Inline> {
        let chars = read(source);
        let mut scanner = Scanner::new(&chars);
        let mut out = Vec::new();
        while let Some(start) = scanner.next_start() {
            let taken = match start.sign {
                scan::Sign::Emphasis => self.marked(&mut scanner, End::Emphasis, Mark::Emphasis),
                scan::Sign::Strong => self.marked(&mut scanner, End::Strong, Mark::Strong),
                scan::Sign::Literal => self.literal(&mut scanner),
                scan::Sign::Target => self.place(&mut scanner),
                scan::Sign::Substitution => self.reference_to_substitution(&mut scanner),
                scan::Sign::Phrase { role } => self.phrase(&mut scanner, role),
                scan::Sign::Name { length, marks } => {
                    Some(self.reference(&mut scanner, length, marks))
                }
                scan::Sign::Note { length } => self.footnote(&mut scanner, length),
            };
            match taken {
                Some(inline) => {
                    push_text(&mut out, scanner.before(start.at));
                    out.push(inline);
                    scanner.settle();
                }
                // It begins nothing after all: its sign is text.
                None => scanner.pass(start),
            }
        }
        push_text(&mut out, scanner.rest());
        out
    }

    fn marked(&mut self, scanner: &mut Scanner<'_>, end: End, mark: Mark) -> Option<Inline> {
        let inner = self.ended(scanner, end)?;
        Some(Inline::Marked(mark, text(inner)))
    }

    /// What is between a start and its end; trouble where the end is missing.
    fn ended<'a>(&mut self, scanner: &mut Scanner<'a>, end: End) -> Option<&'a [Char]> {
        let inner = scanner.until(end);
        if inner.is_none() {
            self.trouble();
        }
        inner
    }

    fn literal(&mut self, scanner: &mut Scanner<'_>) -> Option<Inline> {
        let inner = self.ended(scanner, End::Literal)?;
        let mut code = chars::source(inner);
        // A backslash before the backquotes is a backslash.
        if scanner.ended_escaped() {
            code.push('\\');
        }
        Some(Inline::Marked(Mark::Code, code))
    }

    fn place(&mut self, scanner: &mut Scanner<'_>) -> Option<Inline> {
        let text = text(self.ended(scanner, End::Target)?);
        let id = self.names.new_id(&text);
        if !self.names.add_explicit(&text, Meaning::Id(id.clone())) {
            self.trouble();
        }
        Some(Inline::Anchor { id, text })
    }

    fn reference_to_substitution(&mut self, scanner: &mut Scanner<'_>) -> Option<Inline> {
        let name = text(self.ended(scanner, End::Substitution)?);
        let marks = scanner.take_marks();
        self.used.push(name.clone());
        let inline = Inline::Substitution(name.clone());
        Some(match marks {
            0 => inline,
            1 => Inline::Link { text: vec![inline], to: Goal::Name(name) },
            _ => Inline::Link { text: vec![inline], to: self.next_anonymous() },
        })
    }

    fn reference(&mut self, scanner: &mut Scanner<'_>, length: usize, marks: usize) -> Inline {
        let name = text(scanner.take(length));
        scanner.take(marks);
        let to = if marks == 1 { Goal::Name(name.clone()) } else { self.next_anonymous() };
        self.link(name, to)
    }

    fn link(&mut self, name: String, to: Goal) -> Inline {
        self.links.push(to.clone());
        Inline::Link { text: vec![Inline::Text(name)], to }
    }

    fn footnote(&mut self, scanner: &mut Scanner<'_>, length: usize) -> Option<Inline> {
        let taken = text(scanner.take(length));
        let label = taken.strip_prefix('[')?.strip_suffix("]_")?;
        let note = match label.strip_prefix('#') {
            Some("") => {
                self.note_marks += 1;
                Note::Next(self.note_marks - 1)
            }
            Some(name) => Note::Named(name.to_lowercase()),
            None if label == "*" => {
                self.symbol_marks += 1;
                Note::Symbol(self.symbol_marks - 1)
            }
            None => Note::Labelled(label.to_lowercase()),
        };
        self.notes.push(note.clone());
        Some(Inline::Footnote(note))
    }
}

/// Text, with the addresses in it as links.
fn push_text(out: &mut Vec<Inline>, chars: &[Char]) {
    let mut rest = chars;
    while let Some((start, length, scheme)) = uri::find(rest) {
        let (before, found) = rest.split_at_checked(start).unwrap_or_default();
        let (found, after) = found.split_at_checked(length).unwrap_or_default();
        push(out, text(before));
        let shown = text(found);
        let to = Goal::Uri(format!("{scheme}{shown}"));
        out.push(Inline::Link { text: vec![Inline::Text(shown)], to });
        rest = after;
    }
    push(out, text(rest));
}

fn push(out: &mut Vec<Inline>, text: String) {
    if !text.is_empty() {
        out.push(Inline::Text(text));
    }
}
