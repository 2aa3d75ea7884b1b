//! Making room: what was not asked for the longest leaves first, and nobody else's bytes with it.

use std::time::{Duration, SystemTime};

use super::files::{is_stored, mirror, mirror_with, until_gone, until_stored};
use crate::support::{Backend, Dist, Server, Upstream, eventually, on_both};

on_both!(
    what_was_not_asked_for_the_longest_leaves_first,
    what_has_left_is_fetched_again,
    what_is_pinned_stays,
    bytes_of_hosted_files_stay,
    bytes_of_mirrored_files_stay,
);

/// Room for two of the files of these tests, and not for three.
const ROOM: (&str, &str) = ("CHEESESHOP_MIRROR__MAX_BYTES", "500KiB");
/// More than is kept in memory.
const SIZE: usize = 200_000;

fn wheels(upstream: &Upstream, count: usize) -> Vec<(String, Dist)> {
    let wheel = |number| Dist::noisy_wheel("foo", &format!("1.{number}"), SIZE);
    (0..count).map(wheel).map(|dist| (upstream.add(&dist), dist)).collect()
}

/// Fetches a file; it was used at that hour of a day long ago.
fn fetch(server: &Server, path: &str, hour: usize) {
    server.get(path).send().expect(200);
    until_stored(server, path);
    used(server, path, hour);
}

fn used(server: &Server, path: &str, hour: usize) {
    let path = path.trim_start_matches("/packages/");
    let at = format!("2020-01-01 {hour:02}:00:00");
    server.sql(&format!("UPDATE mirror_files SET used_at = '{at}' WHERE path = '{path}'"));
}

fn what_was_not_asked_for_the_longest_leaves_first(backend: Backend) {
    let upstream = Upstream::start();
    let files = wheels(&upstream, 4);
    let server = mirror_with(backend, &upstream, &[ROOM]);
    fetch(&server, &files[0].0, 2);
    fetch(&server, &files[1].0, 1);
    // By itself, as soon as there is too much.
    server.get(&files[2].0).send().expect(200);
    until_gone(&server, &files[1].0);
    assert!(is_stored(&server, &files[0].0));
    until_stored(&server, &files[2].0);
    let metrics = || server.get("/metrics").send().expect(200).text();
    eventually("it is counted", || {
        metrics().contains("\ncheeseshop_mirror_files_evicted_total 1\n")
    });
    // A use is noted before room is made: the first file is not the oldest any more.
    used(&server, &files[0].0, 1);
    used(&server, &files[2].0, 2);
    let fresh = server.second();
    fresh.get(&files[0].0).send().expect(200);
    fresh.get(&files[3].0).send().expect(200);
    until_gone(&server, &files[2].0);
    assert!(is_stored(&server, &files[0].0));
}

fn what_has_left_is_fetched_again(backend: Backend) {
    let upstream = Upstream::start();
    let files = wheels(&upstream, 3);
    let mut server = mirror(backend, &upstream);
    for (hour, (path, _)) in files.iter().enumerate() {
        fetch(&server, path, hour);
        // It is known to the page now where the bytes are.
        server.get(path).send().expect(200);
    }
    let blobs = server.stored().len();
    server.set(ROOM.0, ROOM.1);
    // Another process makes room; this one does not learn of it.
    let words = server.ok(&["jobs", "run", "mirror-evict"]);
    assert!(words.contains("1 mirrored files of 2"), "{words}");
    let (path, dist) = &files[0];
    assert!(!is_stored(&server, path));
    // The wheel and the metadata that were taken out of it.
    assert_eq!(server.stored().len(), blobs - 2);
    assert!(server.get(path).send().expect(200).body == dist.bytes);
    assert_eq!(upstream.asked_for(path), 2);
    until_stored(&server, path);
    server.kill();
}

fn what_is_pinned_stays(backend: Backend) {
    let upstream = Upstream::start();
    let files = wheels(&upstream, 3);
    let mut server = mirror(backend, &upstream);
    for (hour, (path, _)) in files.iter().enumerate() {
        fetch(&server, path, hour);
    }
    server.sql("UPDATE mirror_files SET is_pinned = true");
    server.set(ROOM.0, "1B");
    server.ok(&["jobs", "run", "mirror-evict"]);
    assert!(files.iter().all(|(path, _)| is_stored(&server, path)));
    server.sql("UPDATE mirror_files SET is_pinned = false WHERE filename LIKE 'foo-1.2-%'");
    server.ok(&["jobs", "run", "mirror-evict"]);
    assert!(is_stored(&server, &files[1].0) && !is_stored(&server, &files[2].0));
}

/// Everything was stored two days ago.
fn age(server: &Server) {
    let old = SystemTime::now() - Duration::from_hours(48);
    for path in server.stored() {
        std::fs::File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
    }
}

/// An index that has the same wheel twice: mirrored, and hosted by now. Both paths are one.
fn twice(backend: Backend) -> (Server, Upstream, String, Dist) {
    let upstream = Upstream::start();
    let dist = Dist::wheel("foo", "1.0");
    let path = upstream.add(&dist);
    let server = mirror(backend, &upstream);
    server.get(&path).send().expect(200);
    until_stored(&server, &path);
    server.ok(&[
        "user",
        "add",
        "root",
        "--email",
        "root@example.org",
        "--verified",
        "--admin",
        "--password-stdin",
    ]);
    server.upload(&dist).login("root", crate::support::server::PASSWORD).send().expect(200);
    assert_eq!(server.page("foo")["files"][0]["url"], path.as_str());
    (server, upstream, path, dist)
}

fn bytes_of_hosted_files_stay(backend: Backend) {
    let (mut server, _upstream, path, dist) = twice(backend);
    let blobs = server.stored().len();
    server.set(ROOM.0, "1B");
    server.ok(&["jobs", "run", "mirror-evict"]);
    // Nothing would be gained.
    assert!(is_stored(&server, &path));
    server.sql("DELETE FROM mirror_files");
    age(&server);
    server.ok(&["jobs", "run", "clean"]);
    assert_eq!(server.stored().len(), blobs);
    assert_eq!(server.get(&path).send().expect(200).body, dist.bytes);
    server.get(&format!("{path}.metadata")).send().expect(200);
}

fn bytes_of_mirrored_files_stay(backend: Backend) {
    let (server, _upstream, path, _) = twice(backend);
    let blobs = server.stored().len();
    server.ok(&["project", "delete", "foo", "--yes"]);
    age(&server);
    server.ok(&["jobs", "run", "clean"]);
    assert_eq!(server.stored().len(), blobs);
    assert!(is_stored(&server, &path));
    // Without the row nobody needs them.
    server.sql("DELETE FROM mirror_files");
    age(&server);
    server.ok(&["jobs", "run", "clean"]);
    assert!(server.stored().is_empty());
}
