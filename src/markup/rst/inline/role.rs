//! Roles: what text in backquotes is.

use super::super::Parser;
use super::super::tree::{Goal, Inline, Mark};
use super::chars::{Char, text};
use super::phrase::{raw, titled};

/// Roles of documentation tools whose text is text, not code.
const WORDS: [&str; 18] = [
    "abbr",
    "any",
    "cite",
    "dfn",
    "doc",
    "download",
    "gh",
    "index",
    "issue",
    "mailheader",
    "manpage",
    "numref",
    "pr",
    "ref",
    "std:doc",
    "std:ref",
    "term",
    "user",
];
/// Roles that name what is chosen on a screen.
const SCREEN: [&str; 3] = ["guilabel", "menuselection", "program"];
/// Roles of a document that are made of other such roles.
const LONGEST_CHAIN: usize = 8;

impl Parser {
    /// Text with a role, or with that of the document where none is given.
    pub(super) fn with_role(&mut self, role: &str, inner: &[Char]) -> Inline {
        let default = self.default_role.clone();
        let mut role = if role.is_empty() { default } else { role.to_lowercase() };
        for _ in 0..LONGEST_CHAIN {
            let Some(base) = self.roles.get(&role) else { break };
            if base.is_empty() {
                // A role of the document's own that is no other's: plain text with a class.
                return Inline::Text(text(inner));
            }
            role.clone_from(base);
        }
        let mark = match role.as_str() {
            "" | "title-reference" | "title" | "t" => Mark::Title,
            "emphasis" => Mark::Emphasis,
            "strong" => Mark::Strong,
            "literal" | "code" | "math" => return Inline::Marked(Mark::Code, raw(inner)),
            "subscript" | "sub" => Mark::Sub,
            "superscript" | "sup" => Mark::Sup,
            "abbreviation" | "ab" | "acronym" | "ac" => Mark::Abbreviation,
            "pep-reference" | "pep" => return self.numbered_document("PEP", inner),
            "rfc-reference" | "rfc" => return self.numbered_document("RFC", inner),
            "raw" => {
                self.trouble();
                return Inline::Text(String::new());
            }
            other => return self.foreign(other, inner),
        };
        Inline::Marked(mark, text(inner))
    }

    /// A proposal or standard by its number, which may be followed by a place in it.
    fn numbered_document(&mut self, kind: &str, inner: &[Char]) -> Inline {
        let inner = text(inner);
        let (number, place) = match inner.split_once('#') {
            Some((number, place)) => (number, format!("#{place}")),
            None => (inner.as_str(), String::new()),
        };
        let Ok(number) = number.trim().parse::<u32>() else {
            self.trouble();
            return Inline::Text(inner);
        };
        let uri = match kind {
            "PEP" => format!("https://peps.python.org/pep-{number:04}{place}"),
            _ => format!("https://tools.ietf.org/html/rfc{number}.html{place}"),
        };
        let shown = format!("{kind} {number}");
        Inline::Link { text: vec![Inline::Text(shown)], to: Goal::Uri(uri) }
    }

    /// Roles of documentation tools: their text is what a reader of the documentation would see.
    fn foreign(&mut self, role: &str, inner: &[Char]) -> Inline {
        self.trouble();
        if let Some(title) = titled(inner) {
            return Inline::Text(title);
        }
        let shown = text(inner);
        if WORDS.contains(&role) {
            return Inline::Text(shown);
        }
        if SCREEN.contains(&role) {
            return Inline::Marked(Mark::Strong, shown);
        }
        if role == "kbd" {
            return Inline::Marked(Mark::Keys, shown);
        }
        // `~` before a name in dots leaves its last part.
        let shown = match shown.strip_prefix('~') {
            Some(name) => name.rsplit('.').next().unwrap_or_default().to_owned(),
            None => shown.trim_start_matches('!').to_owned(),
        };
        Inline::Marked(Mark::Code, shown)
    }
}
