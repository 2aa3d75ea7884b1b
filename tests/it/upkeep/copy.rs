//! `copy-to`: to the other database and back, everything as it was.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

use cheeseshop::secret::{MasterKey, Purpose};
use cheeseshop::upkeep::copy::{NOT_COPIED, TABLES};

use super::upgrades::load_fixture;
use super::{journal, lines, say};
use crate::support::{Backend, Dist, Server, eventually, on_both};

on_both!(
    every_row_survives_the_way_there_and_back,
    an_index_goes_on_where_it_was_copied_to,
    a_copy_goes_on_where_it_was_killed,
    a_copy_replaces_only_what_nobody_uses,
    what_is_lost_is_named,
);

fn other(backend: Backend) -> Backend {
    match backend {
        Backend::Sqlite => Backend::Postgres,
        Backend::Postgres => Backend::Sqlite,
    }
}

/// The URL of an index that is prepared and may be missing.
fn url(server: &Server) -> String {
    let embedded = || format!("sqlite:{}", server.data().join("cheeseshop.db").display());
    server.database_url().map_or_else(embedded, str::to_owned)
}

fn arguments(to: &Server) -> [String; 7] {
    let storage = to.data().join("blobs");
    let key = to.data().join("secret.key");
    [
        "copy-to".to_owned(),
        "--database-url".to_owned(),
        url(to),
        "--storage-url".to_owned(),
        storage.to_str().unwrap().to_owned(),
        "--secret-key-file".to_owned(),
        key.to_str().unwrap().to_owned(),
    ]
}

fn copy(from: &Server, to: &Server) -> super::Said {
    let arguments = arguments(to);
    say(from, &arguments.each_ref().map(String::as_str))
}

/// A row for each table that came behind the fixture.
fn add_rows(server: &Server) {
    let bytes = if server.database_url().is_some() { "'\\x00ff'" } else { "X'00ff'" };
    let digest = "a1".repeat(32);
    server.sql(&format!(
        "INSERT INTO mirror_pages (name, upstream, page, etag, checked_at, changed_at) VALUES
            ('bar', 'https://example.org/simple/', {bytes}, NULL, '2026-11-27 01:02:03.000004',
             '2026-11-27 01:02:03');
         INSERT INTO mirror_files (project, version, version_key, filename, path, url, sha256,
             blake2_256, size, stored_at, used_at, is_pinned)
            SELECT 'bar', '1.0', '1', 'bar-1.0.tar.gz', 'u/x/bar-1.0.tar.gz',
                'https://example.org/x', sha256, blake2_256, size, '2026-11-27 01:02:03',
                '2026-11-27 01:02:03', true FROM files WHERE id = (SELECT MIN(id) FROM files);
         INSERT INTO mirror_digests (path, sha256) VALUES ('u/x/bar-1.0.tar.gz', '{digest}');
         INSERT INTO mirror_rules (action, project, reason, actor, created_at) VALUES
            ('quarantine', 'bar', 'evil', 'ada', '2026-11-27 01:02:03');
         UPDATE mirror_changes SET serial = 7, names = 3;"
    ));
}

/// All rows of a table as text, in an order that is the same on both databases.
fn rows(server: &Server, table: &str) -> BTreeSet<String> {
    let sql = if server.database_url().is_some() {
        format!("SELECT t::text AS line FROM {table} t")
    } else {
        let columns = format!("SELECT name AS line FROM pragma_table_info('{table}')");
        let columns = lines(server, &columns);
        let quoted: Vec<_> = columns.iter().map(|it| format!("quote(\"{it}\")")).collect();
        format!("SELECT {} AS line FROM {table}", quoted.join(" || ',' || "))
    };
    lines(server, &sql).into_iter().collect()
}

#[test]
fn no_table_is_forgotten() {
    let schema = include_str!("../../../src/db/schema.rs");
    let tables: BTreeSet<&str> = schema
        .split("diesel::table! {")
        .skip(1)
        .map(|text| text.split('(').next().unwrap().trim())
        .collect();
    let known: BTreeSet<&str> = TABLES.into_iter().chain(NOT_COPIED).collect();
    assert_eq!(tables, known);
}

fn every_row_survives_the_way_there_and_back(backend: Backend) {
    let first = Server::prepare(backend, &[]);
    load_fixture(&first, "0.1.0");
    first.ok(&["migrate"]);
    add_rows(&first);
    for table in TABLES {
        assert!(!rows(&first, table).is_empty(), "the fixture has no row in {table}");
    }
    let there = Server::prepare(other(backend), &[]);
    copy(&first, &there).expect(0, "copied as of serial ");
    let back = Server::prepare(backend, &[]);
    copy(&there, &back).expect(0, "copied as of serial ");
    for table in TABLES {
        assert_eq!(rows(&first, table), rows(&back, table), "{table}");
    }
    for server in [&there, &back] {
        say(server, &["check", "--deep"]).expect(0, "all is well");
    }
}

fn an_index_goes_on_where_it_was_copied_to(backend: Backend) {
    let first = Server::start(backend);
    let token = first.token("ada");
    for dist in [Dist::wheel("foo", "1.0"), Dist::wheel("bar", "1.0")] {
        first.upload(&dist).send().expect(200);
    }
    let key = MasterKey::open(&first.data().join("secret.key")).unwrap();
    let sealed = key.seal(Purpose::TotpSecret, 1, &[7; 20]).unwrap();
    first.sql(&format!("UPDATE users SET totp_secret = '{sealed}', totp_enabled_at = created_at"));
    // The id of a file that is gone is not given out again.
    first.sql("DELETE FROM files WHERE filename LIKE 'bar-%'");
    let mut there = Server::prepare(other(backend), &[]);
    copy(&first, &there).expect(0, "copied as of serial ");
    say(&there, &["check", "--deep"]).expect(0, "2 hashed: all is well");
    there.run();
    there.upload(&Dist::wheel("foo", "1.1")).token(&token).send().expect(200);
    let ids = lines(&there, "SELECT CAST(id AS TEXT) AS line FROM files ORDER BY id");
    assert_eq!(ids, ["1", "3"]);
    let (before, after) = (journal(&first), journal(&there));
    assert_eq!(before, after[..before.len()]);
    eventually("the search follows", || {
        let found = there.get("/search/?q=foo").send().expect(200).text();
        found.contains("/project/foo/") && found.contains("1.1")
    });
    let back = Server::prepare(backend, &[]);
    copy(&there, &back).expect(0, "copied as of serial ");
    assert_eq!(journal(&back), after);
    say(&back, &["check", "--deep"]).expect(0, "all is well");
}

/// Blobs in the storage of an index that may not be there.
fn stored(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.flatten().map(|it| if it.path().is_dir() { stored(&it.path()) } else { 1 }).sum()
}

fn a_copy_goes_on_where_it_was_killed(backend: Backend) {
    let first = Server::start(backend);
    let token = first.token("ada");
    for n in 0..30 {
        first
            .upload(&Dist::noisy_wheel("foo", &format!("1.{n}"), 9_000))
            .token(&token)
            .send()
            .expect(200);
    }
    let there = Server::prepare(other(backend), &[]);
    let blobs = there.data().join("blobs/blake2b");
    for round in 1..=5 {
        let arguments = arguments(&there);
        let mut command = first.command(&arguments.each_ref().map(String::as_str));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        eventually("it has come so far", || {
            stored(&blobs) >= round * 12 || child.try_wait().unwrap().is_some()
        });
        let _ = child.kill();
        child.wait().unwrap();
    }
    copy(&first, &there).expect(0, "copied as of serial ");
    assert_eq!(journal(&there), journal(&first));
    assert_eq!(stored(&blobs), 60);
    say(&there, &["check", "--deep"]).expect(0, "60 hashed: all is well");
}

fn a_copy_replaces_only_what_nobody_uses(backend: Backend) {
    let first = Server::start(backend);
    first.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    say(&first, &["copy-to", "--database-url", &url(&first), "--storage-url", "x"])
        .expect(2, "is the database of this index itself");
    let mut there = Server::prepare(other(backend), &[]);
    copy(&first, &there).expect(0, "copied as of serial ");
    // What came meanwhile comes by a second run.
    first.upload(&Dist::wheel("bar", "1.0")).send().expect(200);
    copy(&first, &there).expect(0, "copied as of serial ");
    assert_eq!(journal(&there), journal(&first));
    there.run();
    there.get("/search/?q=bar").send().expect(200);
    copy(&first, &there).expect(1, "the database to copy to is in use");
    there.kill();
    copy(&first, &there).expect(1, "the database to copy to is in use");
    // Nor is one replaced that was changed by a command only, and none that was made otherwise.
    let third = Server::prepare(other(backend), &[]);
    copy(&first, &third).expect(0, "copied as of serial ");
    third.add_user("bea");
    copy(&first, &third).expect(1, "the database to copy to is in use");
    let fourth = Server::prepare(other(backend), &[]);
    fourth.add_user("bea");
    copy(&first, &fourth).expect(1, "the database to copy to is in use");
    assert!(!fourth.data().join("blobs/blake2b").exists());
}

fn what_is_lost_is_named(backend: Backend) {
    let first = Server::start(backend);
    first.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    std::fs::remove_file(&super::blobs_of(&first, "foo-1.0-py3-none-any.whl")[0]).unwrap();
    let there = Server::prepare(other(backend), &[]);
    copy(&first, &there)
        .expect(1, "foo-1.0-py3-none-any.whl: its bytes are missing")
        .expect(1, "the copy is not whole: 1 things are wrong");
    std::fs::write(there.data().join("secret.key"), "ab".repeat(32)).unwrap();
    copy(&first, &there).expect(1, "secret.key holds another secret key");
}
