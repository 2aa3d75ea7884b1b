//! Several processes on one database and one storage, and processes that die.

use std::time::{Duration, SystemTime};

use super::files::{EARLY, HALF, LARGE, begin, is_stored, mirror, rest, until_stored};
use crate::support::{Backend, Dist, Upstream, eventually, on_both};

on_both!(
    two_processes_fetch_the_same_file,
    what_one_has_stored_the_other_serves,
    a_kill_leaves_nothing_but_a_temporary_file,
);

fn two_processes_fetch_the_same_file(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::noisy_wheel("foo", "1.0", LARGE);
    let path = upstream.add(&dist);
    let server = mirror(backend, &upstream);
    let other = server.second();
    upstream.hold_after(&path, HALF);
    let both = [&server, &other].map(|server| begin(&server.get(&path), EARLY));
    upstream.wait_for(&path, 2);
    upstream.release();
    for (stream, _, body) in both {
        assert!([body, rest(stream)].concat() == dist.bytes);
    }
    until_stored(&server, &path);
    for server in [&server, &other] {
        assert!(server.get(&path).send().expect(200).body == dist.bytes);
    }
    assert_eq!(upstream.asked_for(&path), 2);
    // The wheel and its metadata, once each, and no temporary file.
    eventually("the temporary files are gone", || server.stored().len() == 2);
}

fn what_one_has_stored_the_other_serves(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::wheel("foo", "1.0");
    let path = upstream.add(&dist);
    let server = mirror(backend, &upstream);
    let other = server.second();
    // Both know a page on which it is not stored.
    server.page("foo");
    other.page("foo");
    server.get(&path).send().expect(200);
    until_stored(&server, &path);
    assert_eq!(other.get(&path).send().expect(200).body, dist.bytes);
    assert_eq!(upstream.asked_for(&path), 1);
}

fn a_kill_leaves_nothing_but_a_temporary_file(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::noisy_wheel("foo", "1.0", LARGE);
    let path = upstream.add(&dist);
    let mut server = mirror(backend, &upstream);
    upstream.hold_after(&path, HALF);
    let (stream, _, body) = begin(&server.get(&path), EARLY);
    server.kill();
    assert!([body, rest(stream)].concat().len() < dist.bytes.len());
    upstream.release();
    assert_eq!(server.stored().len(), 1);
    assert!(!is_stored(&server, &path));
    server.run();
    assert!(server.get(&path).send().expect(200).body == dist.bytes);
    until_stored(&server, &path);
    let old = SystemTime::now() - Duration::from_hours(48);
    for left in server.stored() {
        std::fs::File::options().write(true).open(left).unwrap().set_modified(old).unwrap();
    }
    server.ok(&["jobs", "run", "clean"]);
    assert_eq!(server.stored().len(), 2);
    assert!(server.get(&path).send().expect(200).body == dist.bytes);
}
