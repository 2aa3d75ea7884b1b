//! Paths and HTTP: redirects, HEAD, encodings, validators.

use std::io::Read;

use super::{HTML, JSON, TEXT_HTML, checks, get, html, only_file};
use crate::support::{Backend, Dist, Reply, Server, eventually};

checks! {
    pages_have_one_path_and_other_spellings_lead_there: "S-001" "S-002" "S-003" "S-004" "S-005";
    urls_resolve_under_a_prefix: "S-006";
    what_is_known_but_empty_is_there: "S-009";
    head_answers_as_get: "S-010";
    pages_are_revalidated_in_each_form_and_encoding: "S-013";
    files_are_immutable_and_come_as_they_are: "S-011" "S-012";
}

/// Files on a page that is long enough for every encoding, with [`long_wheel`].
const MANY: usize = 8;

fn pages_have_one_path_and_other_spellings_lead_there(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("Foo.Bar", "1.0")).send().expect(200);
    for accept in [TEXT_HTML, HTML, JSON] {
        for path in ["/simple/", "/simple/foo-bar/", "/simple/foo-bar/?x=1"] {
            get(&server, path, accept);
        }
        for (path, to) in [
            ("/simple", "/simple/"),
            ("/simple?a=1&b=%2B+c", "/simple/?a=1&b=%2B+c"),
            ("/simple/foo-bar", "/simple/foo-bar/"),
            ("/simple/foo-bar?a=1&b=%2B+c", "/simple/foo-bar/?a=1&b=%2B+c"),
            ("/simple/Foo.Bar/", "/simple/foo-bar/"),
            ("/simple/FOO__bar?x=/y", "/simple/foo-bar/?x=/y"),
            ("/simple/foo%2Dbar?%", "/simple/foo-bar/?%"),
            // Whether there is such a project is said at the end of the way.
            ("/simple/Un_Known", "/simple/un-known/"),
        ] {
            for method in ["GET", "HEAD"] {
                let reply = server.request(method, path).header("Accept", accept).send();
                let reply = reply.expect(301);
                assert_eq!(reply.header("location"), Some(to), "{method} {path}");
                assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
                assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{path}");
            }
        }
    }
}

fn urls_resolve_under_a_prefix(backend: Backend) {
    let url = [("CHEESESHOP_PUBLIC_URL", "https://example.org/a/b/")];
    let server = Server::start_with(backend, &url);
    let dist = Dist::wheel("Foo", "1.0+l.1");
    server.upload(&dist).path("/a/b/legacy/").send().expect(200);
    let root = html(&server, "/a/b/simple/");
    let project = root.all("a")[0].attribute("href").unwrap();
    assert_eq!(project, "/a/b/simple/foo/");
    let page = html(&server, project);
    let href = page.all("a")[0].attribute("href").unwrap();
    let (file, _) = href.split_once('#').unwrap();
    assert!(file.starts_with("/a/b/packages/"), "{file}");
    assert_eq!(get(&server, project, JSON).json()["files"][0]["url"], file);
    assert_eq!(server.get(file).send().expect(200).body, dist.bytes);
    server.get(&format!("{file}.metadata")).send().expect(200);
    for (path, to) in [
        ("/a/b/simple", "/a/b/simple/"),
        ("/a/b/simple/Foo?x=1", "/a/b/simple/foo/?x=1"),
        // The proxy may have taken the prefix off.
        ("/simple/Foo?x=1", "/a/b/simple/foo/?x=1"),
    ] {
        let reply = server.get(path).send().expect(301);
        assert_eq!(reply.header("location"), Some(to));
    }
    server.get("/a/bb/simple/foo/").send().expect(404);
}

fn what_is_known_but_empty_is_there(backend: Backend) {
    let server = Server::start(backend);
    let dist = Dist::wheel("foo", "1.0");
    server.upload(&dist).send().expect(200);
    for accept in [TEXT_HTML, JSON] {
        let missing = server.get("/simple/bar/").header("Accept", accept).send().expect(404);
        assert_eq!(missing.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(missing.header("cache-control"), Some("no-store"));
        assert_eq!(missing.header("access-control-allow-origin"), Some("*"));
        assert_eq!(missing.text(), "There is no project bar here.\n");
    }
    server.ok(&["project", "delete", "foo", "--file", &dist.filename, "--yes"]);
    eventually("the file is gone", || server.page("foo")["files"] == serde_json::json!([]));
    assert_eq!(html(&server, "/simple/foo/").all("a").len(), 0);
}

fn head_answers_as_get(backend: Backend) {
    let server = Server::start(backend);
    upload_many(&server);
    let file = server.page("foo")["files"][0]["url"].as_str().unwrap().to_owned();
    let metadata = format!("{file}.metadata");
    let missing = file.replacen("foo-", "fou-", 1);
    for path in [
        "/simple",
        "/simple/",
        "/simple/foo/",
        "/simple/Foo",
        "/simple/none/",
        "/nothing",
        &file,
        &metadata,
        &missing,
    ] {
        for (name, value) in [
            ("Accept", TEXT_HTML),
            ("Accept", JSON),
            ("Accept-Encoding", "gzip, zstd"),
            ("Range", "bytes=3-9"),
            ("Range", "bytes=99999999-"),
            ("If-None-Match", "*"),
        ] {
            let ask = |method| server.request(method, path).header(name, value).send();
            let (head, whole) = (ask("HEAD"), ask("GET"));
            let what = format!("{path} with {name}: {value}");
            assert_eq!(head.status, whole.status, "{what}");
            assert_eq!(head.body.len(), 0, "{what}");
            assert_eq!(head.told(), whole.told(), "{what}");
        }
    }
}

fn upload_many(server: &Server) {
    for number in 0..MANY {
        server.upload(&long_wheel(&format!("1.{number}"))).send().expect(200);
    }
    // Large pages are compressed after their first reader has them.
    for encoding in ["gzip", "zstd"] {
        for accept in [TEXT_HTML, JSON] {
            eventually("the page is compressed", || {
                let reply = ask(server, accept, encoding, "").expect(200);
                reply.header("content-encoding") == Some(encoding)
            });
        }
    }
}

/// A wheel that takes a kilobyte of the page.
fn long_wheel(version: &str) -> Dist {
    let excluded: Vec<_> = (0..80).map(|minor| format!(",!=2.{minor}.*")).collect();
    let specifier = format!("Requires-Python: >=2{}\n", excluded.concat());
    Dist::wheel_with("foo", version, &specifier, "")
}

fn ask(server: &Server, accept: &str, encoding: &str, etag: &str) -> Reply {
    let request = server.get("/simple/foo/").header("Accept", accept);
    request.header("Accept-Encoding", encoding).header("If-None-Match", etag).send()
}

fn pages_are_revalidated_in_each_form_and_encoding(backend: Backend) {
    let server = Server::start(backend);
    upload_many(&server);
    let mut etags = Vec::new();
    for accept in [TEXT_HTML, JSON] {
        let plain = ask(&server, accept, "identity", "").expect(200);
        for encoding in ["identity", "gzip", "zstd"] {
            let reply = ask(&server, accept, encoding, "").expect(200);
            assert_eq!(decoded(&reply), plain.body, "{encoding}");
            assert_eq!(reply.header("vary"), Some("Accept, Accept-Encoding"));
            assert_eq!(reply.header("cache-control"), Some("no-cache"));
            assert_eq!(reply.header("access-control-expose-headers"), Some("X-PyPI-Last-Serial"));
            assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
            let length = reply.body.len().to_string();
            assert_eq!(reply.header("content-length"), Some(length.as_str()));
            let etag = reply.header("etag").unwrap();
            assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag} is not a strong ETag");
            for wanted in [etag, &format!("\"x\", W/{etag}"), "*"] {
                let again = ask(&server, accept, encoding, wanted).expect(304);
                assert_eq!(again.body.len(), 0);
                for name in ["etag", "vary", "cache-control", "x-pypi-last-serial"] {
                    assert_eq!(again.header(name), reply.header(name), "{name}");
                }
            }
            etags.push((accept, encoding, etag.to_owned()));
        }
    }
    for (accept, encoding, _) in &etags {
        for (other_accept, other_encoding, etag) in &etags {
            let same = (accept, encoding) == (other_accept, other_encoding);
            let reply = ask(&server, accept, encoding, etag);
            assert_eq!(reply.status, if same { 304 } else { 200 }, "{accept} {encoding} {etag}");
        }
    }
    server.upload(&Dist::wheel("foo", "2.0")).send().expect(200);
    for (accept, encoding, etag) in &etags {
        ask(&server, accept, encoding, etag).expect(200);
    }
}

fn decoded(reply: &Reply) -> Vec<u8> {
    let mut text = Vec::new();
    match reply.header("content-encoding") {
        None => text.clone_from(&reply.body),
        Some("gzip") => {
            flate2::read::GzDecoder::new(&*reply.body).read_to_end(&mut text).unwrap();
        }
        Some("zstd") => text = zstd::stream::decode_all(&*reply.body).unwrap(),
        Some(other) => panic!("unknown encoding {other}"),
    }
    text
}

fn files_are_immutable_and_come_as_they_are(backend: Backend) {
    let server = Server::start(backend);
    // Compressible, so that a compressing server would do it.
    let dist = Dist::wheel_with("foo", "1!1.0+l.1", "", vec![b' '; 100_000]);
    server.upload(&dist).send().expect(200);
    let url = only_file(&server, "foo");
    assert!(url.ends_with("/foo-1%211.0%2Bl.1-py3-none-any.whl"), "{url}");
    for path in [url.clone(), format!("{url}.metadata")] {
        let whole = server.get(&path).send().expect(200);
        for encoding in ["identity", "gzip, deflate, zstd, br", "*"] {
            let reply = server.get(&path).header("Accept-Encoding", encoding).send().expect(200);
            assert!(reply.body == whole.body, "{path} came back different");
            assert_eq!(reply.header("content-encoding"), None);
            assert_eq!(reply.header("accept-ranges"), Some("bytes"));
            assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
            let cache = reply.header("cache-control").unwrap();
            assert!(cache.contains("immutable") && cache.contains("max-age="), "{cache}");
        }
        let etag = whole.header("etag").unwrap();
        let part = |range: &str, condition: &str| {
            let request = server.get(&path).header("Range", range);
            request.header("Accept-Encoding", "identity").header("If-Range", condition).send()
        };
        let reply = part("bytes=5-20", etag).expect(206);
        assert_eq!(reply.body, whole.body[5..=20]);
        assert_eq!((reply.header("etag"), reply.header("content-encoding")), (Some(etag), None));
        let range = format!("bytes 5-20/{}", whole.body.len());
        assert_eq!(reply.header("content-range"), Some(range.as_str()));
        // Of something else there is no part.
        for other in ["\"x\"", &format!("W/{etag}"), "Sat, 01 Jan 2000 00:00:00 GMT"] {
            assert!(part("bytes=5-20", other).expect(200).body == whole.body, "{other}");
        }
    }
    assert!(server.get(&url).send().body == dist.bytes);
    // However its name is written in the path.
    let plain = url.replace("%21", "!").replace("%2B", "+");
    assert!(server.get(&plain).send().expect(200).body == dist.bytes);
}
