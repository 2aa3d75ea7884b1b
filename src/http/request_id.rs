//! The name of a request: what its answer, its line in the log and every other line about it have
//! in common.
//!
//! A proxy of ours may have named it already; else it gets 32 hexadecimal digits, the form that
//! traces have too (<https://www.w3.org/TR/trace-context/#trace-id>). It is no secret and proves
//! nothing.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderName, HeaderValue};
use bytes::BytesMut;
use tracing::Span;

use crate::config::Proxies;

/// The header of requests and answers.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest one that is taken from a proxy.
const LONGEST: usize = 128;
/// Digits of the half that a thread draws once, and of the half that it counts.
const HALF: usize = 16;
/// Names for which memory is asked at once.
const AT_ONCE: usize = 64;

thread_local! {
    static MAKER: RefCell<Maker> = RefCell::new(Maker::new());
}

/// Makes names: a half that differs between threads, processes and machines, and a number.
struct Maker {
    thread: [u8; HALF],
    count: u64,
    room: BytesMut,
}

impl Maker {
    fn new() -> Self {
        Self { thread: digits(rand::random()), count: 0, room: BytesMut::new() }
    }

    /// The next one. Asks for memory once in a while only.
    fn next(&mut self) -> HeaderValue {
        self.count += 1;
        if self.room.capacity() < 2 * HALF {
            self.room.reserve(2 * HALF * AT_ONCE);
        }
        self.room.extend_from_slice(&self.thread);
        self.room.extend_from_slice(&digits(self.count));
        let name = HeaderValue::from_maybe_shared(self.room.split().freeze());
        // (Digits can stand in a header.)
        name.unwrap_or(HeaderValue::from_static("-"))
    }
}

fn digits(number: u64) -> [u8; HALF] {
    let mut out = [b'0'; HALF];
    // (Eight bytes are sixteen digits.)
    let _ = hex::encode_to_slice(number.to_be_bytes(), &mut out);
    out
}

/// That of this request.
pub fn of(request: &HttpRequest, proxies: &Proxies) -> HeaderValue {
    let told = request.headers().get(X_REQUEST_ID).filter(|told| can_be_one(told.as_bytes()));
    if let Some(told) = told {
        // Only requests that no connection with an address brought have none.
        let peer = request.peer_addr().map_or(IpAddr::from(Ipv4Addr::LOCALHOST), |peer| peer.ip());
        if proxies.trust(peer) {
            return told.clone();
        }
    }
    MAKER.with_borrow_mut(Maker::next)
}

/// As text.
pub fn text(id: &HeaderValue) -> &str {
    id.to_str().unwrap_or("-")
}

/// What puts the name on every line that is logged for the request.
pub fn span(id: &HeaderValue) -> Span {
    tracing::info_span!("request", id = text(id))
}

/// Nothing that would have to be quoted anywhere.
fn can_be_one(told: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:=/+@".contains(byte);
    (1..=LONGEST).contains(&told.len()) && told.iter().all(is_plain)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_is_another_one() {
        let made = || {
            let mut maker = Maker::new();
            (0..1000).map(move |_| maker.next()).map(|id| text(&id).to_owned())
        };
        let all: BTreeSet<String> = made().chain(made()).collect();
        assert_eq!(all.len(), 2000);
        let is_right =
            |id: &String| id.len() == 2 * HALF && id.bytes().all(|it| it.is_ascii_hexdigit());
        assert!(all.iter().all(is_right));
    }

    #[test]
    fn proxies_may_name_requests_plainly() {
        for (told, may_be) in [
            ("7b3bf470-9456-11e8-9eb6-529269fb1459", true),
            ("Root=1-67891233-abcdef", true),
            ("x", true),
            ("", false),
            ("a b", false),
            ("a\"b", false),
            ("\u{e4}", false),
        ] {
            assert_eq!(can_be_one(told.as_bytes()), may_be, "{told}");
        }
        assert!(can_be_one(&[b'a'; LONGEST]) && !can_be_one(&[b'a'; LONGEST + 1]));
    }
}
