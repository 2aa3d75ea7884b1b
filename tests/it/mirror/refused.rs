//! What cooldown and quarantine hide cannot be had by its URL either, in no way.

use cheeseshop::mirror::rule::Action;
use cheeseshop::time::{self, Time};

use super::files::until_stored;
use super::rules::{MIN_AGE, What, days_ago, rule, take_back};
use super::{ask_anew, files, mirror, mirror_with};
use crate::support::upstream::path_of;
use crate::support::{Backend, Dist, Server, Upstream, eventually, on_both};

on_both!(
    young_files_are_refused_in_every_way,
    quarantined_files_are_refused_in_every_way,
    what_was_stored_is_not_served_as_something_else,
    metadata_that_changed_are_fetched_anew,
);

/// A wheel that upstream has with its metadata; its path.
fn add(upstream: &Upstream, dist: &Dist, uploaded: Time) -> String {
    let path = path_of(&dist.bytes, &dist.filename);
    let metadata = upstream.add_metadata(&path, b"Metadata-Version: 2.1\nName: foo\n");
    upstream.add_with(dist, |file| {
        file.core_metadata = metadata;
        file.upload_time = Some(time::iso(uploaded));
    })
}

/// The statuses of a file in every way in which it can be asked for.
fn statuses(server: &Server, path: &str) -> Vec<u16> {
    let metadata = format!("{path}.metadata");
    vec![
        server.get(path).send().status,
        server.get(path).header("Range", "bytes=0-9").send().status,
        server.get(path).header("Range", "bytes=-1").send().status,
        server.request("HEAD", path).send().status,
        server.get(&metadata).send().status,
        server.request("HEAD", &metadata).send().status,
        server.get(&metadata).header("Range", "bytes=0-3").send().status,
    ]
}

const SERVED: [u16; 7] = [200, 206, 206, 200, 200, 200, 206];
const REFUSED: [u16; 7] = [404; 7];

fn young_files_are_refused_in_every_way(backend: Backend) {
    let upstream = Upstream::start();
    let old = add(&upstream, &Dist::wheel("foo", "1.0"), days_ago(8));
    let uploaded = days_ago(6);
    let young = add(&upstream, &Dist::wheel("foo", "2.0"), uploaded);
    let undated = upstream.add_with(&Dist::wheel("foo", "3.0"), |file| file.upload_time = None);
    let server = mirror_with(backend, &upstream, &[MIN_AGE]);
    assert_eq!(statuses(&server, &young), REFUSED);
    assert_eq!(statuses(&server, &undated), REFUSED);
    assert_eq!(upstream.asked_for(&young) + upstream.asked_for(&undated), 0);
    assert_eq!(statuses(&server, &old), SERVED);
    let words = server.get(&young).send().expect(404).text();
    let of_age = time::iso(uploaded + chrono::TimeDelta::days(7));
    assert!(words.contains(of_age.split('T').next().unwrap()), "{words}");
    // Released for a while it is stored, which opens nothing afterwards.
    let what = What { project: Some("foo"), version: Some("2.0"), ..What::default() };
    let id = rule(&server, Action::ReleaseEarly, &what, None);
    eventually("released", || server.get(&young).send().status == 200);
    until_stored(&server, &young);
    assert_eq!(statuses(&server, &young), SERVED);
    take_back(&server, id);
    eventually("hidden", || server.get(&young).send().status == 404);
    assert_eq!(statuses(&server, &young), REFUSED);
}

fn quarantined_files_are_refused_in_every_way(backend: Backend) {
    let upstream = Upstream::start();
    let bad = Dist::wheel("foo", "2.0");
    let path = add(&upstream, &bad, days_ago(100));
    let other = add(&upstream, &Dist::wheel("foo", "1.0"), days_ago(100));
    let server = mirror(backend, &upstream);
    let second = server.second();
    for server in [&server, &second] {
        assert_eq!(statuses(server, &path), SERVED);
        until_stored(server, &path);
    }
    let project = Some("foo");
    for what in [
        What { project, ..What::default() },
        What { project, version: Some("2.0"), ..What::default() },
        What { project, filename: Some(bad.filename.clone()), ..What::default() },
        What { sha256: Some(bad.sha256()), ..What::default() },
    ] {
        let is_whole = what.version.is_none() && what.filename.is_none() && what.sha256.is_none();
        let id = rule(&server, Action::Quarantine, &what, None);
        for server in [&server, &second] {
            eventually("quarantined", || server.get(&path).send().status == 404);
            assert_eq!(statuses(server, &path), REFUSED);
            assert_eq!(statuses(server, &other), if is_whole { REFUSED } else { SERVED });
            assert!(server.get(&path).send().text().contains("because"));
        }
        take_back(&server, id);
        for server in [&server, &second] {
            eventually("released", || server.get(&path).send().status == 200);
        }
    }
    assert_eq!(upstream.asked_for(&path), 1);
}

/// Upstream has other bytes under the path of a file, and names their hash.
fn replaced(upstream: &Upstream, path: &str, dist: &Dist) {
    upstream.serve_at(path, &dist.bytes);
    let url = upstream.at(path);
    upstream.change("foo", |page| page.files.clear());
    upstream.add_with(dist, |file| file.url = url);
}

fn what_was_stored_is_not_served_as_something_else(backend: Backend) {
    let upstream = Upstream::start();
    let first = Dist::wheel("foo", "1.0");
    let path = upstream.add(&first);
    let server = mirror(backend, &upstream);
    assert!(server.get(&path).send().expect(200).body == first.bytes);
    until_stored(&server, &path);
    let what = What { sha256: Some(first.sha256()), ..What::default() };
    rule(&server, Action::Quarantine, &what, None);
    eventually("quarantined", || server.get(&path).send().status == 404);
    // The page tells another hash now, which is no way to the bytes that are quarantined.
    let second = Dist::noisy_wheel("foo", "1.0", 5_000);
    replaced(&upstream, &path, &second);
    ask_anew(&server, &upstream, "foo");
    let page = server.page("foo");
    assert_eq!(page["files"][0]["hashes"]["sha256"], second.sha256());
    for _ in 0..2 {
        assert!(server.get(&path).send().expect(200).body == second.bytes);
    }
    eventually("the page knows it", || {
        server.sql_texts("SELECT sha256 AS text FROM mirror_files") == [second.sha256()]
    });
    // And the other way round.
    replaced(&upstream, &path, &first);
    ask_anew(&server, &upstream, "foo");
    server.get(&path).send().expect(404);
    assert_eq!(files(&server.page("foo")), Vec::<&str>::new());
}

fn metadata_that_changed_are_fetched_anew(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::wheel("foo", "1.0");
    let path = add(&upstream, &dist, days_ago(100));
    let beside = format!("{path}.metadata");
    let server = mirror(backend, &upstream);
    server.get(&path).send().expect(200);
    let old = server.get(&beside).send().expect(200).body;
    until_stored(&server, &beside);
    // Indexes have corrected the metadata beside their files before.
    let new = b"Metadata-Version: 2.4\nName: foo\nVersion: 1.0\n";
    let named = upstream.add_metadata(&path, new);
    upstream.change("foo", |page| page.files[0].core_metadata = named.clone());
    ask_anew(&server, &upstream, "foo");
    assert_eq!(server.page("foo")["files"][0]["core-metadata"], named);
    for _ in 0..2 {
        let body = server.get(&beside).send().expect(200).body;
        assert!(body == new && body != old);
    }
    assert_eq!(upstream.asked_for(&path), 1);
}
