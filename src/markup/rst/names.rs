//! Names: what links, footnotes and substitutions refer to.

use std::collections::{HashMap, HashSet};

use super::tree::{Goal, Inline, Note};

/// What is before the identifiers of a description, so that none is one of the page's.
pub(super) const ID_PREFIX: &str = "description-";
/// References from name to name that are followed.
const LONGEST_CHAIN: usize = 20;
/// Characters of a name that its identifier keeps.
const LONGEST_ID: usize = 60;
/// The marks of footnotes with symbols, in the order in which they are used.
const SYMBOLS: [&str; 10] = [
    "*", "\u{2020}", "\u{2021}", "\u{a7}", "\u{b6}", "#", "\u{2660}", "\u{2665}", "\u{2666}",
    "\u{2663}",
];

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    Uri(String),
    Id(String),
    /// Another name.
    Name(String),
    /// Several things: no reference can mean one of them.
    Several,
}

#[derive(Debug)]
struct Named {
    meaning: Meaning,
    /// Whether it was given by a target, and not by a title or a link.
    is_explicit: bool,
}

/// A footnote or citation: how it is referred to, its label, its identifier.
#[derive(Debug)]
pub(super) struct Footnote {
    pub(super) note: Note,
    pub(super) label: String,
    pub(super) id: String,
}

/// All names of a document.
#[derive(Debug, Default)]
pub(super) struct Names {
    named: HashMap<String, Named>,
    anonymous: Vec<Meaning>,
    /// Targets without a place, whose place is what comes next.
    pending: Vec<String>,
    pending_anonymous: Vec<usize>,
    substitutions: HashMap<String, Vec<Inline>>,
    /// Their names by those in lower case.
    folded: HashMap<String, String>,
    pub(super) footnotes: Vec<Footnote>,
    found: HashMap<Note, usize>,
    ids: HashSet<String>,
    /// How often identifiers were wanted that begin so.
    wanted: HashMap<String, usize>,
}

/// Names are equal without regard to case and to the spaces between words.
pub(super) fn normalized(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Names {
    /// An identifier of its own for that name.
    pub(super) fn new_id(&mut self, name: &str) -> String {
        let mut id = String::new();
        for c in name.chars().take(LONGEST_ID) {
            if c.is_alphanumeric() {
                id.extend(c.to_lowercase());
            } else if !id.is_empty() && !id.ends_with('-') {
                id.push('-');
            }
        }
        let id = id.trim_end_matches('-');
        let base = if id.is_empty() { "id" } else { id };
        let count = self.wanted.entry(base.to_owned()).or_default();
        loop {
            *count += 1;
            let id = match *count {
                1 => format!("{ID_PREFIX}{base}"),
                count => format!("{ID_PREFIX}{base}-{count}"),
            };
            if self.ids.insert(id.clone()) {
                return id;
            }
        }
    }

    /// Names a section; the identifier of its title.
    pub(super) fn add_section(&mut self, title: &str) -> String {
        let id = self.new_id(title);
        self.add_implicit(title, &Meaning::Id(id.clone()));
        id
    }

    /// A name that gives way to those of targets.
    pub(super) fn add_implicit(&mut self, name: &str, meaning: &Meaning) {
        let entry = self.named.entry(normalized(name));
        let named = entry.or_insert_with(|| Named { meaning: meaning.clone(), is_explicit: false });
        if !named.is_explicit && named.meaning != *meaning {
            named.meaning = Meaning::Several;
        }
    }

    /// A name given by a target. Whether it was free.
    pub(super) fn add_explicit(&mut self, name: &str, meaning: Meaning) -> bool {
        let name = normalized(name);
        for pending in std::mem::take(&mut self.pending) {
            if let Some(named) = self.named.get_mut(&pending) {
                named.meaning = meaning.clone();
            }
        }
        for place in std::mem::take(&mut self.pending_anonymous) {
            if let Some(anonymous) = self.anonymous.get_mut(place) {
                *anonymous = meaning.clone();
            }
        }
        match self.named.get_mut(&name) {
            Some(named) if named.is_explicit && named.meaning != meaning => {
                named.meaning = Meaning::Several;
                return false;
            }
            _ => self.named.insert(name, Named { meaning, is_explicit: true }),
        };
        true
    }

    /// A target that stands for what comes next: a place, or what the next target means.
    pub(super) fn add_place(&mut self, name: &str) -> (String, bool) {
        let id = self.new_id(name);
        let pending =
            (std::mem::take(&mut self.pending), std::mem::take(&mut self.pending_anonymous));
        let is_free = self.add_explicit(name, Meaning::Id(id.clone()));
        (self.pending, self.pending_anonymous) = pending;
        if is_free {
            self.pending.push(normalized(name));
        }
        (id, is_free)
    }

    /// Something else than a target came: the places are where they are.
    pub(super) fn settle(&mut self) {
        self.pending.clear();
        self.pending_anonymous.clear();
    }

    pub(super) fn add_anonymous(&mut self, meaning: Meaning) {
        self.settle();
        self.anonymous.push(meaning);
    }

    pub(super) fn add_anonymous_place(&mut self) -> String {
        let id = self.new_id("");
        self.pending_anonymous.push(self.anonymous.len());
        self.anonymous.push(Meaning::Id(id.clone()));
        id
    }

    /// Where a link leads, if it leads anywhere.
    pub(super) fn resolve(&self, goal: &Goal) -> Option<String> {
        let mut meaning = match goal {
            Goal::Uri(uri) => return Some(uri.clone()),
            Goal::Name(name) => &self.named.get(&normalized(name))?.meaning,
            Goal::Anonymous(place) => self.anonymous.get(*place)?,
        };
        for _ in 0..LONGEST_CHAIN {
            match meaning {
                Meaning::Uri(uri) => return Some(uri.clone()),
                Meaning::Id(id) => return Some(format!("#{id}")),
                Meaning::Name(name) => meaning = &self.named.get(&normalized(name))?.meaning,
                Meaning::Several => return None,
            }
        }
        None
    }

    /// Whether as many anonymous targets are there as links to them.
    pub(super) fn has_anonymous(&self, count: usize) -> bool {
        self.anonymous.len() >= count
    }

    /// Defines a substitution. Whether its name was free.
    pub(super) fn add_substitution(&mut self, name: &str, content: Vec<Inline>) -> bool {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        self.folded.entry(name.to_lowercase()).or_insert_with(|| name.clone());
        self.substitutions.insert(name, content).is_none()
    }

    /// What stands for the name: of this spelling, or of another case.
    pub(super) fn substitution(&self, name: &str) -> Option<&[Inline]> {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let found = self.substitutions.get(&name);
        let other = || self.substitutions.get(self.folded.get(&name.to_lowercase())?);
        found.or_else(other).map(Vec::as_slice)
    }

    /// Takes a footnote; its place among them. Those without label get theirs by `number`.
    pub(super) fn add_footnote(&mut self, note: Note, label: &str) -> usize {
        let id = match &note {
            Note::Labelled(name) | Note::Named(name) => self.new_id(&format!("note-{name}")),
            Note::Next(_) | Note::Symbol(_) => self.new_id("note"),
        };
        let index = self.footnotes.len();
        if let Note::Labelled(name) | Note::Named(name) = &note {
            self.add_explicit(name, Meaning::Id(id.clone()));
        }
        self.found.entry(note.clone()).or_insert(index);
        self.footnotes.push(Footnote { note, label: label.to_owned(), id });
        index
    }

    /// Gives labels: numbers that no footnote has already, symbols, and what citations are called.
    pub(super) fn number(&mut self) {
        let taken: HashSet<String> = self
            .footnotes
            .iter()
            .filter_map(|it| match &it.note {
                Note::Labelled(_) => Some(it.label.clone()),
                _ => None,
            })
            .collect();
        let mut numbers = (1_u32..).map(|n| n.to_string()).filter(|n| !taken.contains(n));
        for footnote in &mut self.footnotes {
            footnote.label = match &footnote.note {
                Note::Labelled(_) => continue,
                Note::Named(_) | Note::Next(_) => numbers.next().unwrap_or_default(),
                Note::Symbol(place) => {
                    let symbol = SYMBOLS.get(place % SYMBOLS.len()).copied().unwrap_or("*");
                    symbol.repeat(place / SYMBOLS.len() + 1)
                }
            };
        }
    }

    /// The footnote that a mark refers to. A number may also be one that was given.
    pub(super) fn footnote(&self, note: &Note) -> Option<&Footnote> {
        self.footnotes.get(*self.found.get(note)?)
    }
}
