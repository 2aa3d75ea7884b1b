//! What the answers of all providers have in common.

use serde::de::DeserializeOwned;
use url::Url;

use super::answer::AskError;
use crate::outbound::{OutboundError, Received, StatusCode, retry_after};

/// The longest line of a provider that is kept, in characters.
const LONGEST_LINE: usize = 200;

impl From<OutboundError> for AskError {
    fn from(error: OutboundError) -> Self {
        Self::Failed(one_line(&error.to_string()))
    }
}

/// The URL below a base; what it is made of is escaped.
pub(super) fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    // Only URLs that are no base have no segments, and http ones always are.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// The wish to be left alone, if an answer is one (RFC 6585 section 4, RFC 9110 section 15.6.4).
/// A 503 that names no time is an error like others.
pub(super) fn busy(reply: &Received) -> Option<AskError> {
    let wait = retry_after(&reply.headers);
    match reply.status {
        StatusCode::TOO_MANY_REQUESTS => Some(AskError::Busy(wait)),
        StatusCode::SERVICE_UNAVAILABLE if wait.is_some() => Some(AskError::Busy(wait)),
        _ => None,
    }
}

/// Reads the JSON of an answer that must have come with 200.
pub(super) fn read_json<T: DeserializeOwned>(reply: &Received) -> Result<T, AskError> {
    let host = reply.url.host_str().unwrap_or_default();
    if reply.status != StatusCode::OK {
        return Err(AskError::Failed(format!("{host} answers {}", reply.status)));
    }
    serde_json::from_slice(&reply.body).map_err(|error| {
        AskError::Failed(one_line(&format!("{host} answers what cannot be read: {error}")))
    })
}

/// A text of somebody else's as one line that is not too long.
pub(super) fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(LONGEST_LINE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_below_a_base_are_escaped() -> Result<(), url::ParseError> {
        for (base, expected) in [
            ("http://h", "http://h/domain/a%2Fb%3Fc"),
            ("http://h/", "http://h/domain/a%2Fb%3Fc"),
            ("http://h/x/", "http://h/x/domain/a%2Fb%3Fc"),
            ("http://h/x", "http://h/x/domain/a%2Fb%3Fc"),
        ] {
            let url = below(&Url::parse(base)?, &["domain", "a/b?c"]);
            assert_eq!(url.as_str(), expected);
        }
        Ok(())
    }

    #[test]
    fn lines_are_single_and_short() {
        assert_eq!(one_line(" a\n\tb\u{0}c  d "), "a b c d");
        assert_eq!(one_line(&"é".repeat(300)).chars().count(), LONGEST_LINE);
    }
}
