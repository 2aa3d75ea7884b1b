//! How far a command has come, on a terminal.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};

use crate::upkeep::Progress;

/// A bar for each stage on a terminal, nothing elsewhere.
#[derive(Default)]
pub(super) struct Stages(Mutex<Option<ProgressBar>>);

impl Stages {
    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.replace(None);
    }

    fn replace(&self, next: Option<ProgressBar>) {
        let mut bar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = std::mem::replace(&mut *bar, next) {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Stages {
    fn begin(&self, what: &'static str, steps: u64) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        let bar = ProgressBar::new(steps);
        let style = ProgressStyle::with_template("{msg:24} {bar:30} {percent:>3} % {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(what);
        self.replace(Some(bar));
    }

    fn step(&self, steps: u64) {
        if let Some(bar) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            bar.inc(steps);
        }
    }
}

impl Drop for Stages {
    fn drop(&mut self) {
        self.end();
    }
}
