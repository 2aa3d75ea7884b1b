//! A plain HTTP client that shows everything: reason phrases, headers in order, cut bodies.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A request to be sent on a connection of its own.
pub struct Request {
    address: SocketAddr,
    head: String,
    body: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub reason: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn new(address: SocketAddr, method: &str, path: &str) -> Self {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        Self { address, head, body: Vec::new() }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        write!(self.head, "{name}: {value}\r\n").unwrap();
        self
    }

    pub fn basic(self, user: &str, password: &str) -> Self {
        let pair = STANDARD.encode(format!("{user}:{password}"));
        self.header("Authorization", &format!("Basic {pair}"))
    }

    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    /// The body as it will be sent.
    pub fn bytes(&self) -> Vec<u8> {
        self.body.clone()
    }

    /// Sends it and reads the answer.
    pub fn send(self) -> Reply {
        let mut stream = self.open();
        // A server that refuses early may close before everything is sent.
        let _ = stream.write_all(&self.body);
        read_reply(stream)
    }

    /// Sends it to a server that may be gone at any moment.
    pub fn try_send(self) -> Option<Reply> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.write_all(self.whole_head().as_bytes()).ok()?;
        stream.write_all(&self.body).ok()?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).ok()?;
        parse_reply(&bytes)
    }

    /// Sends the beginning of the body, all but `missing` bytes, and closes the sending side.
    pub fn send_cut(self, missing: usize) -> Reply {
        let stream = self.begin(missing);
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        read_reply(stream)
    }

    /// Sends the beginning of the body, all but `missing` bytes, and leaves the connection open.
    pub fn begin(&self, missing: usize) -> TcpStream {
        let mut stream = self.open();
        stream.write_all(&self.body[..self.body.len() - missing]).unwrap();
        stream
    }

    fn open(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        stream.write_all(self.whole_head().as_bytes()).unwrap();
        stream
    }

    fn whole_head(&self) -> String {
        let length = match self.body.len() {
            0 => String::new(),
            length => format!("Content-Length: {length}\r\n"),
        };
        format!("{}{length}\r\n", self.head)
    }
}

/// Reads an answer to its end.
pub fn read_reply(mut stream: TcpStream) -> Reply {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    parse_reply(&bytes)
        .unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(&bytes)))
}

fn parse_reply(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let mut status_line = lines.next().unwrap().splitn(3, ' ').skip(1);
    let status = status_line.next().unwrap().parse().unwrap();
    let reason = status_line.next().unwrap_or_default().to_owned();
    let header = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_lowercase(), value.trim().to_owned())
    };
    let headers = lines.map(header).collect();
    Some(Reply { status, reason, headers, body: bytes[end + 4..].to_vec() })
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The headers in an order of their own, without what differs from one answer to the next: the
    /// time of day, and the name of the request.
    pub fn told(&self) -> Vec<(&str, &str)> {
        let pairs = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut told: Vec<_> = pairs.collect();
        told.retain(|(name, _)| !["date", "x-request-id"].contains(name));
        told.sort_unstable();
        told
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// Panics with the whole answer where the status is another one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        let body = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{} {body}", self.reason);
        self
    }
}
