//! Answers that are read while they arrive: files, which are too long to be held in memory and are
//! verified as they are sent.

use std::time::Duration;

use bytes::Bytes;
use url::Url;

use super::{Answer, HeaderMap, HeaderValue, Outbound, OutboundError, header, host};

impl Outbound {
    /// Asks for a file and reads the beginning of the answer, whatever its status: what
    /// [`Outbound::open`] does. For clients that are [verbatim](Outbound::verbatim).
    pub async fn fetch(&self, url: &Url, mut headers: HeaderMap) -> Result<Answer, OutboundError> {
        // Who compresses it on the way all the same sends something else than the file.
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        self.open(url, headers).await
    }
}

impl Answer {
    /// The next bytes, if they come within that time; none at the end.
    pub async fn piece(&mut self, patience: Duration) -> Result<Option<Bytes>, OutboundError> {
        let slow = OutboundError::Slow(host(&self.url), patience.as_secs());
        tokio::time::timeout(patience, self.chunk()).await.unwrap_or(Err(slow))
    }
}
