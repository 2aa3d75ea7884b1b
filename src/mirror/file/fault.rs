//! Why a file did not come from upstream.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Kind};
use crate::mirror::verdict::Verdict;
use crate::outbound::{OutboundError, StatusCode};

/// What a client is told to wait where upstream does not say: installers try again by themselves,
/// and what is down seldom comes back at once.
const RETRY_AFTER: Duration = Duration::from_secs(10);
/// The longest that upstream may tell clients to wait through this index.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Why a file could not be fetched.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    /// No answer, or none to the end.
    #[error(transparent)]
    Unreachable(#[from] OutboundError),
    /// Upstream names the file and does not have it.
    #[error("it answers {0}")]
    Missing(StatusCode),
    /// Any other answer than the file; how long to wait, where upstream says so.
    #[error("it answers {0}")]
    Status(StatusCode, Option<Duration>),
    /// Another length than upstream names.
    #[error("it sends {found} bytes, where {named} are named")]
    Length {
        /// How many its page names.
        named: u64,
        /// How many come.
        found: u64,
    },
    /// The body ended early.
    #[error("it ended after {0} bytes")]
    Cut(u64),
    /// The body goes on behind its end, or has none.
    #[error("it sends more than {0} bytes")]
    TooLong(u64),
    /// Other bytes than those whose hash upstream names.
    #[error("its {0} is not the one that is named")]
    Altered(&'static str),
    /// Other bytes than those that were fetched before, where upstream names no hash.
    #[error("it is not what it was when it was first fetched")]
    Changed,
    /// What came are bytes that an administrator quarantined, and why: its index had not said that
    /// it would be these.
    #[error("its bytes are quarantined here")]
    Quarantined(String),
    /// So many fetches wait that no more are taken.
    #[error("too many other files are on their way")]
    Busy,
    /// Only what is stored is served.
    #[error("this index asks nobody")]
    Offline,
    /// Our own storage or database failed.
    #[error("{0}")]
    Own(Arc<Error>),
    /// The server stopped on the way.
    #[error("it was given up on the way")]
    GivenUp,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Own(Arc::new(error))
    }
}

impl Fault {
    /// One word for it, as figures are told apart by.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Missing(_) => "missing",
            Self::Status(..) => "status",
            Self::Length { .. } => "length",
            Self::Cut(_) => "cut",
            Self::TooLong(_) => "too_long",
            Self::Altered(_) => "altered",
            Self::Changed => "changed",
            Self::Quarantined(_) => "quarantined",
            Self::Busy => "busy",
            Self::Offline => "offline",
            Self::Own(_) => "own",
            Self::GivenUp => "given_up",
        }
    }

    /// What whoever asked for the file of that name is told.
    pub fn about(&self, filename: &str) -> Error {
        let words = format!("{filename} cannot be had from the upstream index: {self}.");
        match self {
            Self::Missing(_) => Error::not_found(format!(
                "The upstream index names {filename} but does not have it: {self}."
            )),
            Self::Quarantined(reason) => {
                let verdict = Verdict::Quarantined(reason.clone());
                verdict.refusal(filename).unwrap_or_else(|| Error::not_found(words))
            }
            Self::Offline => Error::not_found(format!(
                "{filename} is not stored here, and this index asks no other one (mirror.offline)."
            )),
            Self::Length { .. } | Self::Cut(_) | Self::TooLong(_) => {
                Error::new(Kind::Upstream, "The upstream index sends another length", words)
                    .retry_after(RETRY_AFTER)
            }
            Self::Altered(_) | Self::Changed => {
                Error::new(Kind::Upstream, "The upstream index sends an altered file", words)
                    .retry_after(RETRY_AFTER)
            }
            Self::Status(_, wait) => {
                let wait = wait.unwrap_or(RETRY_AFTER).min(LONGEST_WAIT);
                Error::unavailable(words).retry_after(wait)
            }
            Self::Own(error) if error.kind() == Kind::NoSpace => {
                Error::new(Kind::NoSpace, error.reason(), error.detail().to_owned())
            }
            Self::Own(error) if error.kind() == Kind::Internal => {
                Error::internal(format!("fetching {filename}"), error.chain())
            }
            Self::Unreachable(_) | Self::Busy | Self::Own(_) | Self::GivenUp => {
                Error::unavailable(words).retry_after(RETRY_AFTER)
            }
        }
    }

    /// Whether upstream is to blame, and not that it is away.
    pub(super) fn is_suspicious(&self) -> bool {
        matches!(self, Self::Altered(_) | Self::Changed | Self::Length { .. } | Self::TooLong(_))
    }
}
