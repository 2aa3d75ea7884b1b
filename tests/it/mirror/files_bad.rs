//! Upstream indexes that send something else than the file.

use std::collections::BTreeMap;

use md5::{Digest, Md5};

use super::files::{HALF, LARGE, is_stored, listed, mirror, mirror_with, until_stored};
use crate::support::dist::noise;
use crate::support::{Backend, Dist, Said, Server, Upstream, eventually, on_both};

on_both!(
    a_cut_download_never_ends_well,
    an_altered_file_is_refused,
    another_length_is_refused,
    a_slow_index_is_not_waited_for,
    what_an_index_answers_instead_is_passed_on,
    the_strongest_hash_counts,
    without_a_hash_the_first_bytes_count,
    compressed_files_are_verified_as_they_are,
);

/// Nothing of a fetch is left: no blob, no row, no temporary file.
#[track_caller]
fn nothing_is_left(server: &Server, path: &str) {
    eventually("nothing is left", || server.stored().is_empty());
    assert!(!is_stored(server, path));
}

/// The answer ends before its announced end, and has none of what is held back.
#[track_caller]
fn is_broken(server: &Server, path: &str, range: Option<&str>) {
    let request = server.get(path);
    let request = match range {
        Some(range) => request.header("Range", range),
        None => request,
    };
    let reply = request.send();
    match reply.status {
        200 | 206 => {
            let length: usize = reply.header("content-length").unwrap().parse().unwrap();
            assert!(reply.body.len() < length, "{} of {length}", reply.body.len());
        }
        status => assert!(matches!(status, 502 | 503), "{status}"),
    }
}

fn a_cut_download_never_ends_well(backend: Backend) {
    for size in [1_000, LARGE] {
        let upstream = Upstream::start();
        let dist = Dist::noisy_wheel("foo", "1.0", size);
        let path = upstream.add(&dist);
        let server = mirror(backend, &upstream);
        upstream.say(&path, Said::new(200, dist.bytes.clone()).cut());
        is_broken(&server, &path, None);
        // Also where all of the range has come.
        is_broken(&server, &path, Some("bytes=0-9"));
        is_broken(&server, &path, Some(&format!("bytes=0-{}", size / 3)));
        nothing_is_left(&server, &path);
        upstream.mend(&path);
        assert!(server.get(&path).send().expect(200).body == dist.bytes);
        until_stored(&server, &path);
        let failed = "cheeseshop_mirror_files_failed_total{reason=\"cut\"}";
        assert!(server.get("/metrics").send().expect(200).text().contains(failed));
    }
}

fn an_altered_file_is_refused(backend: Backend) {
    for size in [1_000, LARGE] {
        let upstream = Upstream::start();
        let dist = Dist::noisy_wheel("foo", "1.0", size);
        let path = upstream.add(&dist);
        let server = mirror(backend, &upstream);
        let mut altered = dist.bytes.clone();
        *altered.last_mut().unwrap() ^= 1;
        upstream.serve_at(&path, &altered);
        is_broken(&server, &path, None);
        is_broken(&server, &path, Some("bytes=0-9"));
        is_broken(&server, &path, Some(&format!("bytes=0-{}", size / 3)));
        let refused = server.get(&path).header("Range", "bytes=0-9").send().expect(502);
        let words = refused.text();
        assert!(words.contains("its sha256 is not the one that is named"), "{words}");
        assert!(refused.header("retry-after").is_some());
        nothing_is_left(&server, &path);
        upstream.serve_at(&path, &dist.bytes);
        assert!(server.get(&path).send().expect(200).body == dist.bytes);
    }
}

fn another_length_is_refused(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::noisy_wheel("foo", "1.0", LARGE);
    let path = upstream.add(&dist);
    let server = mirror(backend, &upstream);
    let shorter = &dist.bytes[..dist.bytes.len() - 1];
    let longer = [&dist.bytes[..], b"x"].concat();
    for bytes in [shorter, &longer[..]] {
        // Where it is said before, nothing is even begun.
        upstream.say(&path, Said::new(200, bytes));
        let refused = server.get(&path).send().expect(502);
        assert!(refused.text().contains(" are named"), "{}", refused.text());
        upstream.say(&path, Said::new(200, bytes).unmeasured());
        is_broken(&server, &path, None);
        nothing_is_left(&server, &path);
    }
    upstream.say(&path, Said::new(200, noise(100_000)).endless());
    is_broken(&server, &path, None);
    nothing_is_left(&server, &path);
    // Where the page does not say how long it is, its hash does.
    let other = Dist::noisy_wheel("foo", "1.1", LARGE);
    let path = upstream.add_with(&other, |listed| listed.size = None);
    let server = mirror(backend, &upstream);
    upstream.say(&path, Said::new(200, &other.bytes[1..]));
    is_broken(&server, &path, None);
    nothing_is_left(&server, &path);
}

fn a_slow_index_is_not_waited_for(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::noisy_wheel("foo", "1.0", LARGE);
    let path = upstream.add(&dist);
    let server = mirror_with(backend, &upstream, &[("CHEESESHOP_MIRROR__TIMEOUT_SECONDS", "1")]);
    server.page("foo");
    upstream.hold(&path);
    let refused = server.get(&path).send().expect(503);
    assert!(refused.text().contains("did not answer within 1 seconds"), "{}", refused.text());
    assert!(refused.header("retry-after").is_some());
    upstream.release();
    upstream.hold_after(&path, HALF);
    is_broken(&server, &path, None);
    nothing_is_left(&server, &path);
}

fn what_an_index_answers_instead_is_passed_on(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::wheel("foo", "1.0");
    let path = upstream.add(&dist);
    let server = mirror(backend, &upstream);
    for (said, status, wait) in [
        (Said::new(404, "no"), 404, None),
        (Said::new(410, "no"), 404, None),
        (Said::new(500, "no"), 503, Some("10")),
        (Said::new(403, "no"), 503, Some("10")),
        (Said::new(206, "no"), 503, Some("10")),
        (Said::busy("7"), 503, Some("7")),
        (Said::busy("99999999"), 503, Some("3600")),
        (Said::busy("nonsense"), 503, Some("10")),
    ] {
        upstream.say(&path, said);
        let refused = server.get(&path).send().expect(status);
        assert_eq!(refused.header("retry-after"), wait);
        let words = refused.text();
        assert!(words.contains(&dist.filename) && words.contains("it answers"), "{words}");
        nothing_is_left(&server, &path);
    }
    upstream.mend(&path);
    server.get(&path).send().expect(200);
}

fn the_strongest_hash_counts(backend: Backend) {
    let upstream = Upstream::start();
    let good = |bytes: &[u8]| hex::encode(Md5::digest(bytes));
    let hashes = |pairs: &[(&str, String)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, digits)| ((*name).to_owned(), digits.clone())).collect()
    };
    let dist = |number| Dist::wheel("foo", &format!("1.{number}"));
    let own = |number| ("md5", good(&dist(number).bytes));
    let other = || ("md5", good(b"other"));
    let bad = ("sha256", "0".repeat(64));
    let all = [
        (200, vec![own(0)]),
        (502, vec![other()]),
        (200, vec![own(2), ("sha256", dist(2).sha256())]),
        // The stronger one is right, and the other is not asked.
        (200, vec![other(), ("sha256", dist(3).sha256())]),
        (502, vec![own(4), bad]),
    ];
    let all: Vec<_> = (0..)
        .zip(all)
        .map(|(number, (status, named))| {
            let named = hashes(&named);
            (upstream.add_with(&dist(number), |listed| listed.hashes = named), status)
        })
        .collect();
    let server = mirror(backend, &upstream);
    for (path, status) in all {
        server.get(&path).send().expect(status);
    }
}

fn without_a_hash_the_first_bytes_count(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::wheel("foo", "1.0");
    let elsewhere = "/files/foo-1.0-py3-none-any.whl";
    upstream.serve_at(elsewhere, &dist.bytes);
    let url = upstream.at(elsewhere);
    upstream.add_with(&dist, |listed| {
        listed.without_hashes();
        listed.size = None;
        listed.url = url;
    });
    let server = mirror(backend, &upstream);
    let path = listed(&server, "foo", 0)["url"].as_str().unwrap().to_owned();
    assert!(path.starts_with("/packages/u/"), "{path}");
    assert_eq!(server.get(&path).send().expect(200).body, dist.bytes);
    until_stored(&server, &path);
    upstream.serve_at(elsewhere, b"something else");
    for server in [&server, &server.second()] {
        assert_eq!(server.get(&path).send().expect(200).body, dist.bytes);
    }
    // Also when the bytes have left.
    server.sql("DELETE FROM mirror_files");
    let fresh = server.second();
    let blob = |path: &std::path::PathBuf| std::fs::read(path).unwrap() == dist.bytes;
    std::fs::remove_file(server.stored().into_iter().find(blob).unwrap()).unwrap();
    let refused = fresh.get(&path).send().expect(502);
    assert!(refused.text().contains("not what it was when it was first"), "{}", refused.text());
    upstream.serve_at(elsewhere, &dist.bytes);
    assert_eq!(fresh.get(&path).send().expect(200).body, dist.bytes);
}

fn compressed_files_are_verified_as_they_are(backend: Backend) {
    let upstream = Upstream::start();
    // Some servers believe that a compressed archive is an encoding of it.
    let dist = Dist::sdist("foo", "1.0");
    let path = upstream.add(&dist);
    upstream.say(&path, Said::new(200, dist.bytes.clone()).with("Content-Encoding", "gzip"));
    let server = mirror(backend, &upstream);
    let reply = server.get(&path).send().expect(200);
    assert_eq!(reply.body, dist.bytes);
    assert_eq!(reply.header("content-encoding"), None);
}
