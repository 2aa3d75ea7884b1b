//! What begins with two dots: footnotes, targets, substitutions, directives, comments.

use super::Parser;
use super::cursor::{Cursor, Cut, is_blank};
use super::directive::{Directive, picture};
use super::inline::{self, simple_name};
use super::marks::after;
use super::names::Meaning;
use super::tree::{Block, Inline, Note};

impl Parser {
    pub(super) fn explicit(&mut self, cursor: &mut Cursor<'_>, line: &str, out: &mut Vec<Block>) {
        let start = after(line, 2).unwrap_or(line.len());
        let rest = line.get(start..).unwrap_or_default();
        let is_known = self.note(cursor, rest, start, out)
            || self.target(cursor, rest, start, out)
            || self.substitution(cursor, rest, start)
            || self.directive(cursor, rest, start, out);
        if !is_known {
            self.comment(cursor, start);
        }
    }

    fn comment(&mut self, cursor: &mut Cursor<'_>, start: usize) {
        let is_empty = cursor.line().is_some_and(|line| line.len() <= start);
        if is_empty && cursor.is_last_of_block() {
            // An empty comment takes nothing that follows.
            return cursor.skip(1);
        }
        let cut = cursor.indented(Cut { first: Some(start), ..Cut::default() });
        self.demand_end(cursor, cut.is_ended);
    }

    /// What begins so may follow without a blank line; other text may not.
    fn demand_end(&mut self, cursor: &Cursor<'_>, is_ended: bool) {
        let is_another = cursor.line().is_some_and(is_explicit);
        self.demand(is_ended || is_another);
    }

    fn demand(&mut self, is_right: bool) {
        if !is_right {
            self.trouble();
        }
    }

    /// A footnote or citation: `[1]`, `[#]`, `[#name]`, `[*]`, `[name]`.
    fn note(
        &mut self,
        cursor: &mut Cursor<'_>,
        rest: &str,
        start: usize,
        out: &mut Vec<Block>,
    ) -> bool {
        let Some((label, length)) = label(rest) else { return false };
        let Some(end) = cursor.line().and_then(|line| after(line, start + length)) else {
            return false;
        };
        let note = match label.strip_prefix('#') {
            Some("") => Note::Next(self.next_note()),
            Some(name) => Note::Named(name.to_lowercase()),
            None if label == "*" => Note::Symbol(self.next_symbol()),
            None => Note::Labelled(label.to_lowercase()),
        };
        let index = self.names.add_footnote(note, label);
        let cut = cursor.indented(Cut { first: Some(end), ..Cut::default() });
        self.demand_end(cursor, cut.is_ended);
        self.demand(!cut.lines.is_empty());
        let body = self.blocks(&cut.lines, false);
        out.push(Block::Footnote { index, body });
        true
    }

    /// `.. _name: URI`, with another name instead, or without either for this place.
    fn target(
        &mut self,
        cursor: &mut Cursor<'_>,
        rest: &str,
        start: usize,
        out: &mut Vec<Block>,
    ) -> bool {
        let Some(named) = rest.strip_prefix('_').filter(|it| !it.is_empty()) else { return false };
        if named.starts_with(' ') {
            return false;
        }
        let place = cursor.place();
        let cut = Cut { first: Some(start + 1), until_blank: true, columns: None };
        let block = cursor.indented(cut);
        let text = block.lines.join(" ");
        let Some((name, value)) = target_name(&text) else {
            cursor.go_to(place);
            self.trouble();
            return false;
        };
        self.demand_end(cursor, block.is_ended);
        if name == "_" {
            self.add_anonymous(value, out);
            return true;
        }
        let name = inline::unescaped(name.trim_matches('`'));
        let is_free = if let Some(meaning) = meaning(value) {
            self.names.add_explicit(&name, meaning)
        } else {
            let (id, is_free) = self.names.add_place(&name);
            out.push(Block::Anchor(id));
            is_free
        };
        self.demand(is_free);
        true
    }

    /// `__ URI`, short for an anonymous target.
    pub(super) fn anonymous_target(&mut self, cursor: &mut Cursor<'_>, out: &mut Vec<Block>) {
        let first = cursor.line().and_then(|line| after(line, 2));
        let block = cursor.indented(Cut { first, until_blank: true, columns: None });
        self.demand_end(cursor, block.is_ended);
        self.add_anonymous(&block.lines.join(" "), out);
    }

    fn add_anonymous(&mut self, value: &str, out: &mut Vec<Block>) {
        match meaning(value) {
            Some(meaning) => self.names.add_anonymous(meaning),
            None => out.push(Block::Anchor(self.names.add_anonymous_place())),
        }
    }

    /// `.. |name| directive:: …`
    fn substitution(&mut self, cursor: &mut Cursor<'_>, rest: &str, start: usize) -> bool {
        let Some(text) = rest.strip_prefix('|').filter(|it| !it.is_empty()) else { return false };
        if text.starts_with(' ') {
            return false;
        }
        let place = cursor.place();
        let cut = cursor.indented(Cut { first: Some(start + 1), ..Cut::default() });
        let joined = cut.lines.first().copied().unwrap_or_default();
        let found = closing(joined, '|').and_then(|at| Some((at, after(joined, at + 1)?)));
        let Some((name, rest)) =
            found.and_then(|(at, rest)| Some((joined.get(..at)?, joined.get(rest..)?)))
        else {
            cursor.go_to(place);
            self.trouble();
            return false;
        };
        self.demand_end(cursor, cut.is_ended);
        let lines: Vec<&str> = [rest]
            .into_iter()
            .chain(cut.lines.iter().skip(1).map(|line| line.trim_start()))
            .collect();
        let lines = match lines.split_first() {
            Some((first, others)) if is_blank(first) => others.to_vec(),
            _ => lines,
        };
        let content = self.substituted(name, &lines);
        let is_right = content.is_some()
            && self.names.add_substitution(&inline::unescaped(name), content.unwrap_or_default());
        self.demand(is_right);
        true
    }

    /// What a substitution definition says, if its directive makes a part of a line.
    fn substituted(&mut self, name: &str, lines: &[&str]) -> Option<Vec<Inline>> {
        let (first, others) = lines.split_first()?;
        let (kind, end) = directive_name(first)?;
        let argument = first.get(end..)?;
        let mut lines = vec![argument];
        lines.extend(others);
        match kind.to_lowercase().as_str() {
            "replace" => Some(self.inlines(lines.join("\n").trim())),
            "image" => {
                let it = Directive::split(&lines, false, true);
                Some(vec![picture(&it, Some(name))])
            }
            "unicode" => Some(vec![Inline::Text(characters(&lines.join(" ")))]),
            // The day of rendering says nothing about the package.
            "date" => Some(Vec::new()),
            _ => None,
        }
    }

    /// `.. name:: …`
    fn directive(
        &mut self,
        cursor: &mut Cursor<'_>,
        rest: &str,
        start: usize,
        out: &mut Vec<Block>,
    ) -> bool {
        let Some((name, end)) = directive_name(rest) else { return false };
        let place = cursor.place();
        let is_bare = rest.len() <= end && cursor.is_last_of_block();
        let cut = cursor.indented(Cut { first: Some(start + end), ..Cut::default() });
        self.demand_end(cursor, cut.is_ended);
        self.run(&name.to_lowercase(), &cut.lines, is_bare, cursor.since(place), out);
        true
    }
}

/// Whether a line begins a target, a directive, or what else begins with two dots.
pub(super) fn is_explicit(line: &str) -> bool {
    (line.starts_with("..") || line.starts_with("__")) && after(line, 2).is_some()
}

/// The name of a directive, and where its argument begins.
fn directive_name(text: &str) -> Option<(&str, usize)> {
    let length = simple_name(text);
    let (name, rest) = text.split_at_checked(length).filter(|(name, _)| !name.is_empty())?;
    let gap = usize::from(rest.starts_with(' '));
    rest.get(gap..)?.starts_with("::").then_some(())?;
    Some((name, after(text, length + gap + 2)?))
}

/// The label of a footnote or citation, and where the bracket after it ends.
fn label(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix('[')?;
    let length = match inner.chars().next()? {
        '*' => 1,
        '#' => 1 + simple_name(inner.get(1..)?),
        _ => simple_name(inner),
    };
    let (label, rest) = inner.split_at_checked(length)?;
    (length > 0 && rest.starts_with(']')).then_some((label, length + 2))
}

/// The name of a target, with its quotes, and what follows the colon.
fn target_name(text: &str) -> Option<(&str, &str)> {
    let from = match text.strip_prefix('`') {
        Some(inner) if !inner.starts_with(['`', ' ']) => closing(inner, '`')? + 2,
        _ => 0,
    };
    let mut at = from;
    loop {
        at += closing(text.get(at..)?, ':')?;
        let is_end = after(text, at + 1).is_some();
        let name = text.get(..at)?;
        if is_end && at > 0 && !name.ends_with(':') {
            let name = name.strip_suffix(' ').unwrap_or(name);
            return Some((name, text.get(at + 1..)?.trim()));
        }
        if from > 0 {
            return None;
        }
        at += 1;
    }
}

/// Where a sign stands that is not escaped.
fn closing(text: &str, sign: char) -> Option<usize> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        if c == sign && !is_escaped {
            return Some(at);
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    None
}

/// What a target stands for, if it is not the place where it is.
fn meaning(value: &str) -> Option<Meaning> {
    let value = value.trim();
    if value.is_empty() {
        return None;
    }
    if let Some(name) = value.strip_suffix('_') {
        if simple_name(name) == name.len() {
            return Some(Meaning::Name(name.to_owned()));
        }
        if let Some(name) = name.strip_prefix('`').and_then(|name| name.strip_suffix('`')) {
            return Some(Meaning::Name(inline::unescaped(name)));
        }
    }
    Some(Meaning::Uri(inline::uri_of(value)))
}

/// Characters by number (`0xA9`, `U+00A9`, `&#xA9;`) or as they are, up to a comment.
fn characters(text: &str) -> String {
    let text = text.split(" .. ").next().unwrap_or_default();
    let mut out = String::new();
    for word in text.split_whitespace() {
        let hex = ["0x", "U+", "u+", "x", "\\x", "\\u", "\\U"]
            .iter()
            .find_map(|prefix| word.strip_prefix(prefix))
            .or_else(|| word.strip_prefix("&#x").and_then(|word| word.strip_suffix(';')));
        let number = match hex {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => word.parse().ok(),
        };
        match number.and_then(char::from_u32) {
            Some(c) => out.push(c),
            None => out.push_str(word),
        }
    }
    out
}
