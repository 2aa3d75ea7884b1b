//! A request body that can be read in pieces, within time, and drained when it is refused.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Payload};
use futures_util::{Stream, StreamExt};
use tokio::time::timeout;

use crate::error::{Error, Kind, Result};

/// How long a client may send nothing before it is given up.
const SILENCE: Duration = Duration::from_secs(30);
/// How much of a refused body is read so that the client, which is still sending, gets to see
/// the answer and not a reset connection,
const DRAINED_BYTES: u64 = 64 * 1024 * 1024;
/// and for how long.
const DRAINED_TIME: Duration = Duration::from_secs(30);

/// A request's body. Clones read from the same stream.
#[derive(Clone)]
pub struct Body(Rc<RefCell<Payload>>);

impl Body {
    /// The body of a request.
    pub fn new(payload: Payload) -> Self {
        Self(Rc::new(RefCell::new(payload)))
    }

    /// Reads and forgets what is left, within limits. Returns whether the end was reached: if
    /// not, the connection cannot be used again.
    pub async fn drain(mut self) -> bool {
        let all = async {
            let mut read = 0;
            while let Some(piece) = self.next().await {
                let Ok(piece) = piece else { return false };
                read += piece.len() as u64;
                if read > DRAINED_BYTES {
                    return false;
                }
            }
            true
        };
        timeout(DRAINED_TIME, all).await.unwrap_or(false)
    }
}

impl Stream for Body {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.borrow_mut().poll_next_unpin(context)
    }
}

/// Waits for the next piece of something that arrives over the network, but not for ever.
pub async fn in_time<T>(next: impl Future<Output = T>) -> Result<T> {
    timeout(SILENCE, next).await.map_err(|_| {
        Error::new(
            Kind::TooSlow,
            "The upload stopped arriving",
            format!("Nothing of the upload arrived for {} seconds.", SILENCE.as_secs()),
        )
    })
}
