//! How far a fetch is: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use super::super::out;

pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    /// A bar of so many steps behind these words.
    pub(super) fn start(words: &'static str, steps: usize) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new(steps as u64);
        let style = ProgressStyle::with_template("{prefix} {bar:30} {pos}/{len} {eta} {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(words);
        Self(Some(bar))
    }

    /// A step that needs no words.
    pub(super) fn step(&self) {
        if let Some(bar) = &self.0 {
            bar.inc(1);
        }
    }

    /// A step about something.
    pub(super) fn did(&self, name: &str, what: &str) {
        match &self.0 {
            Some(bar) => {
                bar.set_message(name.to_owned());
                bar.inc(1);
            }
            None => out::note(format!("{name}: {what}")),
        }
    }

    pub(super) fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
