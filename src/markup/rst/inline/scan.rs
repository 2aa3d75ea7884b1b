//! Finds where inline markup begins and where it ends, looking at each character a fixed number
//! of times: an end that was not found once is not looked for again.

use super::chars::{Char, is_after_end, is_before_start, is_name_sign, is_quoting};

/// Longest name of a role.
const LONGEST_ROLE: usize = 64;

/// What can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Emphasis,
    Strong,
    Literal,
    Target,
    Substitution,
    Phrase,
}
const ENDS: usize = 6;

/// What begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Emphasis,
    Strong,
    Literal,
    Target,
    Substitution,
    /// A backquote, behind a role of that many characters.
    Phrase {
        role: usize,
    },
    /// A reference by its name, with one or two underscores.
    Name {
        length: usize,
        marks: usize,
    },
    /// The mark of a footnote.
    Note {
        length: usize,
    },
}

/// A place where something may begin, and the length of its sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub(super) at: usize,
    pub(super) sign: Sign,
    length: usize,
}

#[derive(Debug)]
pub(super) struct Scanner<'a> {
    chars: &'a [Char],
    at: usize,
    /// Where text begins that is not yet written.
    text: usize,
    /// Where markup may begin whatever stands before it: behind other markup.
    origin: usize,
    /// Names that begin before this are none of references.
    no_name_before: usize,
    has_no_end: [bool; ENDS],
}

impl<'a> Scanner<'a> {
    pub(super) fn new(chars: &'a [Char]) -> Self {
        Self { chars, at: 0, text: 0, origin: 0, no_name_before: 0, has_no_end: [false; ENDS] }
    }

    fn get(&self, at: usize) -> Option<&'a Char> {
        self.chars.get(at)
    }

    /// Whether that sign stands there, not escaped.
    fn is(&self, at: usize, sign: char) -> bool {
        self.get(at).is_some_and(|it| it.c == sign && !it.is_escaped)
    }

    /// Whether a character is there that is no space.
    fn is_solid(&self, at: usize) -> bool {
        self.get(at).is_some_and(|it| it.is_escaped || !it.c.is_whitespace())
    }

    /// The next place where something may begin; the scanner stands behind its sign.
    pub(super) fn next_start(&mut self) -> Option<Start> {
        while self.at < self.chars.len() {
            let at = self.at;
            let may_start = at == self.origin
                || at
                    .checked_sub(1)
                    .and_then(|at| self.get(at))
                    .is_some_and(|it| is_before_start(it.c));
            if may_start
                && self.get(at).is_some_and(|it| !it.is_escaped)
                && let Some((sign, length)) = self.sign(at)
            {
                let begun = at + length;
                let is_quoted = at > self.origin
                    && self.get(at - 1).zip(self.get(begun)).is_some_and(|(before, after)| {
                        !after.is_escaped && is_quoting(before.c, after.c)
                    });
                let is_whole = matches!(sign, Sign::Name { .. } | Sign::Note { .. });
                let has_role = matches!(sign, Sign::Phrase { role } if role > 0);
                if is_quoted && !is_whole && !has_role {
                    self.at = begun;
                    self.origin = begun;
                    continue;
                }
                self.at = if is_whole { at } else { begun };
                return Some(Start { at, sign, length });
            }
            self.at += 1;
        }
        None
    }

    fn sign(&mut self, at: usize) -> Option<(Sign, usize)> {
        let (sign, length) = match self.get(at)?.c {
            '*' if self.is(at + 1, '*') => (Sign::Strong, 2),
            '*' => (Sign::Emphasis, 1),
            '`' if self.is(at + 1, '`') => (Sign::Literal, 2),
            '`' => (Sign::Phrase { role: 0 }, 1),
            '_' if self.is(at + 1, '`') => (Sign::Target, 2),
            '|' if !self.is(at + 1, '|') => (Sign::Substitution, 1),
            ':' => {
                let role = self.role(at)?;
                (Sign::Phrase { role }, role + 1)
            }
            '[' => return self.note(at),
            c if c.is_alphanumeric() => return self.name(at),
            _ => return None,
        };
        self.is_solid(at + length).then_some((sign, length))
    }

    /// The length of a role before a backquote.
    fn role(&self, at: usize) -> Option<usize> {
        let end = self.name_end(at + 1, LONGEST_ROLE);
        (end > at + 1 && self.is(end, ':') && self.is(end + 1, '`') && !self.is(end + 2, '`'))
            .then(|| end + 1 - at)
    }

    /// Where the name ends that begins there.
    fn name_end(&self, at: usize, longest: usize) -> usize {
        let mut end = at;
        let mut after_sign = true;
        let chars = self.chars.get(at..).unwrap_or_default().iter().take(longest);
        for (ahead, it) in chars.enumerate() {
            if it.is_escaped {
                break;
            }
            if it.c.is_alphanumeric() {
                after_sign = false;
                end = at + ahead + 1;
            } else if after_sign || !is_name_sign(it.c) {
                break;
            } else {
                after_sign = true;
            }
        }
        end
    }

    fn name(&mut self, at: usize) -> Option<(Sign, usize)> {
        if at < self.no_name_before {
            return None;
        }
        let end = self.name_end(at, usize::MAX);
        let marks = match (self.is(end, '_'), self.is(end + 1, '_')) {
            (true, true) => 2,
            (true, false) => 1,
            _ => 0,
        };
        if marks == 0 || !is_after_end(self.get(end + marks)) {
            self.no_name_before = end;
            return None;
        }
        let length = end - at;
        Some((Sign::Name { length, marks }, length + marks))
    }

    fn note(&self, at: usize) -> Option<(Sign, usize)> {
        let end = if self.is(at + 1, '*') {
            at + 2
        } else if self.is(at + 1, '#') {
            self.name_end(at + 2, usize::MAX)
        } else {
            self.name_end(at + 1, usize::MAX)
        };
        let length = end + 2 - at;
        (end > at + 1
            && self.is(end, ']')
            && self.is(end + 1, '_')
            && is_after_end(self.get(end + 2)))
        .then_some((Sign::Note { length }, length))
    }

    /// What stands before the next end of that kind; the scanner is then behind it.
    pub(super) fn until(&mut self, end: End) -> Option<&'a [Char]> {
        let known = self.has_no_end.get_mut(end as usize)?;
        if *known {
            return None;
        }
        let begun = self.at;
        let found = (begun..self.chars.len()).find_map(|at| Some((at, self.end_at(at, end)?)));
        let Some((at, length)) = found else {
            if let Some(known) = self.has_no_end.get_mut(end as usize) {
                *known = true;
            }
            return None;
        };
        // Nothing is between them, but for a backslash before the backquotes.
        if at == begun && !(end == End::Literal && self.get(at).is_some_and(|it| it.is_escaped)) {
            return None;
        }
        self.at = at + length;
        self.chars.get(begun..at)
    }

    /// The length of the end that stands there, if one does.
    fn end_at(&self, at: usize, end: End) -> Option<usize> {
        let it = self.get(at)?;
        let before = self.get(at.checked_sub(1)?)?;
        let is_after_space = before.c.is_whitespace();
        let (length, is_right) = match end {
            End::Literal => (2, it.c == '`' && self.is(at + 1, '`') && !is_after_space),
            End::Strong => (2, self.is(at, '*') && self.is(at + 1, '*') && !is_after_space),
            End::Emphasis => (1, self.is(at, '*') && !is_after_space),
            End::Target => (1, self.is(at, '`') && !is_after_space),
            End::Substitution => (1 + self.marks_at(at + 1), self.is(at, '|') && !is_after_space),
            End::Phrase => {
                let is_right = self.is(at, '`') && (!is_after_space || before.is_escaped);
                (1 + if is_right { self.suffix(at + 1) } else { 0 }, is_right)
            }
        };
        (is_right && is_after_end(self.get(at + length))).then_some(match end {
            // What follows is taken by who asked.
            End::Substitution | End::Phrase => 1,
            _ => length,
        })
    }

    /// Up to two underscores.
    fn marks_at(&self, at: usize) -> usize {
        usize::from(self.is(at, '_')) + usize::from(self.is(at, '_') && self.is(at + 1, '_'))
    }

    /// What may stand behind the closing backquote: a role, then underscores.
    fn suffix(&self, at: usize) -> usize {
        let role = self.suffix_role(at);
        role + self.marks_at(at + role)
    }

    /// The length of a role behind a backquote.
    fn suffix_role(&self, at: usize) -> usize {
        let end = if self.is(at, ':') { self.name_end(at + 1, LONGEST_ROLE) } else { at };
        if end > at + 1 && self.is(end, ':') { end + 1 - at } else { 0 }
    }

    /// Takes the role behind a backquote, with its colons.
    pub(super) fn take_role(&mut self) -> &'a [Char] {
        self.take(self.suffix_role(self.at))
    }

    /// Takes the underscores that make a link, and counts them.
    pub(super) fn take_marks(&mut self) -> usize {
        let marks = self.marks_at(self.at);
        self.at += marks;
        marks
    }

    pub(super) fn take(&mut self, length: usize) -> &'a [Char] {
        let taken = self.chars.get(self.at..self.at + length).unwrap_or_default();
        self.at += taken.len();
        taken
    }

    /// The role before the backquote behind which the scanner stands.
    pub(super) fn role_before(&self, length: usize) -> &'a [Char] {
        let end = self.at.saturating_sub(1);
        self.chars.get(end.saturating_sub(length)..end).unwrap_or_default()
    }

    /// Whether the sign that ended the last literal has a backslash before it.
    pub(super) fn ended_escaped(&self) -> bool {
        self.at.checked_sub(2).and_then(|at| self.get(at)).is_some_and(|it| it.is_escaped)
    }

    /// The text from the last markup to that place.
    pub(super) fn before(&self, at: usize) -> &'a [Char] {
        self.chars.get(self.text..at).unwrap_or_default()
    }

    /// What was taken is markup: text begins here.
    pub(super) fn settle(&mut self) {
        self.text = self.at;
        self.origin = self.at;
    }

    /// What began there is text.
    pub(super) fn pass(&mut self, start: Start) {
        self.at = start.at + start.length;
        self.origin = self.at;
    }

    /// The text behind the last markup.
    pub(super) fn rest(&self) -> &'a [Char] {
        self.chars.get(self.text..).unwrap_or_default()
    }
}
