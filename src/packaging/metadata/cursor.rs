//! Reading a short text from left to right.

/// What is left of a text.
pub(super) struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    /// Begins before the first character.
    pub(super) fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// What has not been read yet.
    pub(super) fn rest(&self) -> &'a str {
        self.0
    }

    /// Whether everything has been read.
    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// Skips blanks; a value that was folded over lines has line ends among them. Says whether
    /// there were any.
    pub(super) fn blanks(&mut self) -> bool {
        !self.take_while(is_blank).is_empty()
    }

    /// Skips `expected` if it comes next, and says whether it did.
    pub(super) fn eat(&mut self, expected: char) -> bool {
        let rest = self.0.strip_prefix(expected);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Reads as long as the characters fit.
    pub(super) fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let end = self.0.find(|c| !fits(c)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at_checked(end).unwrap_or((self.0, ""));
        self.0 = rest;
        taken
    }
}

/// What separates the parts of a value.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}
