//! Files of mirrored projects: fetched once, sent on while they come, kept.

use std::io::Read;
use std::net::TcpStream;
use std::sync::Barrier;

use cheeseshop::mirror::file::StoredFile;

use crate::support::http::{Request, read_reply};
use crate::support::{Backend, Dist, Reply, Said, Server, Upstream, eventually, on_both};

on_both!(
    a_file_is_fetched_once,
    fifty_readers_cause_one_request,
    a_first_fetch_answers_ranges_and_heads,
    the_fetch_goes_on_when_its_client_leaves,
    a_file_of_unknown_length_comes_whole,
    other_paths_are_addressed_by_digest,
    what_no_page_names_is_never_fetched,
    names_that_do_not_tell_the_project_are_found,
    only_what_is_stored_is_served_offline,
    redirects_are_followed_within_bounds,
    downloads_are_counted,
);

/// Longer than what is held back, and than several of the pieces in which files are sent.
pub const LARGE: usize = 1_000_001;
/// Where upstream stops for a while.
pub const HALF: usize = 500_000;
/// Less than what has come by then, and no more than is sent on at once.
pub const EARLY: usize = 100_000;

/// An index that mirrors this one.
pub fn mirror(backend: Backend, upstream: &Upstream) -> Server {
    mirror_with(backend, upstream, &[])
}

/// The same with settings.
pub fn mirror_with(backend: Backend, upstream: &Upstream, more: &[(&str, &str)]) -> Server {
    let url = upstream.url();
    let settings = [&[("CHEESESHOP_MIRROR__UPSTREAM", url.as_str())], more].concat();
    Server::start_with(backend, &settings)
}

/// The file of that number on the page of a project.
pub fn listed(server: &Server, project: &str, number: usize) -> serde_json::Value {
    server.page(project)["files"][number].clone()
}

/// Asks for something and reads the head of the answer and so many bytes of the body.
pub fn begin(request: &Request, bytes: usize) -> (TcpStream, String, Vec<u8>) {
    let mut stream = request.begin(0);
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let mut body = vec![0; bytes];
    stream.read_exact(&mut body).unwrap();
    (stream, String::from_utf8(head).unwrap(), body)
}

/// Reads what is left.
pub fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    bytes
}

/// Whether there is a row of a stored file at that path.
pub fn is_stored(server: &Server, path: &str) -> bool {
    looking(server, path)()
}

/// Waits until there is.
#[track_caller]
pub fn until_stored(server: &Server, path: &str) {
    eventually("the file is stored", looking(server, path));
}

/// Waits until there is none any more.
#[track_caller]
pub fn until_gone(server: &Server, path: &str) {
    let is_stored = looking(server, path);
    eventually("the file has left", || !is_stored());
}

fn looking(server: &Server, path: &str) -> impl Fn() -> bool {
    let path = path.trim_start_matches("/packages/").to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let db = server.open_database();
    move || {
        let path = path.clone();
        let read = db.read(move |c| Ok(StoredFile::by_path(c, &path)?));
        runtime.block_on(read).unwrap().is_some()
    }
}

fn a_file_is_fetched_once(backend: Backend) {
    for dist in [Dist::wheel("foo", "1.0"), Dist::noisy_wheel("foo", "1.1", LARGE)] {
        let upstream = Upstream::start();
        let path = upstream.add(&dist);
        let mut server = mirror(backend, &upstream);
        assert_eq!(listed(&server, "foo", 0)["url"], path.as_str());
        let first = server.get(&path).send().expect(200);
        assert!(first.body == dist.bytes);
        let size = dist.bytes.len();
        for _ in 0..2 {
            until_stored(&server, &path);
            let again = server.get(&path).send().expect(200);
            assert!(again.body == dist.bytes);
            for name in ["etag", "cache-control", "content-type", "content-length"] {
                assert_eq!(again.header(name), first.header(name), "{name}");
                assert!(first.header(name).is_some(), "{name}");
            }
            assert!(first.header("cache-control").unwrap().contains("immutable"));
            let head = server.request("HEAD", &path).send().expect(200);
            assert_eq!(head.header("content-length"), Some(size.to_string().as_str()));
            let part = server.get(&path).header("Range", "bytes=5-99").send().expect(206);
            assert!(part.body == dist.bytes[5..100]);
            let etag = first.header("etag").unwrap();
            server.get(&path).header("If-None-Match", etag).send().expect(304);
            let resumed = server.get(&path).header("Range", "bytes=9-").header("If-Range", etag);
            assert!(resumed.send().expect(206).body == dist.bytes[9..]);
            // The same from another process that knows only what is stored.
            server.kill();
            server.run();
        }
        assert_eq!(upstream.asked_for(&path), 1);
        let request = upstream.asked().into_iter().find(|asked| asked.path == path).unwrap();
        assert_eq!(request.headers["accept-encoding"], "identity");
    }
}

fn fifty_readers_cause_one_request(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::noisy_wheel("foo", "1.0", LARGE);
    let path = upstream.add(&dist);
    let server = mirror(backend, &upstream);
    upstream.hold_after(&path, HALF);
    // All of them have read something before upstream sends the rest.
    let all_read = Barrier::new(51);
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| {
                let (stream, _, body) = begin(&server.get(&path), EARLY);
                all_read.wait();
                let body = [body, rest(stream)].concat();
                assert!(body == dist.bytes);
            });
        }
        all_read.wait();
        upstream.release();
    });
    assert_eq!(upstream.asked_for(&path), 1);
}

fn a_first_fetch_answers_ranges_and_heads(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::noisy_wheel("foo", "1.0", LARGE);
    let (bytes, size) = (&dist.bytes, dist.bytes.len());
    let path = upstream.add(&dist);
    let server = mirror(backend, &upstream);
    // The page tells as much, before anybody has asked for the file.
    let head = server.request("HEAD", &path).send().expect(200);
    assert_eq!(head.header("content-length"), Some(size.to_string().as_str()));
    assert_eq!(upstream.asked_for(&path), 0);
    upstream.hold_after(&path, HALF);
    let first = begin(&server.get(&path), EARLY);
    let head = server.request("HEAD", &path).header("Range", "bytes=7-8").send().expect(206);
    assert_eq!(head.header("content-length"), Some("2"));
    server.get(&path).header("Range", &format!("bytes={size}-")).send().expect(416);
    let etag = head.header("etag").unwrap();
    server.get(&path).header("If-None-Match", etag).send().expect(304);
    // One range is here by more than what is held back, one is not here yet, one is short.
    let range = format!("bytes=10-{}", HALF - 1);
    let (early, head, body) = begin(&server.get(&path).header("Range", &range), EARLY);
    assert!(head.starts_with("HTTP/1.1 206 ") && body == bytes[10..10 + EARLY]);
    assert!(head.contains(&format!("content-range: bytes 10-{}/{size}\r\n", HALF - 1)), "{head}");
    let late = server.get(&path).header("Range", &format!("bytes={}-", size - 200_000)).begin(0);
    let short = server.get(&path).header("Range", "bytes=-10").begin(0);
    upstream.release();
    assert!([body, rest(early)].concat() == bytes[10..HALF]);
    assert!(read_reply(late).expect(206).body == bytes[size - 200_000..]);
    assert!(read_reply(short).expect(206).body == bytes[size - 10..]);
    assert!([first.2, rest(first.0)].concat() == *bytes);
    assert_eq!(upstream.asked_for(&path), 1);
}

fn the_fetch_goes_on_when_its_client_leaves(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::noisy_wheel("foo", "1.0", LARGE);
    let path = upstream.add(&dist);
    let server = mirror(backend, &upstream);
    upstream.hold_after(&path, HALF);
    drop(begin(&server.get(&path), EARLY));
    upstream.wait_for(&path, 1);
    upstream.release();
    until_stored(&server, &path);
    assert!(server.get(&path).send().expect(200).body == dist.bytes);
    assert_eq!(upstream.asked_for(&path), 1);
}

fn a_file_of_unknown_length_comes_whole(backend: Backend) {
    for size in [100, LARGE] {
        let upstream = Upstream::start();
        let dist = Dist::noisy_wheel("foo", "1.0", size);
        let path = upstream.add_with(&dist, |listed| listed.size = None);
        upstream.say(&path, Said::new(200, dist.bytes.clone()).unmeasured());
        let server = mirror(backend, &upstream);
        let reply = server.get(&path).send().expect(200);
        if reply.header("transfer-encoding") == Some("chunked") {
            assert!(size == LARGE && dechunked(&reply) == dist.bytes);
        } else {
            assert!(reply.body == dist.bytes);
        }
        until_stored(&server, &path);
        assert!(server.get(&path).send().expect(200).body == dist.bytes);
        let length = dist.bytes.len().to_string();
        let head = server.request("HEAD", &path).send().expect(200);
        assert_eq!(head.header("content-length"), Some(length.as_str()));
        assert_eq!(upstream.asked_for(&path), 1);
    }
    // How long it is is known when it is here.
    let upstream = Upstream::start();
    let dist = Dist::noisy_wheel("foo", "1.0", LARGE);
    let path = upstream.add_with(&dist, |listed| listed.size = None);
    upstream.say(&path, Said::new(200, dist.bytes.clone()).unmeasured());
    let server = mirror(backend, &upstream);
    let head = server.request("HEAD", &path).send().expect(200);
    assert_eq!(head.header("content-length"), Some(dist.bytes.len().to_string().as_str()));
}

/// The body of a chunked answer that has come to its end.
fn dechunked(reply: &Reply) -> Vec<u8> {
    let (mut rest, mut body) = (&reply.body[..], Vec::new());
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n").unwrap();
        let size = std::str::from_utf8(&rest[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 2 + size + 2..];
    }
}

fn other_paths_are_addressed_by_digest(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::wheel("foo", "1.0");
    let elsewhere = "/files/foo-1.0-py3-none-any.whl";
    upstream.serve_at(elsewhere, &dist.bytes);
    let url = upstream.at(elsewhere);
    upstream.add_with(&dist, |listed| listed.url = url);
    let server = mirror(backend, &upstream);
    let path = listed(&server, "foo", 0)["url"].as_str().unwrap().to_owned();
    assert_eq!(path, format!("/packages/u/{}/{}", dist.sha256(), dist.filename));
    for _ in 0..2 {
        assert_eq!(server.get(&path).send().expect(200).body, dist.bytes);
        until_stored(&server, &path);
    }
    assert_eq!(upstream.asked_for(elsewhere), 1);
}

fn what_no_page_names_is_never_fetched(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::wheel("foo", "1.0");
    let path = upstream.add(&dist);
    // It is there, and nobody says so.
    let hidden = path.replace("foo-1.0", "foo-1.1");
    upstream.serve_at(&hidden, b"hidden");
    upstream.serve_at("/packages/x", b"x");
    let server = mirror(backend, &upstream);
    let digest = "ab".repeat(32);
    let moved = format!("/packages/u/{digest}/{}", dist.filename);
    let flip = if path.contains('0') { ('0', "1") } else { ('1', "0") };
    let flipped = path.replacen(flip.0, flip.1, 1);
    let metadata = format!("{path}.metadata");
    let long = format!("/packages/u/{digest}/{}1.0.tar.gz", "a-".repeat(2_000));
    let paths = [&hidden, &moved, &flipped, &metadata, &long];
    for wanted in paths {
        server.get(wanted).send().expect(404);
        server.request("HEAD", wanted).send().expect(404);
    }
    for wanted in ["/packages/x", "/packages/u/x/foo-1.0.tar.gz", "/packages/u/%00/%00.whl"] {
        server.get(wanted).send().expect(404);
    }
    let files = upstream.asked().into_iter().filter(|asked| asked.path.starts_with("/packages"));
    assert_eq!(files.count(), 0);
}

fn names_that_do_not_tell_the_project_are_found(backend: Backend) {
    let upstream = Upstream::start();
    let files = [
        ("foo-bar", "foo-bar-1.0.tar.gz"),
        ("foo-bar", "foo-bar-1.0-py2.7.egg"),
        ("baz", "baz-1.0-1.tar.gz"),
        ("baz", "baz-1.0.win32-py2.7.exe"),
    ];
    let files = files.map(|(project, filename)| {
        let dist = Dist::new(filename, project, "1.0", "sdist", filename.into());
        (upstream.add(&dist), filename)
    });
    let server = mirror(backend, &upstream);
    for (path, filename) in files {
        assert_eq!(server.get(&path).send().expect(200).body, filename.as_bytes(), "{filename}");
    }
}

fn only_what_is_stored_is_served_offline(backend: Backend) {
    let upstream = Upstream::start();
    let (one, two) = (Dist::wheel("foo", "1.0"), Dist::wheel("foo", "1.1"));
    let (one_path, two_path) = (upstream.add(&one), upstream.add(&two));
    let mut server = mirror(backend, &upstream);
    server.get(&one_path).send().expect(200);
    until_stored(&server, &one_path);
    server.kill();
    server.set("CHEESESHOP_MIRROR__OFFLINE", "true");
    server.run();
    let before = upstream.asked().len();
    assert_eq!(server.get(&one_path).send().expect(200).body, one.bytes);
    server.request("HEAD", &one_path).send().expect(200);
    // Whether a page offers it at all is asked elsewhere.
    for method in ["GET", "HEAD"] {
        server.request(method, &two_path).send().expect(404);
    }
    assert_eq!(upstream.asked().len(), before);
}

fn redirects_are_followed_within_bounds(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::wheel("foo", "1.0");
    let path = upstream.add(&dist);
    upstream.serve_at("/elsewhere", &dist.bytes);
    upstream.say(&path, Said::redirect("/elsewhere"));
    let server = mirror(backend, &upstream);
    assert_eq!(server.get(&path).send().expect(200).body, dist.bytes);
    let other = Dist::wheel("foo", "1.1");
    let path = upstream.add(&other);
    let server = mirror(backend, &upstream);
    for (to, words) in [
        // Nobody configured that host, and it is this machine.
        ("http://127.0.0.2:1/x", "private network"),
        ("ftp://example.org/x", "neither http nor https"),
        (path.as_str(), "redirects too often"),
    ] {
        upstream.say(&path, Said::redirect(to));
        let refused = server.get(&path).send().expect(503);
        assert!(refused.text().contains(words), "{}", refused.text());
    }
}

fn downloads_are_counted(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::noisy_wheel("foo", "1.0", LARGE);
    let path = upstream.add(&dist);
    let mut server = mirror_with(backend, &upstream, &[("CHEESESHOP_PRIVATE", "true")]);
    let token = server.token("ada");
    server.get(&path).send().expect(401);
    let get = || server.get(&path).basic("__token__", &token);
    get().send().expect(200);
    until_stored(&server, &path);
    get().send().expect(200);
    get().header("Range", "bytes=10-").send().expect(206);
    let metrics = || server.get("/metrics").send().expect(200).text();
    eventually("they are counted", || metrics().contains("\ncheeseshop_downloads_total 2\n"));
    server.tell_to_stop();
    assert!(server.wait());
    let sha256 = dist.sha256();
    for wanted in
        [["--project", "foo"], ["--file", dist.filename.as_str()], ["--digest", sha256.as_str()]]
    {
        let all = server.ok(&[&["downloads", "list", "--json"], &wanted[..]].concat());
        let all: serde_json::Value = serde_json::from_str(&all).unwrap();
        let all = all.as_array().unwrap();
        assert_eq!(all.len(), 2, "{wanted:?}: {all:?}");
        assert_eq!(all[0]["version"], "1.0");
        assert_eq!(all[0]["user"], "ada");
    }
}
