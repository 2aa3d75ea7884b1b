//! Upkeep of an index whose files are in a bucket.

use cheeseshop::packaging::Blake2b256;
use cheeseshop::packaging::digest::Digester;
use cheeseshop::storage::Storage;

use super::{journal, lines, say};
use crate::support::bucket::s3;
use crate::support::{Backend, Dist, Server, on_both};

on_both!(a_bucket_is_checked_and_mended, an_index_moves_into_a_bucket_and_back,);

const WHEEL: &str = "foo-1.0-py3-none-any.whl";

fn in_bucket(backend: Backend) -> Server {
    let mut server = Server::prepare(backend, &[]);
    server.keep_in_bucket(s3());
    server.add_user("ada");
    server.run();
    server
}

/// The digest in a column of a file.
fn digest(server: &Server, column: &str) -> Blake2b256 {
    let sql = format!("SELECT {column} AS text FROM files WHERE filename = '{WHEEL}'");
    Blake2b256::parse(&lines(server, &sql)[0]).unwrap()
}

/// Puts other bytes, or none, where a blob is.
fn replace(storage: &Storage, digest: &Blake2b256, bytes: Option<&'static [u8]>) {
    match bytes {
        Some(bytes) => tokio::runtime::Runtime::new()
            .unwrap()
            .block_on(storage.put_bytes(bytes.into(), digest))
            .unwrap(),
        None => assert!(storage.remove_if_older(digest, std::time::Duration::ZERO).unwrap()),
    }
}

fn a_bucket_is_checked_and_mended(backend: Backend) {
    let server = in_bucket(backend);
    for dist in [Dist::wheel("foo", "1.0"), Dist::noisy_wheel("bar", "1.0", 9_000_000)] {
        server.upload(&dist).send().expect(200);
    }
    say(&server, &["check"]).expect(0, "4 blobs with");
    say(&server, &["check", "--deep"]).expect(0, "4 hashed: all is well");
    let storage = server.open_bucket();
    let [wheel, metadata] =
        ["blake2_256", "metadata_blake2_256"].map(|column| digest(&server, column));
    replace(&storage, &metadata, Some(b"Name: evil\n"));
    say(&server, &["check", "--deep"]).expect(1, "its bytes are not what they were");
    say(&server, &["check", "--deep", "--repair"]).expect(0, "are repaired");
    replace(&storage, &metadata, None);
    say(&server, &["check"]).expect(1, &format!("the metadata of {WHEEL}: it is missing"));
    say(&server, &["check", "--repair"]).expect(0, "are repaired");
    // One that nothing refers to is none of its business on its first day.
    let stray = Digester::of(b"left over").blake2_256;
    replace(&storage, &stray, Some(b"left over"));
    say(&server, &["check", "--deep", "--repair"]).expect(0, "4 hashed: all is well");
    assert!(storage.has(&stray).unwrap());
    replace(&storage, &wheel, Some(b"cut"));
    say(&server, &["check"]).expect(1, &format!("{WHEEL}: it has 3 bytes instead of "));
    replace(&storage, &wheel, None);
    say(&server, &["check", "--repair"]).expect(1, &format!("{WHEEL}: it is missing"));
    // Where the bucket is away nothing is said to be missing.
    let mut away = Server::prepare(Backend::Sqlite, &[]);
    away.add_user("ada");
    away.keep_in_bucket(([127, 0, 0, 1], 1).into());
    say(&away, &["check"]).expect(1, "The storage does not answer");
}

/// Runs `copy-to`, which fills what belongs to `to`.
fn copy(from: &Server, to: &Server, storage: &str) {
    let embedded = || format!("sqlite:{}", to.data().join("cheeseshop.db").display());
    let database = to.database_url().map_or_else(embedded, str::to_owned);
    let key = to.data().join("secret.key");
    let arguments = [
        "copy-to",
        "--database-url",
        &database,
        "--storage-url",
        storage,
        "--secret-key-file",
        key.to_str().unwrap(),
    ];
    say(from, &arguments).expect(0, "copied as of serial ");
}

fn an_index_moves_into_a_bucket_and_back(backend: Backend) {
    let mut first = Server::start(Backend::Sqlite);
    let token = first.token("ada");
    let large = Dist::noisy_wheel("bar", "1.0", 9_000_000);
    for n in 0..20 {
        let dist = Dist::wheel("foo", &format!("1.{n}"));
        first.upload(&dist).token(&token).send().expect(200);
    }
    first.upload(&large).token(&token).send().expect(200);
    let mut there = Server::prepare(backend, &[]);
    there.keep_in_bucket(s3());
    let part = there.scratch().file_name().unwrap().to_str().unwrap().to_owned();
    // How the bucket is reached is said to the index that is copied.
    let storage = format!("s3://tests/{part}");
    for (name, value) in crate::support::bucket::in_bucket(&part, s3()).into_iter().skip(1) {
        first.set(name, &value);
    }
    copy(&first, &there, &storage);
    say(&there, &["check", "--deep"]).expect(0, "42 hashed: all is well");
    // Nothing comes twice.
    copy(&first, &there, &storage);
    first.kill();
    there.run();
    there.upload(&Dist::wheel("foo", "2.0")).token(&token).send().expect(200);
    let file = there.page("bar")["files"][0]["url"].as_str().unwrap().to_owned();
    let path = file.split_once("/packages/").unwrap().1.to_owned();
    let got = there.get(&format!("/packages/{path}")).send().expect(200);
    assert_eq!(got.body, large.bytes);
    let back = Server::prepare(Backend::Sqlite, &[]);
    copy(&there, &back, back.data().join("blobs").to_str().unwrap());
    assert_eq!(journal(&back), journal(&there));
    say(&back, &["check", "--deep"]).expect(0, "44 hashed: all is well");
}

#[test]
fn a_backup_is_restored_into_a_bucket_that_has_nothing() {
    let server = Server::start(Backend::Sqlite);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let folder = server.scratch().join("backup");
    let target = folder.to_str().unwrap();
    server.ok(&["backup", target]);
    let mut copy = Server::prepare(Backend::Sqlite, &[]);
    copy.keep_in_bucket(s3());
    say(&copy, &["restore", target]).expect(0, "2 blobs with").expect(0, "all is well");
    assert_eq!(journal(&copy), journal(&server));
    // Another index there might lose its files to the clean-up of this one.
    std::fs::remove_dir_all(copy.data()).unwrap();
    say(&copy, &["restore", target]).expect(1, "restore below another prefix of the bucket");
    assert!(!copy.data().exists());
    // A bucket has tools of its own.
    say(&copy, &["backup", target]).expect(1, "there is no index");
    copy.add_user("ada");
    say(&copy, &["backup", target]).expect(1, "by its own versioning");
}
