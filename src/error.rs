//! The one error type: what went wrong by meaning, without a word of HTTP or of any database.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

/// What kind of failure this is; the HTTP layer maps each kind to one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The thing asked for does not exist, or the caller may not know that it does.
    NotFound,
    /// The caller sent something that breaks a rule.
    Invalid,
    /// What is there is not asked for, or changed, in this way.
    WrongMethod,
    /// The request contradicts what is there already.
    Conflict,
    /// Credentials are missing or wrong.
    SignInNeeded,
    /// The caller is known and may not do this.
    Forbidden,
    /// More bytes than are accepted.
    TooLarge,
    /// More at once than is served; later there may be room.
    TooMany,
    /// The caller took too long to send what was announced.
    TooSlow,
    /// Something this server needs does not answer right now.
    Unavailable,
    /// Another server, which this one asked for the caller, answers something that is not taken.
    Upstream,
    /// There is no space left to store what was sent.
    NoSpace,
    /// A fault of ours; its details go to the log and never to the caller.
    Internal,
}

impl Kind {
    /// All of them, in their order.
    pub const ALL: [Self; 13] = [
        Self::NotFound,
        Self::Invalid,
        Self::WrongMethod,
        Self::Conflict,
        Self::SignInNeeded,
        Self::Forbidden,
        Self::TooLarge,
        Self::TooMany,
        Self::TooSlow,
        Self::Unavailable,
        Self::Upstream,
        Self::NoSpace,
        Self::Internal,
    ];

    /// Its name in figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Invalid => "invalid",
            Self::WrongMethod => "wrong_method",
            Self::Conflict => "conflict",
            Self::SignInNeeded => "sign_in_needed",
            Self::Forbidden => "forbidden",
            Self::TooLarge => "too_large",
            Self::TooMany => "too_many",
            Self::TooSlow => "too_slow",
            Self::Unavailable => "unavailable",
            Self::Upstream => "upstream",
            Self::NoSpace => "no_space",
            Self::Internal => "internal",
        }
    }
}

/// A failure with the words that its reader needs.
///
/// `reason` is a short fixed phrase (it travels in HTTP status lines, where only static text is
/// possible), the detail is one full sentence for the body.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    reason: &'static str,
    detail: String,
    retry_after: Option<Duration>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The result that every fallible function of this crate returns unless it says otherwise.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of any kind, with its fixed short reason and its full sentence.
    pub fn new(kind: Kind, reason: &'static str, detail: impl Into<String>) -> Self {
        Self { kind, reason, detail: detail.into(), retry_after: None, source: None }
    }

    /// Something does not exist; `what` reads like "project".
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, "Not Found", detail)
    }

    /// The caller broke a rule.
    pub fn invalid(reason: &'static str, detail: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, reason, detail)
    }

    /// What is there is not asked for, or changed, in this way.
    pub fn wrong_method(detail: impl Into<String>) -> Self {
        Self::new(Kind::WrongMethod, "Method Not Allowed", detail)
    }

    /// The caller may not do this.
    pub fn forbidden(reason: &'static str, detail: impl Into<String>) -> Self {
        Self::new(Kind::Forbidden, reason, detail)
    }

    /// Something this server depends on does not answer.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(Kind::Unavailable, "Service Unavailable", detail)
    }

    /// More is asked at once than is served.
    pub fn too_many(reason: &'static str) -> Self {
        Self::new(Kind::TooMany, reason, format!("{reason}; try again in a moment."))
    }

    /// A fault of ours: `doing` says what was attempted, `source` why it failed.
    pub fn internal(
        doing: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            kind: Kind::Internal,
            reason: "Internal Server Error",
            detail: doing.into(),
            retry_after: None,
            source: Some(source.into()),
        }
    }

    /// The same error with its cause attached.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same error for somebody who may try again, but not before `wait` has passed.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// How long to wait before trying again, where that is known.
    pub fn wait(&self) -> Option<Duration> {
        self.retry_after
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The short fixed phrase.
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// The full sentence.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The sentence and every cause behind it, joined by colons: for logs and for the terminal.
    pub fn chain(&self) -> String {
        let mut text = self.detail.clone();
        let mut cause = self.source();
        while let Some(error) = cause {
            let words = error.to_string();
            if !text.contains(&words) {
                text.push_str(": ");
                text.push_str(&words);
            }
            cause = error.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Says what was being done when an operation of the system failed.
pub trait Doing<T> {
    /// Turns the failure into an [`Error`]: no space left keeps its own kind, all else is internal.
    fn doing(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Doing<T> for std::io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| {
            if is_out_of_space(&error) {
                Error::new(
                    Kind::NoSpace,
                    "Insufficient Storage",
                    "The server has no space left to store this.",
                )
                .because(error)
            } else {
                Error::internal(what(), error)
            }
        })
    }
}

fn is_out_of_space(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_names_every_cause_once() {
        let error = Error::internal("Reading the file", std::io::Error::other("disk on fire"));
        assert_eq!(error.chain(), "Reading the file: disk on fire");
        assert_eq!(error.to_string(), "Reading the file");
    }

    #[test]
    fn a_full_disk_is_not_a_fault_of_ours() {
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let error = Err::<(), _>(full).doing(|| "Writing".into()).err();
        assert_eq!(error.map(|error| error.kind()), Some(Kind::NoSpace));
    }
}
