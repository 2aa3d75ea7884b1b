//! `/packages/…`

use crate::support::{Backend, Dist, Server, on_both};

on_both!(files_are_served_whole_and_in_parts, files_are_served_for_ever, large_files_are_whole);

fn published(server: &Server, dist: &Dist) -> String {
    server.upload(dist).send().expect(200);
    server.page(&dist.name)["files"][0]["url"].as_str().unwrap().to_owned()
}

fn files_are_served_whole_and_in_parts(backend: Backend) {
    let server = Server::start(backend);
    let dist = Dist::wheel("foo", "1.0");
    let url = published(&server, &dist);
    let size = dist.bytes.len();
    let whole = server.get(&url).send().expect(200);
    assert_eq!(whole.body, dist.bytes);
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert_eq!(whole.header("content-length"), Some(size.to_string().as_str()));
    let part = |range: &str| server.get(&url).header("Range", range).send();
    let first = part("bytes=0-9").expect(206);
    assert_eq!(first.body, dist.bytes[..10]);
    assert_eq!(first.header("content-range"), Some(format!("bytes 0-9/{size}").as_str()));
    assert_eq!(part("bytes=-5").expect(206).body, dist.bytes[size - 5..]);
    assert_eq!(part("bytes=7-").expect(206).body, dist.bytes[7..]);
    let outside = part(&format!("bytes={size}-")).expect(416);
    assert_eq!(outside.header("content-range"), Some(format!("bytes */{size}").as_str()));
    assert_eq!(part("bytes=0-1,3-4").expect(200).body, dist.bytes);
    let etag = whole.header("etag").unwrap();
    let resumed = server.get(&url).header("Range", "bytes=5-").header("If-Range", etag).send();
    assert_eq!(resumed.expect(206).body, dist.bytes[5..]);
    let changed = server.get(&url).header("Range", "bytes=5-").header("If-Range", "\"x\"").send();
    assert_eq!(changed.expect(200).body, dist.bytes);
}

fn files_are_served_for_ever(backend: Backend) {
    let server = Server::start(backend);
    let dist = Dist::wheel("foo", "1.0");
    let url = published(&server, &dist);
    for path in [url.clone(), format!("{url}.metadata")] {
        let get = server.get(&path).send().expect(200);
        assert!(get.header("cache-control").unwrap().contains("immutable"));
        assert_eq!(get.header("content-encoding"), None);
        let head = server.request("HEAD", &path).send().expect(200);
        assert_eq!(head.body.len(), 0);
        for name in ["content-length", "etag", "content-type", "accept-ranges", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{name}");
            assert!(head.header(name).is_some(), "{name}");
        }
        let etag = get.header("etag").unwrap();
        server.get(&path).header("If-None-Match", etag).send().expect(304);
    }
    // The digest in the path is part of the name.
    let flip = if url.contains('0') { ('0', "1") } else { ('1', "0") };
    server.get(&url.replacen(flip.0, flip.1, 1)).send().expect(404);
    // A source distribution has no metadata beside it.
    let sdist = published(&server, &Dist::sdist("bar", "1.0"));
    server.get(&format!("{sdist}.metadata")).send().expect(404);
}

fn large_files_are_whole(backend: Backend) {
    let server = Server::start(backend);
    // Larger than several of the pieces in which files are read, and not of one of them.
    let dist = Dist::noisy_wheel("foo", "1.0", 3_000_001);
    let url = published(&server, &dist);
    assert!(server.get(&url).send().expect(200).body == dist.bytes);
    let middle = server.get(&url).header("Range", "bytes=100000-2900000").send().expect(206);
    assert!(middle.body == dist.bytes[100_000..=2_900_000]);
}
