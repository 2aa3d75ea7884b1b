//! `backup` and `restore`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cheeseshop::config::{Aws, DatabaseUrl, StorageUrl};
use cheeseshop::storage::Storage;
use cheeseshop::upkeep::backup::{Source, backup};
use cheeseshop::upkeep::{Progress, clean};
use serde_json::json;

use super::{blobs_of, journal, lines, say};
use crate::support::{Backend, Dist, Server, eventually};

/// Connections that upload while backups are taken.
const UPLOADERS: usize = 2;
/// How often a backup is killed.
const KILLS: usize = 8;

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let found = entries.flatten().flat_map(|entry| match entry.path() {
        path if path.is_dir() => files(&path),
        path => vec![path],
    });
    found.collect()
}

fn manifest(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(folder.join("backup.json")).unwrap()).unwrap()
}

/// An index out of a backup.
fn restored(folder: &Path) -> Server {
    let server = Server::prepare(Backend::Sqlite, &[]);
    let said = server.ok(&["restore", folder.to_str().unwrap()]);
    assert!(said.contains("all is well"), "{said}");
    server
}

#[test]
fn a_backup_under_load_is_the_journal_at_its_moment() {
    let server = Server::start(Backend::Sqlite);
    let token = server.token("ada");
    let folder = server.scratch().join("backup");
    let target = folder.to_str().unwrap();
    let (stop, acknowledged) = (AtomicBool::new(false), Mutex::new(BTreeMap::new()));
    let before = std::thread::scope(|scope| {
        for uploader in 0..UPLOADERS {
            let (server, token, stop, acknowledged) = (&server, &token, &stop, &acknowledged);
            scope.spawn(move || {
                for n in (0..).take_while(|_| !stop.load(Ordering::Relaxed)) {
                    let dist = Dist::noisy_wheel("foo", &format!("{uploader}.{n}"), 20_000);
                    server.upload(&dist).token(token).send().expect(200);
                    acknowledged.lock().unwrap().insert(dist.filename, dist.bytes);
                }
            });
        }
        let mut before = BTreeMap::new();
        // The second one brings what came since the first.
        for _ in 0..2 {
            let count = before.len();
            eventually("more is uploaded", || acknowledged.lock().unwrap().len() > count + 10);
            before = acknowledged.lock().unwrap().clone();
            say(&server, &["backup", target]).expect(0, "backed up at serial ");
        }
        stop.store(true, Ordering::Relaxed);
        before
    });
    let mut copy = restored(&folder);
    let (all, copied) = (journal(&server), journal(&copy));
    assert_eq!(copied, all[..copied.len()]);
    assert_eq!(manifest(&folder)["serial"], copied.len());
    say(&copy, &["check", "--deep"]).expect(0, "all is well");
    copy.run();
    let page = copy.page("foo");
    let mut served = BTreeMap::new();
    for file in page["files"].as_array().unwrap() {
        let name = file["filename"].as_str().unwrap().to_owned();
        served.insert(name, copy.get(file["url"].as_str().unwrap()).send().expect(200).body);
    }
    // All that was acknowledged before, and what the journal says in all.
    assert!(before.iter().all(|(name, bytes)| served.get(name) == Some(bytes)));
    let added = copied.iter().filter(|line| line.contains(" file ")).count();
    assert_eq!(served.len(), added);
    // Accounts and tokens are those of before.
    copy.upload(&Dist::wheel("bar", "1.0")).token(&token).send().expect(200);
    copy.upload(&Dist::wheel("bar", "1.1")).send().expect(200);
}

#[test]
fn a_second_backup_copies_what_is_new_and_forgets_what_is_gone() {
    let server = Server::start(Backend::Sqlite);
    let folder = server.scratch().join("backup");
    let take = || server.ok(&["backup", folder.to_str().unwrap()]);
    for version in ["1.0", "1.1"] {
        server.upload(&Dist::wheel("foo", version)).send().expect(200);
    }
    fs::write(server.data().join("cheeseshop.toml"), "site_name = \"Brie\"\n").unwrap();
    // Those of one version share no bytes with those of the other.
    assert!(take().contains("4 blobs (0 copied, 4 linked, 0 of before removed)"));
    assert!(take().contains("4 blobs (0 copied, 0 linked, 0 of before removed)"));
    server.upload(&Dist::wheel("foo", "1.2")).send().expect(200);
    assert!(take().contains("6 blobs (0 copied, 2 linked, 0 of before removed)"));
    server.sql("DELETE FROM files WHERE filename LIKE 'foo-1.0-%'");
    assert!(take().contains("4 blobs (0 copied, 0 linked, 2 of before removed)"));
    // One that lost its bytes in the backup gets them again.
    let own = files(&folder.join("blobs"));
    fs::remove_file(&own[0]).unwrap();
    fs::remove_file(&own[1]).unwrap();
    fs::write(&own[1], "torn").unwrap();
    take();
    assert_eq!(files(&folder.join("blobs")).len(), 4);
    assert_eq!(fs::read_dir(folder.join("snapshots")).unwrap().count(), 1);
    let copy = restored(&folder);
    assert!(copy.ok(&["config"]).contains("Brie"));
}

#[test]
fn only_their_owner_reads_a_backup_and_what_is_restored() {
    let server = Server::start(Backend::Sqlite);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let folder = server.scratch().join("backup");
    fs::create_dir(&folder).unwrap();
    server.ok(&["backup", folder.to_str().unwrap()]);
    let copy = restored(&folder);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&copy.data())), (0o700, 0o700));
    let snapshot = folder.join(manifest(&folder)["snapshot"].as_str().unwrap());
    let secrets = [snapshot.join("cheeseshop.db"), snapshot.join("secret.key")];
    let secrets =
        secrets.into_iter().chain(["cheeseshop.db", "secret.key"].map(|it| copy.data().join(it)));
    for path in secrets {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    let key = |server: &Server| fs::read(server.data().join("secret.key")).unwrap();
    assert_eq!(key(&server), key(&copy));
}

#[test]
fn only_their_owner_reads_what_is_made() {
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    // What somebody made before stays as it is, and has no open database in it all the same.
    for (is_there, expected) in [(false, 0o700), (true, 0o755)] {
        let server = Server::prepare(Backend::Sqlite, &[]);
        if is_there {
            fs::create_dir_all(server.data()).unwrap();
            fs::set_permissions(server.data(), fs::Permissions::from_mode(expected)).unwrap();
        }
        server.add_user("ada");
        let data = server.data();
        assert_eq!((mode(&data), mode(&data.join("cheeseshop.db"))), (expected, 0o600));
    }
}

#[test]
fn a_kill_leaves_the_backup_before() {
    let server = Server::start(Backend::Sqlite);
    let folder = server.scratch().join("backup");
    let target = folder.to_str().unwrap();
    server.ok(&["backup", target]);
    let mut valid = manifest(&folder)["serial"].clone();
    for round in 0..KILLS {
        for n in 0..4 {
            server.upload(&Dist::wheel("foo", &format!("{round}.{n}"))).send().expect(200);
        }
        let before = files(&folder).len();
        let mut command = server.command(&["backup", target]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        eventually("it has come so far", || {
            files(&folder).len() > before + round || child.try_wait().unwrap().is_some()
        });
        let _ = child.kill();
        child.wait().unwrap();
        let serial = manifest(&folder)["serial"].clone();
        let now = journal(&server).len();
        assert!(serial == valid || serial == now, "{serial} is neither {valid} nor {now}");
        valid = serial;
        assert_eq!(json!(journal(&restored(&folder)).len()), valid);
    }
    server.ok(&["backup", target]);
    assert_eq!(journal(&restored(&folder)), journal(&server));
}

/// Deletes a file and cleans its bytes up as soon as blobs are about to be copied.
struct Deleting<'a> {
    server: &'a Server,
    left: Mutex<Vec<&'static str>>,
}

impl Progress for Deleting<'_> {
    fn begin(&self, what: &'static str, _: u64) {
        if what != "copying the blobs" {
            return;
        }
        let Some(filename) = self.left.lock().unwrap().pop() else { return };
        let blobs = blobs_of(self.server, filename);
        self.server.sql(&format!("DELETE FROM files WHERE filename = '{filename}'"));
        let (db, data) = (self.server.open_database(), self.server.data());
        let storage = Storage::open(&StorageUrl::in_folder(&data), &data, &Aws::default()).unwrap();
        // On a thread of its own: a runtime is at work on this one.
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(clean(&db, &storage, Duration::ZERO)).unwrap()
        };
        let cleaned = std::thread::spawn(work).join().unwrap();
        assert_eq!(cleaned.blobs, 2);
        assert!(blobs.iter().all(|blob| !blob.exists()));
    }

    fn step(&self, _: u64) {}
}

#[test]
fn a_file_that_is_deleted_meanwhile_is_in_no_backup() {
    let server = Server::start(Backend::Sqlite);
    for version in ["1.0", "1.1", "1.2"] {
        server.upload(&Dist::wheel("foo", version)).send().expect(200);
    }
    let data = server.data();
    let (db, url) = (server.open_database(), DatabaseUrl::in_folder(&data));
    let storage_url = StorageUrl::in_folder(&data);
    let storage = Storage::open(&storage_url, &data, &Aws::default()).unwrap();
    let key_file = data.join("secret.key");
    let source = Source {
        db: &db,
        database_url: &url,
        storage: &storage,
        storage_url: &storage_url,
        key_file: &key_file,
        config_file: None,
    };
    // The one that goes second has its bytes in the backup by then, and may stay there.
    let left = Mutex::new(vec!["foo-1.0-py3-none-any.whl", "foo-1.1-py3-none-any.whl"]);
    let progress = Deleting { server: &server, left };
    let folder = server.scratch().join("backup");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let taken = runtime.block_on(backup(source, &folder, &progress)).unwrap();
    assert_eq!((taken.blobs, taken.lost.len()), (4, 0));
    let names = lines(&restored(&folder), "SELECT filename AS text FROM files ORDER BY filename");
    assert_eq!(names, ["foo-1.0-py3-none-any.whl", "foo-1.2-py3-none-any.whl"]);
}

#[test]
fn what_the_index_has_lost_is_named_and_kept_where_it_was_backed_up() {
    let server = Server::start(Backend::Sqlite);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let folder = server.scratch().join("backup");
    let target = folder.to_str().unwrap();
    server.ok(&["backup", target]);
    let lose = |filename: &str| fs::remove_file(&blobs_of(&server, filename)[0]).unwrap();
    lose("foo-1.0-py3-none-any.whl");
    // The backup has it still.
    server.ok(&["backup", target]);
    restored(&folder);
    server.upload(&Dist::wheel("bar", "1.0")).send().expect(200);
    lose("bar-1.0-py3-none-any.whl");
    say(&server, &["backup", target])
        .expect(1, "bar-1.0-py3-none-any.whl: its bytes are missing")
        .expect(1, "the index has lost 1 blobs");
    let copy = Server::prepare(Backend::Sqlite, &[]);
    say(&copy, &["restore", target])
        .expect(1, "it was missing when the backup was taken")
        .expect(1, "bar-1.0-py3-none-any.whl: it is missing");
    // All else is there.
    assert_eq!(journal(&copy), journal(&server));
}

#[test]
fn a_restore_replaces_nothing_and_verifies_everything() {
    let server = Server::start(Backend::Sqlite);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let folder = server.scratch().join("backup");
    let target = folder.to_str().unwrap();
    let fresh = || Server::prepare(Backend::Sqlite, &[]);
    say(&fresh(), &["restore", target]).expect(1, "there is no backup in");
    server.ok(&["backup", target]);
    say(&server, &["restore", target]).expect(1, "is not empty; restore into a new folder");
    let blob = &files(&folder.join("blobs"))[0];
    let bytes = fs::read(blob).unwrap();
    fs::remove_file(blob).unwrap();
    let copy = fresh();
    say(&copy, &["restore", target]).expect(1, "it was missing from the backup");
    let flipped: Vec<u8> =
        bytes.iter().enumerate().map(|(at, it)| it ^ u8::from(at == 9)).collect();
    fs::write(blob, flipped).unwrap();
    say(&fresh(), &["restore", target]).expect(1, "its bytes are not what they were");
    fs::write(blob, bytes).unwrap();
    restored(&folder);
    let text = fs::read_to_string(folder.join("backup.json")).unwrap();
    let change = |from: &str, to: &str| {
        fs::write(folder.join("backup.json"), text.replace(from, to)).unwrap();
    };
    change("\"format\": 1", "\"format\": 2");
    say(&fresh(), &["restore", target]).expect(1, "has format 2");
    change("snapshots/", "../snapshots/");
    say(&fresh(), &["restore", target]).expect(1, "names what no backup consists of");
    change("{", "");
    say(&fresh(), &["restore", target]).expect(1, "is no manifest");
    fs::write(folder.join("backup.json"), &text).unwrap();
    let snapshot = folder.join(manifest(&folder)["snapshot"].as_str().unwrap());
    let database = snapshot.join("cheeseshop.db");
    let mut bytes = fs::read(&database).unwrap();
    bytes[5000] ^= 1;
    fs::write(&database, bytes).unwrap();
    let copy = fresh();
    say(&copy, &["restore", target]).expect(1, "is not what was backed up");
    assert!(!copy.data().exists());
}

#[test]
fn a_backup_goes_only_where_it_may() {
    let server = Server::start(Backend::Sqlite);
    let path = |name: &str| server.scratch().join(name).to_str().unwrap().to_owned();
    fs::create_dir(server.scratch().join("mine")).unwrap();
    fs::write(server.scratch().join("mine/letter"), "x").unwrap();
    say(&server, &["backup", &path("mine")]).expect(1, "is not empty and holds no backup");
    say(&server, &["backup", &path("data/blobs/backup")]).expect(1, "in the storage of the index");
    let target = path("backup");
    server.ok(&["backup", &target]);
    let lock = fs::File::open(server.scratch().join("backup/backup.lock")).unwrap();
    lock.lock().unwrap();
    say(&server, &["backup", &target]).expect(1, "another backup into");
    drop(lock);
    // Of a folder without an index there is nothing to back up, and nothing is replaced by that.
    let other = Server::prepare(Backend::Sqlite, &[]);
    say(&other, &["backup", &target]).expect(1, "there is no index");
    // Nor by another index, or an earlier state.
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    server.ok(&["backup", &target]);
    other.add_user("ada");
    say(&other, &["backup", &target]).expect(1, "of another index, or of a later state");
    let shared = Server::prepare(Backend::Postgres, &[]);
    shared.add_user("ada");
    say(&shared, &["backup", &path("shared")]).expect(1, "pg_dump");
    assert!(!server.scratch().join("shared").exists());
    say(&shared, &["restore", &target]).expect(1, "copy-to");
}
