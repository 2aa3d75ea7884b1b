//! What became of the files of an import: told one by one, counted, summed up.

use std::fmt::Display;
use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use super::super::{Failure, out};
use crate::error::{Error, Kind, Result};
use crate::upload::Outcome;

/// An import under way: a bar on a terminal, plain lines elsewhere.
pub(super) struct Work {
    bar: Option<ProgressBar>,
    taken: usize,
    there: usize,
    refused: usize,
}

impl Work {
    /// Begins one of so many files.
    pub(super) fn start(count: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(count as u64);
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {eta} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, taken: 0, there: 0, refused: 0 }
    }

    /// Notes what became of a file of that name; `place` is where to look where it was refused.
    /// Fails where more than the file is at fault.
    pub(super) fn note(
        &mut self,
        name: &str,
        place: impl Display,
        outcome: Result<Outcome>,
    ) -> Result<(), Failure> {
        match outcome {
            Ok(Outcome::Published(_)) => {
                self.taken += 1;
                self.step(name, "taken in");
            }
            Ok(Outcome::AlreadyThere) => {
                self.there += 1;
                self.step(name, "already there");
            }
            Err(error) if is_refusal(&error) => {
                self.refused += 1;
                self.refuse(&format!("{place}: refused: {}", error.detail()));
            }
            Err(error) => {
                self.clear();
                return Err(Failure::Failed(format!("{place}: {}", error.chain())));
            }
        }
        Ok(())
    }

    /// Says what became of all. Fails where any was refused.
    pub(super) fn end(self) -> Result<(), Failure> {
        self.clear();
        let Self { taken, there, refused, .. } = self;
        out::line(format!("{taken} taken in, {there} already there, {refused} refused"));
        if refused > 0 { Err(Failure::Said) } else { Ok(()) }
    }

    fn step(&self, name: &str, what: &str) {
        match &self.bar {
            Some(bar) => {
                bar.set_message(name.to_owned());
                bar.inc(1);
            }
            None => out::note(format!("{name}: {what}")),
        }
    }

    fn refuse(&self, line: &str) {
        match &self.bar {
            Some(bar) => {
                bar.suspend(|| out::note(line));
                bar.inc(1);
            }
            None => out::note(line),
        }
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Whether the file is at fault; anything else ends the import.
fn is_refusal(error: &Error) -> bool {
    matches!(error.kind(), Kind::Invalid | Kind::Conflict | Kind::Forbidden | Kind::TooLarge)
}
