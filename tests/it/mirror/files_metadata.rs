//! The metadata beside mirrored wheels.

use super::files::{listed, mirror, until_stored};
use crate::support::{Backend, Dist, Said, Upstream, eventually, on_both};

on_both!(
    metadata_is_passed_on_and_verified,
    metadata_is_taken_out_of_the_wheel_where_there_is_none,
    metadata_without_a_digest_is_not_believed,
);

/// What `Dist::wheel` puts into a wheel.
fn metadata_of(name: &str, version: &str) -> String {
    let rest = "Summary: A test\nRequires-Python: >=3.8\n";
    format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{rest}")
}

fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(text))
}

fn metadata_is_passed_on_and_verified(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::wheel("foo", "1.0");
    let text = metadata_of("foo", "1.0");
    let digest = serde_json::json!({ "sha256": sha256(&text) });
    let path = upstream.add_with(&dist, |listed| listed.core_metadata = digest.clone());
    let beside = format!("{path}.metadata");
    let server = mirror(backend, &upstream);
    assert_eq!(listed(&server, "foo", 0)["core-metadata"], digest);
    // It is named, and not there.
    let missing = server.get(&beside).send().expect(404);
    assert!(missing.text().contains("does not have it"), "{}", missing.text());
    upstream.add_metadata(&path, b"Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n");
    let refused = server.get(&beside).send().expect(502);
    assert!(refused.text().contains("its sha256 is not the one"), "{}", refused.text());
    assert!(server.stored().is_empty());
    upstream.add_metadata(&path, text.as_bytes());
    let before = upstream.asked_for(&beside);
    let first = server.get(&beside).send().expect(200);
    assert_eq!(first.text(), text);
    assert_eq!(first.header("content-type"), Some("text/plain; charset=utf-8"));
    until_stored(&server, &beside);
    for server in [&server, &server.second()] {
        let again = server.get(&beside).send().expect(200);
        assert_eq!(again.text(), text);
        assert_eq!(again.header("etag"), first.header("etag"));
        let part = server.get(&beside).header("Range", "bytes=0-3").send().expect(206);
        assert_eq!(part.text(), "Meta");
        let head = server.request("HEAD", &beside).send().expect(200);
        assert_eq!(head.header("content-length"), Some(text.len().to_string().as_str()));
    }
    assert_eq!(upstream.asked_for(&beside), before + 1);
    // The wheel was not needed, and has an ETag of its own.
    assert_eq!(upstream.asked_for(&path), 0);
    let wheel = server.get(&path).send().expect(200);
    assert_eq!(wheel.body, dist.bytes);
    assert_ne!(wheel.header("etag"), first.header("etag"));
}

fn metadata_is_taken_out_of_the_wheel_where_there_is_none(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::wheel("foo", "1.0");
    let text = metadata_of("foo", "1.0");
    let path = upstream.add(&dist);
    let beside = format!("{path}.metadata");
    let mut server = mirror(backend, &upstream);
    assert_eq!(listed(&server, "foo", 0)["core-metadata"], false);
    server.get(&beside).send().expect(404);
    server.get(&path).send().expect(200);
    let digest = serde_json::json!({ "sha256": sha256(&text) });
    eventually("the page says so", || listed(&server, "foo", 0)["core-metadata"] == digest);
    assert_eq!(server.get(&beside).send().expect(200).text(), text);
    server.kill();
    server.run();
    assert_eq!(listed(&server, "foo", 0)["core-metadata"], digest);
    assert_eq!(server.get(&beside).send().expect(200).text(), text);
    // The wheel may have left meanwhile: what was promised is kept.
    server.sql("DELETE FROM mirror_files");
    for file in server.stored() {
        std::fs::remove_file(file).unwrap();
    }
    let third = server.second();
    assert_eq!(listed(&third, "foo", 0)["core-metadata"], false);
    server.kill();
    assert_eq!(upstream.asked_for(&beside), 0);
    // What is no archive has none to speak of.
    let filename = "bar-1.0-py3-none-any.whl";
    let broken = Dist::new(filename, "bar", "1.0", "bdist_wheel", b"x".to_vec());
    let path = upstream.add(&broken);
    assert_eq!(third.get(&path).send().expect(200).body, b"x");
    until_stored(&third, &path);
    third.get(&format!("{path}.metadata")).send().expect(404);
    assert_eq!(listed(&third, "bar", 0)["core-metadata"], false);
}

fn metadata_without_a_digest_is_not_believed(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::sdist("foo", "1.0");
    let path = upstream.add_with(&dist, |listed| listed.core_metadata = true.into());
    let beside = format!("{path}.metadata");
    upstream.say(&beside, Said::new(200, "Name: foo"));
    let server = mirror(backend, &upstream);
    assert_eq!(listed(&server, "foo", 0)["core-metadata"], false);
    server.get(&beside).send().expect(404);
    assert_eq!(upstream.asked_for(&beside), 0);
}
