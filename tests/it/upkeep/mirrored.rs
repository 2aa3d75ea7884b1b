//! Upkeep where files of other indexes are kept, too.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::{blob, lines, say};
use crate::support::{Backend, Dist, Server, Upstream, eventually, on_both};

on_both!(mirrored_files_are_referred_to, damaged_ones_are_fetched_again);

const WHEEL: &str = "spam-1.0-py3-none-any.whl";

/// An index that has fetched a wheel, whose metadata its index does not serve.
fn mirror(backend: Backend, upstream: &Upstream) -> Server {
    upstream.add(&Dist::wheel("spam", "1.0"));
    let url = upstream.url();
    let server = Server::start_with(backend, &[("CHEESESHOP_MIRROR__UPSTREAM", &url)]);
    fetch(&server);
    server
}

/// The wheel as it is served.
fn fetch(server: &Server) -> Vec<u8> {
    let url = server.page("spam")["files"][0]["url"].as_str().unwrap().to_owned();
    let path = url.split_once("/packages/").unwrap().1;
    let body = server.get(&format!("/packages/{path}")).send().expect(200).body;
    // Whoever reads it first has it before its row is there.
    let stored = format!(
        "SELECT filename AS text FROM mirror_files \
         WHERE filename = '{WHEEL}' AND metadata_blake2_256 IS NOT NULL"
    );
    eventually("it is stored", || !lines(server, &stored).is_empty());
    body
}

/// The places of the wheel and of its metadata.
fn blobs(server: &Server) -> [PathBuf; 2] {
    ["blake2_256", "metadata_blake2_256"].map(|column| {
        let sql = format!("SELECT {column} AS text FROM mirror_files WHERE filename = '{WHEEL}'");
        blob(&server.data().join("blobs"), &lines(server, &sql)[0])
    })
}

fn mirrored_files_are_referred_to(backend: Backend) {
    let upstream = Upstream::start();
    let server = mirror(backend, &upstream);
    say(&server, &["check", "--deep"]).expect(0, "2 hashed: all is well");
    // However old they are, they are no orphans.
    let yesterday = SystemTime::now() - Duration::from_hours(25);
    for path in blobs(&server) {
        File::options().write(true).open(path).unwrap().set_modified(yesterday).unwrap();
    }
    say(&server, &["check", "--repair"]).expect(0, "2 blobs with");
    assert!(blobs(&server).iter().all(|path| path.exists()));
    // They are part of a backup, and of a copy.
    if backend == Backend::Sqlite {
        let folder = server.scratch().join("backup");
        server.ok(&["backup", folder.to_str().unwrap()]);
        let copy = Server::prepare(backend, &[]);
        say(&copy, &["restore", folder.to_str().unwrap()]).expect(0, "2 blobs with");
        say(&copy, &["check", "--deep"]).expect(0, "2 hashed: all is well");
    }
    server.sql("UPDATE mirror_files SET sha256 = 'x'");
    say(&server, &["check"]).expect(1, "a mirrored file's digest is none: ");
}

fn damaged_ones_are_fetched_again(backend: Backend) {
    let upstream = Upstream::start();
    let server = mirror(backend, &upstream);
    let [wheel, metadata] = blobs(&server);
    let bytes = fs::read(&wheel).unwrap();
    let flipped: Vec<u8> =
        bytes.iter().enumerate().map(|(at, it)| it ^ u8::from(at == 9)).collect();
    for (path, damage) in [(&wheel, Some(flipped)), (&wheel, None), (&metadata, None)] {
        match damage {
            Some(damage) => fs::write(path, damage).unwrap(),
            None => fs::remove_file(path).unwrap(),
        }
        let words = format!("the mirrored {WHEEL}: it");
        say(&server, &["check", "--deep"]).expect(1, &words);
        say(&server, &["check", "--deep", "--repair"]).expect(0, "(repaired)");
        say(&server, &["check"]).expect(0, "all is well");
        assert_eq!(fetch(&server), bytes);
        // (The server knows the small ones by heart.)
        let mut server = server.second();
        assert_eq!(fetch(&server), bytes);
        say(&server, &["check", "--deep"]).expect(0, "2 hashed: all is well");
        server.kill();
    }
}
