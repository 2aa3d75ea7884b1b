//! Text in backquotes: a link with its address in it, a reference, or text with a role.

use super::super::Parser;
use super::super::names::Meaning;
use super::super::tree::{Goal, Inline};
use super::chars::{Char, source, text};
use super::scan::{End, Scanner};

/// The parts of a phrase: its text, and what stands between `<` and `>` at its end.
struct Embedded<'a> {
    text: &'a [Char],
    inner: &'a [Char],
}

impl Parser {
    /// What the scanner stands in: behind the opening backquote.
    pub(super) fn phrase(&mut self, scanner: &mut Scanner<'_>, role: usize) -> Option<Inline> {
        let role = text(scanner.role_before(role));
        let inner = self.ended(scanner, End::Phrase)?;
        let suffix = text(scanner.take_role());
        let marks = scanner.take_marks();
        let given = if role.is_empty() { suffix.clone() } else { role.clone() };
        if marks > 0 && given.is_empty() {
            return Some(self.phrase_link(inner, marks));
        }
        if marks > 0 || (!role.is_empty() && !suffix.is_empty()) {
            // Two roles, or a role and a link.
            self.trouble();
            return Some(Inline::Text(text(inner)));
        }
        Some(self.with_role(given.trim_matches(':'), inner))
    }

    fn phrase_link(&mut self, inner: &[Char], marks: usize) -> Inline {
        let Some(embedded) = embedded(inner) else {
            let name = text(inner);
            let to = if marks == 1 { Goal::Name(name.clone()) } else { self.next_anonymous() };
            return self.link(name, to);
        };
        let shown = text(embedded.text);
        let to = match embedded.inner.split_last() {
            Some((last, name))
                if last.c == '_'
                    && !last.is_escaped
                    && super::uri::find(embedded.inner).is_none() =>
            {
                Goal::Name(text(name))
            }
            _ => Goal::Uri(uri(embedded.inner)),
        };
        let shown = match (&to, shown.is_empty()) {
            (Goal::Uri(to) | Goal::Name(to), true) => to.clone(),
            _ => shown,
        };
        if marks == 1 {
            let meaning = match &to {
                Goal::Uri(uri) => Meaning::Uri(uri.clone()),
                Goal::Name(name) => Meaning::Name(name.clone()),
                Goal::Anonymous(_) => Meaning::Several,
            };
            self.names.add_implicit(&shown, &meaning);
        }
        self.link(shown, to)
    }
}

/// Splits `text <address>`.
fn embedded(chars: &[Char]) -> Option<Embedded<'_>> {
    let (last, rest) = chars.split_last()?;
    let open = rest.iter().rposition(|it| matches!(it.c, '<' | '>') && !it.is_escaped)?;
    let (before, inner) = rest.split_at_checked(open)?;
    let (bracket, inner) = inner.split_first()?;
    let is_apart = before.last().is_none_or(|it| matches!(it.c, ' ' | '\n') && !it.is_escaped);
    let first = inner.first()?;
    let end = inner.last()?;
    let is_right = last.c == '>'
        && !last.is_escaped
        && bracket.c == '<'
        && is_apart
        && !first.c.is_whitespace()
        && !end.c.is_whitespace();
    let spaces = before.iter().rev().take_while(|it| matches!(it.c, ' ' | '\n')).count();
    is_right
        .then(|| Embedded { text: before.get(..before.len() - spaces).unwrap_or_default(), inner })
}

/// An address: spaces in it go, but for escaped ones; that of a mail gets its scheme.
pub(super) fn uri(chars: &[Char]) -> String {
    let uri: String =
        chars.iter().filter(|it| it.is_escaped || !it.c.is_whitespace()).map(|it| it.c).collect();
    let is_mail =
        uri.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
            && !uri.contains([':', '/', '?', '#', ' ']);
    if is_mail { format!("mailto:{uri}") } else { uri }
}

/// A title and the target behind it, as roles of documentation have it: `title <target>`.
pub(super) fn titled(chars: &[Char]) -> Option<String> {
    embedded(chars).map(|it| text(it.text)).filter(|it| !it.is_empty())
}

/// As written.
pub(super) fn raw(chars: &[Char]) -> String {
    source(chars)
}
