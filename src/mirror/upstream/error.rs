//! Why an upstream index did not answer, or not with what can be used.

use std::time::Duration;

use crate::outbound::{OutboundError, StatusCode};

/// Why there is no page, in words for operators: hosts and nothing else of URLs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// No answer, or it broke.
    #[error("{0}")]
    Outbound(#[from] OutboundError),
    /// The page began and did not come whole.
    #[error("{0}")]
    Page(String),
    /// It takes no questions for a while.
    #[error("{0} answers {1}")]
    Busy(String, StatusCode, Option<Duration>),
    /// It needs other credentials than it got, or any.
    #[error("{0} answers {1}: the user name and password for it are missing or wrong")]
    Credentials(String, StatusCode),
    /// Neither a page nor that there is none.
    #[error("{0} answers {1}")]
    Status(String, StatusCode),
    /// Something that is no page of the simple API by its type.
    #[error("{0} answers with the content type {1:?}, which is none of the simple API")]
    ContentType(String, String),
    /// Something that is no page of the simple API by what is in it.
    #[error("{0} answers what is no page of the simple API: {1}")]
    NotSimple(String, NotSimple),
    /// It was asked a moment ago, and did not answer.
    #[error("{0} did not answer a moment ago")]
    Resting(String),
}

/// Why what should be a page is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSimple {
    /// Its text is not JSON, or not of the kind that it should be.
    #[error("it cannot be read: {0}")]
    Json(String),
    /// It speaks a later version of the API, which may mean other things.
    #[error("it speaks version {0} of the API")]
    Version(String),
    /// It is about another project.
    #[error("it is the page of {0:?}")]
    OtherProject(String),
    /// HTML about something else.
    #[error("it is HTML without files that says nothing of the simple API")]
    OtherHtml,
}

impl UpstreamError {
    /// Whether the whole index is left alone for a while: others who ask would wait in vain. All
    /// else is about one page.
    pub fn is_of_all(&self) -> bool {
        match self {
            Self::Outbound(error) => {
                matches!(error, OutboundError::Slow(..) | OutboundError::Broken(..))
            }
            Self::Busy(..) | Self::Resting(_) => true,
            // Some indexes forbid single projects; who somebody is they ask for all of them.
            Self::Credentials(_, status) => *status != StatusCode::FORBIDDEN,
            _ => false,
        }
    }

    /// How long the index itself wants to be left alone.
    pub fn wait(&self) -> Option<Duration> {
        match self {
            Self::Busy(_, _, wait) => *wait,
            _ => None,
        }
    }
}
