//! What a storage does, whatever it is made of; and an index that keeps its blobs in a bucket.

use std::collections::BTreeMap;
use std::time::Duration;

use cheeseshop::packaging::Blake2b256;
use cheeseshop::packaging::digest::Digester;
use cheeseshop::storage::Storage;
use cheeseshop::upkeep;
use futures_util::StreamExt;

use crate::clients::{client, succeed};
use crate::manage::act;
use crate::support::bucket::{on_both_stores, s3};
use crate::support::dist::noise;
use crate::support::relay::{Line, Relay};
use crate::support::{Backend, Dist, Reply, Request, Server, Store, eventually};
use crate::web::Browser;

on_both_stores!(
    a_blob_is_kept_read_in_parts_and_forgotten,
    large_blobs_are_whole,
    the_same_blob_comes_from_many_at_once,
);

/// Longer than several parts of an upload to a bucket, and not a whole number of them.
const LARGE: usize = 21_000_007;
/// Where one part ends and another begins.
const BORDER: usize = 8 << 20;

async fn read(storage: &Storage, digest: &Blake2b256, range: std::ops::Range<u64>) -> Vec<u8> {
    let mut stream = storage.get(digest, Some(range)).await.unwrap().unwrap().into_stream();
    let mut out = Vec::new();
    while let Some(part) = stream.next().await {
        out.extend_from_slice(&part.unwrap());
    }
    out
}

async fn put(storage: &Storage, bytes: &[u8]) -> Blake2b256 {
    let digest = Digester::of(bytes).blake2_256;
    let mut file = storage.spool().unwrap();
    file.write(bytes).unwrap();
    storage.put(file, &digest).await.unwrap();
    digest
}

/// Runs this on a storage of its own.
fn on<T>(store: Store, work: impl AsyncFnOnce(Storage) -> T) -> T {
    let folder = tempfile::Builder::new().prefix("store").tempdir().unwrap();
    let storage = store.open(folder.path());
    tokio::runtime::Runtime::new().unwrap().block_on(work(storage))
}

fn a_blob_is_kept_read_in_parts_and_forgotten(store: Store) {
    on(store, async |storage: Storage| {
        let bytes = noise(600_000);
        let digest = Digester::of(&bytes).blake2_256;
        assert!(storage.get(&digest, None).await.unwrap().is_none());
        assert!(storage.open_file(&digest).unwrap().is_none());
        storage.put_bytes(bytes.clone().into(), &digest).await.unwrap();
        assert_eq!(put(&storage, &bytes).await, digest);
        assert!(read(&storage, &digest, 0..600_000).await == bytes);
        assert_eq!(read(&storage, &digest, 5..8).await, bytes[5..8]);
        let mut copy = Vec::new();
        let mut file = storage.open_file(&digest).unwrap().unwrap();
        std::io::Read::read_to_end(&mut file, &mut copy).unwrap();
        assert!(copy == bytes);
        assert!(storage.small(&digest).await.unwrap().is_none(), "it is not small");
        for _ in 0..2 {
            storage.probe().await.unwrap();
        }
        let hour = Duration::from_hours(1);
        assert_eq!(storage.older_than(hour).await.unwrap(), []);
        assert!(!storage.remove_if_older(&digest, hour).unwrap());
        let all = storage.older_than(Duration::ZERO).await.unwrap();
        assert_eq!(all, std::slice::from_ref(&digest));
        assert!(storage.has(&digest).unwrap());
        // What was written a moment ago by the clock of the server is not older than no time.
        eventually("it is old", || storage.remove_if_older(&digest, Duration::ZERO).unwrap());
        assert!(!storage.remove_if_older(&digest, Duration::ZERO).unwrap());
        assert!(!storage.has(&digest).unwrap());
        assert!(storage.get(&digest, None).await.unwrap().is_none());
    });
}

fn large_blobs_are_whole(store: Store) {
    on(store, async |storage: Storage| {
        let bytes = noise(LARGE);
        let digest = put(&storage, &bytes).await;
        assert!(read(&storage, &digest, 0..LARGE as u64).await == bytes);
        let part = read(&storage, &digest, BORDER as u64 - 10..BORDER as u64 + 10).await;
        assert_eq!(part, bytes[BORDER - 10..BORDER + 10]);
        assert_eq!(put(&storage, b"").await, Digester::of(b"").blake2_256);
    });
}

fn the_same_blob_comes_from_many_at_once(store: Store) {
    on(store, async |storage: Storage| {
        let bytes = noise(LARGE / 2);
        let puts: Vec<_> = (0..4).map(|_| put(&storage, &bytes)).collect();
        let digests = futures_util::future::join_all(puts).await;
        for digest in &digests {
            assert_eq!(digest, &digests[0]);
        }
        assert!(read(&storage, &digests[0], 0..LARGE as u64 / 2).await == bytes);
    });
}

/// An index on PostgreSQL that keeps its blobs in the bucket.
fn start(more: &[(&str, &str)], by_way_of: std::net::SocketAddr) -> Server {
    let mut server = Server::prepare(Backend::Postgres, more);
    server.keep_in_bucket(by_way_of);
    server.add_user("ada");
    server.run();
    server
}

fn url(server: &Server, dist: &Dist) -> String {
    let page = server.page(&dist.name);
    let files = page["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["filename"] == dist.filename.as_str()).unwrap();
    file["url"].as_str().unwrap().to_owned()
}

#[test]
fn a_file_lives_and_ends_in_the_bucket() {
    let server = start(&[], s3());
    let small = Dist::wheel("foo", "1.0");
    let large = Dist::noisy_wheel("foo", "2.0", 12_000_000);
    for dist in [&small, &large] {
        server.upload(dist).send().expect(200);
        let url = url(&server, dist);
        assert!(server.get(&url).send().expect(200).body == dist.bytes);
        let part = server.get(&url).header("Range", "bytes=100-299").send().expect(206);
        assert_eq!(part.body, dist.bytes[100..300]);
        server.get(&format!("{url}.metadata")).send().expect(200);
        let head = server.request("HEAD", &url).send().expect(200);
        assert_eq!(head.header("content-length"), Some(&*dist.bytes.len().to_string()));
    }
    // A copy on this machine is looked into.
    let listed = format!("/project/foo/2.0/files/{}/", large.filename);
    assert!(server.get(&listed).send().expect(200).text().contains("dist-info/METADATA"));
    assert!(!server.data().join("blobs").exists(), "nothing is kept on this machine");
    assert_eq!(cleaned(&server), 0, "all blobs are needed");
    let place = url(&server, &large);
    let mut ada = Browser::logged_in(&server, "ada");
    let settings = "/manage/project/foo/settings/";
    act(&mut ada, settings, &[("confirm_project_name", "foo")]).expect(303);
    server.get(&place).send().expect(404);
    // Two files, and the metadata of each; none of them younger than now by any clock.
    let mut removed = 0;
    eventually("all are gone", || {
        removed += cleaned(&server);
        removed == 4
    });
    assert_eq!(all(&server), 0);
}

/// Removes what nobody needs, also what is new; how many blobs that were.
fn cleaned(server: &Server) -> usize {
    let (db, storage) = (server.open_database(), server.open_bucket());
    let clean = upkeep::clean(&db, &storage, Duration::ZERO);
    tokio::runtime::Runtime::new().unwrap().block_on(clean).unwrap().blobs
}

fn all(server: &Server) -> usize {
    let storage = server.open_bucket();
    let old = storage.older_than(Duration::ZERO);
    tokio::runtime::Runtime::new().unwrap().block_on(old).unwrap().len()
}

/// Follows a link to another server.
fn follow(reply: &Reply, range: Option<&str>) -> Reply {
    let link = reply.header("location").unwrap();
    let rest = link.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_at(rest.find('/').unwrap());
    let request = Request::new(host.parse().unwrap(), "GET", path);
    match range {
        Some(range) => request.header("Range", range).send(),
        None => request.send(),
    }
}

#[test]
fn downloads_are_redirected_to_the_bucket() {
    let server = start(&[("CHEESESHOP_STORAGE__REDIRECT", "true")], s3());
    let small = Dist::wheel("foo", "1.0");
    let large = Dist::noisy_wheel("bar", "1.0", 500_000);
    for dist in [&small, &large] {
        server.upload(dist).send().expect(200);
    }
    let place = url(&server, &large);
    let reply = server.get(&place).send().expect(302);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let whole = follow(&reply, None).expect(200);
    assert!(whole.body == large.bytes);
    assert_eq!(whole.header("content-type"), Some("application/octet-stream"));
    let name = format!("attachment; filename=\"{}\"", large.filename);
    assert_eq!(whole.header("content-disposition"), Some(name.as_str()));
    assert_eq!(follow(&reply, Some("bytes=7-9")).expect(206).body, large.bytes[7..10]);
    // The link is good for this object and this method alone.
    let link = reply.header("location").unwrap();
    let other = Reply {
        headers: vec![("location".to_owned(), link.replacen("response-content-type", "x", 1))],
        ..reply
    };
    assert_eq!(follow(&other, None).status, 403);
    // What the index answers itself.
    server.request("HEAD", &place).send().expect(200);
    server.get(&format!("{place}.metadata")).send().expect(200);
    let part = server.get(&place).header("Range", "bytes=999999-").send().expect(416);
    let etag = part.header("etag").unwrap();
    server.get(&place).header("If-None-Match", etag).send().expect(304);
    assert!(server.get(&url(&server, &small)).send().expect(200).body == small.bytes);
    // The page keeps naming the index.
    assert!(place.starts_with("/packages/") || place.contains("/packages/"), "{place}");
    let folder = server.scratch().join("downloads");
    let mut pip = client("pip", server.scratch());
    let index = format!("{}/simple/", server.url());
    pip.args(["download", "bar", "--no-deps", "--no-cache-dir", "--index-url", &index, "--dest"]);
    succeed(pip.arg(&folder));
    assert!(std::fs::read(folder.join(&large.filename)).unwrap() == large.bytes);
}

#[test]
fn reads_go_on_while_the_bucket_is_away() {
    let line = Relay::to(s3());
    let server = start(&[], line.address());
    let small = Dist::wheel("foo", "1.0");
    let large = Dist::noisy_wheel("bar", "1.0", 500_000);
    for dist in [&small, &large] {
        server.upload(dist).send().expect(200);
    }
    let (small_place, large_place) = (url(&server, &small), url(&server, &large));
    server.get(&small_place).send().expect(200);
    for state in [Line::Cut, Line::Dead] {
        line.set(state);
        std::thread::scope(|scope| {
            let upload = server.upload(&Dist::wheel("foo", "1.1"));
            // Nobody waits for another.
            let refused = scope.spawn(move || upload.send().expect(503));
            let missing = scope.spawn(|| server.get(&large_place).send().expect(503));
            server.page("foo");
            assert!(server.get(&small_place).send().expect(200).body == small.bytes);
            for reply in [refused, missing].map(|thread| thread.join().unwrap()) {
                assert!(reply.header("retry-after").is_some());
            }
        });
        server.get("/_health/live").send().expect(200);
        eventually("it is not well", || server.get("/_health/").send().status == 503);
        line.set(Line::Up);
        eventually("it is well again", || server.get("/_health/").send().status == 200);
        assert!(server.get(&large_place).send().expect(200).body == large.bytes);
    }
    server.upload(&Dist::wheel("foo", "1.1")).send().expect(200);
    // What was refused has left nothing, and what was taken is there.
    let files = server.page("foo")["files"].as_array().unwrap().len();
    assert_eq!(files, 2);
}

#[test]
fn the_configuration_shows_the_bucket_and_hides_its_keys() {
    let mut server = Server::prepare(Backend::Sqlite, &[]);
    server.keep_in_bucket(([127, 0, 0, 1], 8333).into());
    let shown: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(&server.ok(&["config", "--json"])).unwrap();
    let url = shown["storage_url"]["value"].as_str().unwrap();
    assert!(url.starts_with("s3://tests/cheese"), "{url}");
    assert_eq!(shown["AWS_ENDPOINT_URL"]["value"], "http://127.0.0.1:8333");
    assert_eq!(shown["AWS_SECRET_ACCESS_KEY"]["value"], "***");
    assert_eq!(shown["AWS_SECRET_ACCESS_KEY"]["from"], "environment AWS_SECRET_ACCESS_KEY");
    assert!(!server.ok(&["config"]).contains("a secret of the tests"));
    let refused = |server: &Server, words: &str| {
        let output = server.run_command(&["config"], "");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words), "{said}");
    };
    server.set("AWS_SECRET_ACCESS_KEY", "");
    refused(&server, "of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set");
    server.set("AWS_SECRET_ACCESS_KEY", "x");
    server.set("AWS_ENDPOINT_URL", "127.0.0.1:8333");
    refused(&server, "AWS_ENDPOINT_URL in the environment is no http or https URL");
    server.set("CHEESESHOP_STORAGE_URL", "s3://key:secret@bucket");
    refused(&server, "the value is not understood; write the path of a folder, or");
    server.set("CHEESESHOP_STORAGE_URL", "blobs");
    server.set("CHEESESHOP_STORAGE__REDIRECT", "true");
    refused(&server, "only downloads from a bucket can be redirected to it");
}
