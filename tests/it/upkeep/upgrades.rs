//! Upgrades: every schema that was ever released comes forward with its data, by one process, and
//! never without a way back.

use std::fs;
use std::path::{Path, PathBuf};

use super::{blob, lines, say};
use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Server, on_both};

on_both!(
    every_released_schema_comes_forward,
    of_many_that_start_at_once_one_migrates,
    a_program_that_is_too_old_refuses,
    the_schema_says_who_made_it,
);

/// A schema as it was released, with a row in each table: made by `make` beside it.
fn fixture(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/schema").join(version)
}

fn released() -> Vec<String> {
    let entries = fs::read_dir(fixture("")).unwrap().map(|it| it.unwrap().path());
    let folders = entries.filter(|path| path.is_dir());
    folders.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

/// Fills an index that has never run with a released schema and its data.
pub fn load_fixture(server: &Server, version: &str) {
    let folder = fixture(version);
    let kind = if server.database_url().is_some() { "postgres.sql" } else { "sqlite.sql" };
    fs::create_dir_all(server.data()).unwrap();
    server.sql(&fs::read_to_string(folder.join(kind)).unwrap());
    fs::copy(folder.join("secret.key"), server.data().join("secret.key")).unwrap();
    for entry in fs::read_dir(folder.join("blobs")).unwrap() {
        let path = entry.unwrap().path();
        let digest = path.file_name().unwrap().to_str().unwrap();
        let target = blob(&server.data().join("blobs"), digest);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&path, target).unwrap();
    }
}

/// The copies from before upgrades.
fn copies(server: &Server) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(server.data().join("backups")) else { return Vec::new() };
    let paths = entries.map(|it| it.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|it| it == "db")).collect()
}

fn every_released_schema_comes_forward(backend: Backend) {
    assert!(!released().is_empty());
    for version in released() {
        let mut server = Server::prepare(backend, &[]);
        load_fixture(&server, &version);
        let token = fs::read_to_string(fixture(&version).join("token")).unwrap();
        let before = super::journal(&server);
        if backend == Backend::Postgres {
            // Others may run on it: its operator decides.
            for arguments in [&["user", "list"][..], &["check"], &["serve"]] {
                say(&server, arguments).expect(1, "run `cheeseshop migrate`");
            }
            let applied = "SELECT MAX(version) AS text FROM __diesel_schema_migrations";
            assert!(lines(&server, applied)[0].as_str() < "20261128");
            server.ok(&["migrate"]);
        }
        server.run();
        assert_eq!(super::journal(&server), before);
        say(&server, &["check", "--deep"]).expect(0, "all is well");
        for file in server.page("widget")["files"].as_array().unwrap() {
            let body = server.get(file["url"].as_str().unwrap()).send().expect(200).body;
            let dist = Dist::new("", "", "", "", body);
            assert_eq!(file["hashes"]["sha256"], dist.sha256());
        }
        server.upload(&Dist::wheel("new", "1.0")).token(token.trim()).send().expect(200);
        server.upload(&Dist::wheel("new", "1.1")).login("ada", PASSWORD).send().expect(200);
        let copies = copies(&server);
        match backend {
            Backend::Postgres => assert_eq!(copies.len(), 0),
            Backend::Sqlite => check_copy(&server, &copies),
        }
        say(&server, &["migrate"]).expect(0, "the database is up to date\n");
    }
}

/// The one copy is the database as it was.
fn check_copy(server: &Server, copies: &[PathBuf]) {
    use std::os::unix::fs::PermissionsExt;

    let [copy] = copies else { panic!("{copies:?}") };
    assert_eq!(fs::metadata(copy).unwrap().permissions().mode() & 0o777, 0o600);
    let name = copy.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("cheeseshop-20261125000006-"), "{name}");
    let before = Server::prepare(Backend::Sqlite, &[]);
    fs::create_dir_all(before.data()).unwrap();
    fs::copy(copy, before.data().join("cheeseshop.db")).unwrap();
    let tables = "SELECT name AS text FROM sqlite_master WHERE name = 'schema_level'";
    assert!(lines(&before, tables).is_empty());
    assert!(!lines(server, tables).is_empty());
    let journal = super::journal(&before);
    assert_eq!(journal, super::journal(server)[..journal.len()]);
}

fn of_many_that_start_at_once_one_migrates(backend: Backend) {
    let server = Server::prepare(backend, &[]);
    load_fixture(&server, "0.1.0");
    let arguments: &[&str] = match backend {
        Backend::Sqlite => &["user", "list"],
        Backend::Postgres => &["migrate"],
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| server.ok(arguments));
        }
    });
    assert_eq!(copies(&server).len(), usize::from(backend == Backend::Sqlite));
    say(&server, &["check"]).expect(0, "all is well");
    // A new one is no less quiet.
    let empty = Server::prepare(backend, &[]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| empty.ok(&["user", "list"]));
        }
    });
    assert!(copies(&empty).is_empty());
}

fn a_program_that_is_too_old_refuses(backend: Backend) {
    let mut server = Server::prepare(backend, &[]);
    server.add_user("ada");
    // A later version came by and only added something.
    server.sql("INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')");
    server.ok(&["user", "list"]);
    server.run();
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    server.kill();
    server.sql(
        "UPDATE schema_level SET oldest = '20990101000000', oldest_version = '7.0.0', \
         upgraded_by = '7.1.2'",
    );
    for arguments in [&["user", "list"][..], &["serve"], &["migrate"], &["check"]] {
        let said = say(&server, arguments);
        let said =
            said.expect(1, "was brought up to date by cheeseshop 7.1.2, and this is cheeseshop");
        said.expect(1, "which is too old for it: it takes 7.0.0 or newer\n");
    }
}

fn the_schema_says_who_made_it(backend: Backend) {
    let server = Server::prepare(backend, &[]);
    server.add_user("ada");
    let level = "SELECT upgraded_by || ' ' || oldest AS text FROM schema_level";
    assert_eq!(lines(&server, level), [format!("{} 20261128000001", env!("CARGO_PKG_VERSION"))]);
}
