//! A request body that can be read in pieces, within time, and drained when it is refused.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Payload};
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, timeout};

use crate::error::{Error, Kind, Result};

/// How long a client may send nothing before it is given up.
const SILENCE: Duration = Duration::from_secs(30);
/// How much of a refused body is read so that the client, which is still sending, gets to see
/// the answer and not a reset connection,
const DRAINED_BYTES: u64 = 64 * 1024 * 1024;
/// and for how long.
const DRAINED_TIME: Duration = Duration::from_secs(30);

/// A client that keeps sending may take this long at first,
const PATIENCE: Duration = Duration::from_mins(1);
/// and then has to have sent so many bytes for each second: nobody publishes over less, but a
/// byte now and then would hold a connection and a file for ever.
const SLOWEST: u64 = 1024;

/// A request's body. Clones read from the same stream.
#[derive(Clone)]
pub struct Body(Rc<RefCell<Arriving>>);

struct Arriving {
    payload: Payload,
    begun: Instant,
    bytes: u64,
}

impl Body {
    /// The body of a request.
    pub fn new(payload: Payload) -> Self {
        Self(Rc::new(RefCell::new(Arriving { payload, begun: Instant::now(), bytes: 0 })))
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
        let mut arriving = self.0.borrow_mut();
        let piece = arriving.payload.poll_next_unpin(context);
        if let Poll::Ready(Some(Ok(bytes))) = &piece {
            arriving.bytes += bytes.len() as u64;
            if is_too_slow(arriving.begun.elapsed(), arriving.bytes) {
                let error = io::Error::from(io::ErrorKind::TimedOut);
                return Poll::Ready(Some(Err(PayloadError::Io(error))));
            }
        }
        piece
    }
}

fn is_too_slow(elapsed: Duration, bytes: u64) -> bool {
    elapsed.saturating_sub(PATIENCE).as_secs() > bytes / SLOWEST
}

/// Waits for the next piece of something that arrives over the network, but not for ever.
pub async fn in_time<T>(next: impl Future<Output = T>) -> Result<T> {
    timeout(SILENCE, next).await.map_err(|_| too_slow())
}

/// The refusal of an upload that does not get on.
pub fn too_slow() -> Error {
    Error::new(
        Kind::TooSlow,
        "The upload is too slow",
        format!("The upload arrives too slowly, or stopped for {} seconds.", SILENCE.as_secs()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_is_not_waited_for_for_ever() {
        let silent = std::future::pending::<()>();
        assert_eq!(in_time(silent).await.err().map(|error| error.kind()), Some(Kind::TooSlow));
        assert!(in_time(std::future::ready(())).await.is_ok());
    }

    #[test]
    fn a_trickle_is_too_slow() {
        assert!(!is_too_slow(Duration::from_secs(59), 1));
        assert!(is_too_slow(Duration::from_mins(2), 1000));
        assert!(!is_too_slow(Duration::from_mins(2), 100 * 1024));
        assert!(!is_too_slow(Duration::from_hours(1), 500 * 1024 * 1024));
    }
}
