//! How many threads answer requests.

use std::num::NonZero;
use std::thread::available_parallelism;

use super::value::{Kind, Setting};

/// More than any machine has use for.
const MOST: usize = 1024;

/// A number of threads that answer requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workers(pub usize);

/// One for each two cores that this process may use. The others are for what requests wait for: the
/// database, passwords, archives. Threads that share a core also cost more than they bring:
/// `benches/README.md` has the figures.
impl Default for Workers {
    fn default() -> Self {
        Self(available_parallelism().map_or(1, NonZero::get).div_ceil(2))
    }
}

impl Setting for Workers {
    const EXPECTED: &'static str = "a whole number from 1 to 1024";
    const KINDS: &'static [Kind] = &[Kind::Number];

    fn parse(text: &str) -> Option<Self> {
        let number = text.trim().parse().ok()?;
        (1..=MOST).contains(&number).then_some(Self(number))
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}
