//! How often somebody was recognised by credentials in this process, and how often not.

use crate::count::Count;
use crate::error::{Error, Kind};

/// By what somebody asks to be recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The API token of a program.
    Token,
    /// A user name and a password that a program sends with its request.
    Basic,
    /// A user name and a password on the login page.
    Password,
    /// A second factor there.
    SecondFactor,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Recognised.
    Accepted,
    /// Not recognised.
    Refused,
    /// Not even tried, because there were too many tries.
    Limited,
}

const WAYS: [By; 4] = [By::Token, By::Basic, By::Password, By::SecondFactor];
const OUTCOMES: [Outcome; 3] = [Outcome::Accepted, Outcome::Refused, Outcome::Limited];

static COUNTS: [[Count; OUTCOMES.len()]; WAYS.len()] =
    [const { [const { Count::new() }; OUTCOMES.len()] }; WAYS.len()];

impl By {
    /// Its name in figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Basic => "basic",
            Self::Password => "password",
            Self::SecondFactor => "second_factor",
        }
    }

    /// Counts what came of it, and hands it back. What went wrong for another reason than the
    /// credentials is counted with the answers to requests.
    pub(super) fn counted<T>(self, tried: Result<T, Error>) -> Result<T, Error> {
        let outcome = match tried.as_ref().map_err(Error::kind) {
            Ok(_) => Outcome::Accepted,
            Err(Kind::TooMany) => Outcome::Limited,
            Err(Kind::Forbidden | Kind::SignInNeeded | Kind::Invalid) => Outcome::Refused,
            Err(_) => return tried,
        };
        let counts = COUNTS.get(self as usize);
        if let Some(count) = counts.and_then(|counts| counts.get(outcome as usize)) {
            count.one();
        }
        tried
    }
}

impl Outcome {
    /// Its name in figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Limited => "limited",
        }
    }
}

/// All counts since the process began.
pub fn all() -> impl Iterator<Item = (By, Outcome, u64)> {
    WAYS.into_iter().zip(&COUNTS).flat_map(|(by, counts)| {
        OUTCOMES.into_iter().zip(counts).map(move |(outcome, count)| (by, outcome, count.get()))
    })
}
