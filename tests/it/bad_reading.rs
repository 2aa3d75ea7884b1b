//! Readers that ask nonsense: a clear answer within limits, and not a word in the log, which is
//! for what its reader can do something about.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use crate::support::http::read_reply;
use crate::support::{Backend, Dist, Reply, Server, eventually, on_both};

on_both!(
    absurd_headers_are_survived,
    absurd_paths_are_not_found,
    absurd_queries_are_ignored,
    pages_and_files_are_only_read,
    what_is_no_http_is_refused,
);

const JSON: &str = "application/vnd.pypi.simple.v1+json";

fn started(backend: Backend) -> (Server, String) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let file = server.page("foo")["files"][0]["url"].as_str().unwrap().to_owned();
    (server, file)
}

/// The server still answers, nothing panicked, and the log complains about nothing.
fn is_calm(server: &Server) {
    // Complaints are written at once, so they are there when the line of a later request is.
    server.get("/simple/foo/").send().expect(200);
    server.get("/the/last/one").send().expect(404);
    eventually("the log is written", || {
        server.log().iter().any(|line| line.contains("/the/last/one"))
    });
    for line in server.log() {
        let is_bad = ["ERROR", "WARN", "panicked"].iter().any(|word| line.contains(word));
        assert!(!is_bad, "{}", line.chars().take(1000).collect::<String>());
    }
}

/// Sends exactly these bytes.
fn raw(server: &Server, bytes: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    // A server that refuses early may close before everything is sent.
    let _ = stream.write_all(bytes);
    read_reply(stream)
}

/// A request with one header, whose value is any bytes.
fn with_header(server: &Server, path: &str, name: &str, value: &[u8]) -> Reply {
    let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{name}: ");
    raw(server, &[head.as_bytes(), value, b"\r\n\r\n"].concat())
}

fn absurd_headers_are_survived(backend: Backend) {
    let (server, file) = started(backend);
    let long = "x".repeat(64 << 10);
    let ranges = format!("{}{JSON}", "a/b;q=0.5,".repeat(6_000));
    let tags = "\"x\",".repeat(15_000);
    let many = |text: &str| text.repeat(10_000);
    for path in ["/simple/", "/simple/foo/", &file, &format!("{file}.metadata")] {
        for (name, value) in [
            ("X-Long", long.as_bytes()),
            ("Accept", long.as_bytes()),
            ("Accept", ranges.as_bytes()),
            ("Accept", many("a/b,").as_bytes()),
            ("Accept", many(";q=1").as_bytes()),
            ("Accept", b"text/html;q=\xff\xfe, */\xc3\xa9"),
            ("Accept", b"////,,,;;;===\"\\\"\t"),
            ("Accept-Encoding", many("a;q=0,").as_bytes()),
            ("Accept-Encoding", b"gzip;q=gzip;q;;=, \xff, *;q=9"),
            ("If-None-Match", tags.as_bytes()),
            ("If-None-Match", b"\xff\x80\"W/\"\"\""),
            ("If-None-Match", b"\"unclosed"),
            ("If-Modified-Since", b"the day before yesterday"),
            ("If-Range", b"\xff"),
            ("Cookie", long.as_bytes()),
            ("User-Agent", b"\xf0\x9f\x92\xa9"),
            ("Authorization", b"Basic \xff\xff"),
            ("Authorization", b"Basic ======"),
            ("X-Forwarded-For", b"<script>, 999.999.999.999, ::::"),
            ("Expect", b"nothing"),
        ] {
            let reply = with_header(&server, path, name, value);
            let shown = String::from_utf8_lossy(&value[..value.len().min(40)]);
            assert_eq!(reply.status, 200, "{path} with {name}: {shown}");
        }
        let mut lines = server.get(path);
        for number in 0..90 {
            lines = lines.header("Accept", if number == 80 { JSON } else { "a/b;q=0.1" });
        }
        lines.send().expect(200);
    }
    for range in [
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=--5",
        "bytes=5-3",
        "bytes=+1-2",
        "bytes=0x1-2",
        "bytes=1-2-3",
        "bytes=0-0,",
        "bytes =0-1",
        "items=0-1",
        "bytes=\u{e9}-1",
        "bytes=-18446744073709551616,0-",
        &format!("bytes={}0-1", many("0-0,")),
    ] {
        server.get(&file).header("Range", range).send().expect(200);
    }
    let huge = "9".repeat(1_000);
    for (range, status) in [
        (format!("bytes={huge}-"), 416),
        (format!("bytes=-{huge}"), 206),
        (format!("bytes=0-{huge}"), 206),
        ("bytes=-0".to_owned(), 416),
    ] {
        server.get(&file).header("Range", &range).send().expect(status);
    }
    is_calm(&server);
}

fn absurd_paths_are_not_found(backend: Backend) {
    let (server, file) = started(backend);
    let long = "a".repeat(30_000);
    let folder = file.rsplit_once('/').unwrap().0;
    for name in [
        "%",
        "%zz",
        "%f",
        "%ff",
        "%00",
        "foo%00",
        "%2e%2e",
        "..%2f..%2fetc%2fpasswd",
        "%E2%84%AAelvin",
        "%C3%BC",
        "fo%6f%20",
        "-",
        "%3Cscript%3E",
        "foo%0d%0aX-Evil:%201",
        "foo%23",
        "foo;x=1",
        "~foo",
        "$(id)",
        "%F0%9F%92%A9",
        &long,
        &format!("foo{}", "%20".repeat(5_000)),
    ] {
        for path in [
            format!("/simple/{name}/"),
            format!("/simple/{name}"),
            format!("/simple/foo/{name}"),
            format!("/packages/{name}/00/x/{name}"),
            format!("{folder}/{name}"),
            format!("{folder}/{name}.metadata"),
            format!("/project/{name}/"),
            format!("/project/foo/{name}/"),
            format!("/{name}"),
            format!("/static/{name}"),
            format!("/pypi/{name}/json"),
            format!("/pypi/foo/{name}/json"),
            format!("/rss/project/{name}/releases.xml"),
        ] {
            let reply = server.get(&path).send();
            let shown: String = path.chars().take(80).collect();
            assert_eq!(reply.status, 404, "{shown}");
            assert_eq!(reply.header("x-evil"), None);
        }
    }
    for path in ["//", "//simple/foo/", "/simple//", "/simple//foo/", "/simple/foo//", "/./simple/"]
    {
        server.get(path).send().expect(404);
    }
    // The name in capitals is the name, and its way leads nowhere else.
    let reply = server.get("/simple/FOO/%2e%2e").send();
    assert_eq!(reply.status, 404);
    is_calm(&server);
}

fn absurd_queries_are_ignored(backend: Backend) {
    let (server, file) = started(backend);
    let long = "x".repeat(60_000);
    for query in [
        "%",
        "%ff=%ff&%00",
        "format",
        "format=",
        "format=%ff",
        "format[]=a&format[]=b",
        "format=a&format=b",
        "=&=&&&==",
        "%C3%BC=%F0%9F%98%80",
        &long,
        &"format=a&".repeat(6_000),
        &"&".repeat(60_000),
    ] {
        for path in ["/simple/", "/simple/foo/", &file, &format!("{file}.metadata"), "/"] {
            let request = server.get(&format!("{path}?{query}")).header("Accept", JSON);
            let shown: String = query.chars().take(40).collect();
            let reply = request.send();
            assert_eq!(reply.status, 200, "{path}?{shown}");
        }
        let reply = server.get(&format!("/simple/foo?{query}")).send().expect(301);
        let expected = format!("/simple/foo/?{query}");
        assert!(reply.header("location") == Some(expected.as_str()));
    }
    // Longer than any URL may be.
    for length in [70_000, 100_000] {
        let query = "x".repeat(length);
        let reply = server.get(&format!("/simple/foo/?{query}")).send();
        assert!((400..500).contains(&reply.status), "{}", reply.status);
    }
    is_calm(&server);
}

fn pages_and_files_are_only_read(backend: Backend) {
    let (server, file) = started(backend);
    let metadata = format!("{file}.metadata");
    for path in
        ["/simple", "/simple/", "/simple/foo/", "/simple/foo", "/simple/Foo/", &file, &metadata]
    {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "GETT"] {
            let reply = server.request(method, path).send().expect(405);
            assert_eq!(reply.header("allow"), Some("GET, HEAD"), "{method} {path}");
            assert_eq!(reply.text(), "This address takes GET and HEAD requests only.\n");
        }
    }
    for method in ["get", "CONNECT"] {
        let reply = server.request(method, "/simple/foo/").send();
        assert!((400..500).contains(&reply.status), "{method} {}", reply.status);
    }
    // Reading with a body is odd, and no harm.
    server.get("/simple/foo/").body(vec![b'x'; 100_000]).send().expect(200);
    server.page("foo");
    server.request("POST", "/simple/foo/").body(b"x=1".to_vec()).send().expect(405);
    is_calm(&server);
}

fn what_is_no_http_is_refused(backend: Backend) {
    let (server, _) = started(backend);
    let get = "GET /simple/foo/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    for head in [
        "\0\0\0\0\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\r\n\r\n".to_owned(),
        "GET\r\n\r\n".to_owned(),
        "GET /simple/foo/\r\n\r\n".to_owned(),
        "GET /simple/\u{0}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
        "GET simple HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
        "GET /simple/ HTTP/9.9\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
        "GET /simple/\u{fc}/?\u{fc} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
        format!("{get}No colon\r\n\r\n"),
        format!("{get}: no name\r\n\r\n"),
        format!("{get}Sp ace: x\r\n\r\n"),
        format!("{get}X: a\0b\r\n\r\n"),
        format!("{get}Content-Length: -1\r\n\r\n"),
        format!("{get}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        format!("{get}Content-Length: 99999999999999999999\r\n\r\n"),
        format!("{get}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc"),
        format!("{get}Transfer-Encoding: nonsense\r\n\r\n"),
        // More of it than any client has to say.
        format!("{get}{}\r\n", "X-Many: x\r\n".repeat(500)),
        format!("{get}X-Long: {}\r\n\r\n", "x".repeat(300_000)),
    ] {
        let reply = raw(&server, head.as_bytes());
        let shown: String = head.chars().take(120).collect();
        assert!((400..500).contains(&reply.status), "{} for {shown:?}", reply.status);
    }
    is_calm(&server);
}
