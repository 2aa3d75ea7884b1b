//! The line that the log has of each request.
//!
//! It is written by hand, the same as the library for all other lines would write it: at tens of
//! thousands of requests a second its general way of formatting took a tenth of the server's time.

use std::time::Duration;

use serde::Serialize;

use crate::config::LogFormat;
use crate::time::{self, Time};

/// What is said of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestLine<'a> {
    /// When its answer was ready.
    pub(super) at: Time,
    pub(super) method: &'a str,
    /// Without the query, which may hold secrets.
    pub(super) path: &'a str,
    pub(super) status: u16,
    /// From its head to its answer.
    pub(super) took: Duration,
    /// Of the body, as far as known.
    pub(super) bytes: u64,
    /// The account, `-` where none is known.
    pub(super) user: &'a str,
    /// The name of the request.
    pub(super) id: &'a str,
}

impl RequestLine<'_> {
    /// Adds the line in this form.
    pub(super) fn write(&self, format: LogFormat, out: &mut Vec<u8>) {
        match format {
            LogFormat::Text => self.write_text(out),
            LogFormat::Json => self.write_json(out),
        }
        out.push(b'\n');
    }

    fn write_text(&self, out: &mut Vec<u8>) {
        time::write_iso(self.at, out);
        out.extend_from_slice(b"  INFO request method=");
        plain(out, self.method);
        out.extend_from_slice(b" path=");
        value(out, self.path);
        out.extend_from_slice(b" status=");
        value(out, &self.status);
        out.extend_from_slice(b" duration_ms=");
        milliseconds(out, self.took);
        out.extend_from_slice(b" bytes=");
        value(out, &self.bytes);
        out.extend_from_slice(b" user=");
        value(out, self.user);
        out.extend_from_slice(b" id=");
        plain(out, self.id);
    }

    fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"timestamp\":\"");
        time::write_iso(self.at, out);
        out.extend_from_slice(b"\",\"level\":\"INFO\",\"message\":\"request\",\"method\":");
        plain(out, self.method);
        out.extend_from_slice(b",\"path\":");
        value(out, self.path);
        out.extend_from_slice(b",\"status\":");
        value(out, &self.status);
        out.extend_from_slice(b",\"duration_ms\":");
        milliseconds(out, self.took);
        out.extend_from_slice(b",\"bytes\":");
        value(out, &self.bytes);
        out.extend_from_slice(b",\"user\":");
        value(out, self.user);
        out.extend_from_slice(b",\"target\":\"cheeseshop::request\",\"span\":{\"id\":");
        plain(out, self.id);
        out.extend_from_slice(b",\"name\":\"request\"}}");
    }
}

/// A number, or a text in quotes in which nothing can end the line: as JSON has them. (Writing
/// such values to memory does not fail.)
fn value<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let _ = serde_json::to_writer(out, value);
}

/// A text in quotes in which nothing has to be escaped: a method is a token (RFC 9110 section 9.1), and
/// of names of requests only such are taken.
fn plain(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// To the microsecond: `0.071`.
fn milliseconds(out: &mut Vec<u8>, took: Duration) {
    value(out, &took.as_millis());
    out.push(b'.');
    time::write_digits::<3>(took.subsec_micros() % 1_000, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: RequestLine<'_> = RequestLine {
        at: Time::MIN,
        method: "GET",
        path: "/a\"\n\u{1b}b",
        status: 200,
        took: Duration::from_micros(12_034),
        bytes: 5,
        user: "-",
        id: "7b",
    };

    fn written(format: LogFormat) -> String {
        let mut out = Vec::new();
        let at = time::from_unix(1_795_327_693) + Duration::from_micros(63_882);
        RequestLine { at, ..LINE }.write(format, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn a_line_of_text() {
        let wanted = "2026-11-22T06:08:13.063882Z  INFO request method=\"GET\" \
                      path=\"/a\\\"\\n\\u001bb\" status=200 duration_ms=12.034 bytes=5 user=\"-\" \
                      id=\"7b\"\n";
        assert_eq!(written(LogFormat::Text), wanted);
    }

    #[test]
    fn a_line_of_json() {
        let line: Option<serde_json::Value> = serde_json::from_str(&written(LogFormat::Json)).ok();
        let wanted = serde_json::json!({
            "timestamp": "2026-11-22T06:08:13.063882Z",
            "level": "INFO",
            "message": "request",
            "method": "GET",
            "path": "/a\"\n\u{1b}b",
            "status": 200,
            "duration_ms": 12.034,
            "bytes": 5,
            "user": "-",
            "target": "cheeseshop::request",
            "span": { "id": "7b", "name": "request" },
        });
        assert_eq!(line, Some(wanted));
    }
}
