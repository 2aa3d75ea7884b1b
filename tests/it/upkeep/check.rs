//! `check`: every kind of damage is found and named, what can be mended is.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use super::{blob, blobs_of, lines, say};
use crate::support::{Backend, Dist, Server, on_both};

on_both!(
    a_good_index_is_well,
    lost_files_are_named,
    lost_metadata_is_made_again,
    a_wrong_size_is_seen_without_reading,
    a_flipped_bit_is_seen_by_reading,
    what_nothing_refers_to_goes_when_it_is_old,
    the_journal_has_no_gap,
    serials_are_set_right,
    names_of_files_stay_used,
    contradictions_are_named,
    a_wrong_search_index_is_made_anew,
    another_secret_key_is_noticed,
    a_repair_wants_to_write,
);

const WHEEL: &str = "foo-1.0-py3-none-any.whl";

/// A running index with a wheel, a source distribution and another wheel.
fn filled(backend: Backend) -> Server {
    let server = Server::start(backend);
    for dist in [Dist::wheel("foo", "1.0"), Dist::sdist("foo", "1.0"), Dist::wheel("bar", "2.0")] {
        server.upload(&dist).send().expect(200);
    }
    server
}

fn a_good_index_is_well(backend: Backend) {
    let server = filled(backend);
    say(&server, &["check"]).expect(0, "5 blobs with").expect(0, ": all is well\n");
    say(&server, &["check", "--deep"]).expect(0, "5 hashed: all is well\n");
    say(&server, &["check", "--repair"]).expect(0, ": all is well\n");
    let shown = say(&server, &["check", "--deep", "--json"]).expect(0, "");
    let shown: serde_json::Value = serde_json::from_str(&shown.out).unwrap();
    assert_eq!(
        (&shown["blobs"], &shown["hashed"], &shown["wrong"], &shown["findings"]),
        (&5.into(), &5.into(), &0.into(), &serde_json::json!([]))
    );
    // An empty one, too; and a folder without any is not made into one.
    let empty = Server::prepare(backend, &[]);
    if backend == Backend::Sqlite {
        say(&empty, &["check"]).expect(1, "there is no index");
        assert!(!empty.data().exists());
    }
    empty.add_user("ada");
    say(&empty, &["check"]).expect(0, "0 blobs with 0 B: all is well\n");
}

fn lost_files_are_named(backend: Backend) {
    let server = filled(backend);
    let path = &blobs_of(&server, WHEEL)[0];
    let bytes = fs::read(path).unwrap();
    fs::remove_file(path).unwrap();
    for arguments in [&["check"][..], &["check", "--deep"], &["check", "--repair"]] {
        let said = say(&server, arguments).expect(1, "1 thing is wrong\n");
        assert!(said.out.starts_with(&format!("{WHEEL}: it is missing (blob ")), "{}", said.out);
        assert!(said.err.is_empty(), "{}", said.err);
    }
    let shown = say(&server, &["check", "--json"]).expect(1, "\"what\": \"missing\"");
    let shown: serde_json::Value = serde_json::from_str(&shown.out).unwrap();
    assert_eq!(shown["findings"][0]["repaired"], false);
    assert_eq!(shown["blobs"], 4);
    // Put back, as out of a backup, it is well again.
    fs::write(path, bytes).unwrap();
    say(&server, &["check"]).expect(0, "all is well");
}

fn lost_metadata_is_made_again(backend: Backend) {
    let server = filled(backend);
    let path = &blobs_of(&server, WHEEL)[1];
    let before = fs::read(path).unwrap();
    fs::remove_file(path).unwrap();
    say(&server, &["check"]).expect(1, &format!("the metadata of {WHEEL}: it is missing"));
    say(&server, &["check", "--repair"]).expect(0, "(repaired)\n");
    assert_eq!(fs::read(path).unwrap(), before);
    fs::write(path, b"Metadata-Version: 2.1\nName: evil\n").unwrap();
    say(&server, &["check", "--deep"]).expect(1, "its bytes are not what they were");
    say(&server, &["check", "--deep", "--repair"])
        .expect(0, "(repaired)\n")
        .expect(0, "1 things were wrong and are repaired");
    assert_eq!(fs::read(path).unwrap(), before);
    // Out of a wheel that is lost as well there is nothing to take.
    fs::remove_file(path).unwrap();
    fs::remove_file(&blobs_of(&server, WHEEL)[0]).unwrap();
    say(&server, &["check", "--repair"]).expect(1, "2 things are wrong\n");
}

fn a_wrong_size_is_seen_without_reading(backend: Backend) {
    let server = filled(backend);
    let path = &blobs_of(&server, WHEEL)[0];
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..100]).unwrap();
    let words = format!("{WHEEL}: it has 100 bytes instead of {}", bytes.len());
    say(&server, &["check"]).expect(1, &words);
}

fn a_flipped_bit_is_seen_by_reading(backend: Backend) {
    let server = filled(backend);
    let path = &blobs_of(&server, WHEEL)[0];
    let mut bytes = fs::read(path).unwrap();
    bytes[50] ^= 1;
    fs::write(path, bytes).unwrap();
    say(&server, &["check"]).expect(0, "all is well");
    let words = format!("{WHEEL}: its bytes are not what they were");
    say(&server, &["check", "--deep"]).expect(1, &words);
    say(&server, &["check", "--deep", "--repair"]).expect(1, &words);
    // What readers are told to verify is compared as well.
    let other = "bar-2.0-py3-none-any.whl";
    server
        .sql(&format!("UPDATE files SET sha256 = '{}' WHERE filename = '{other}'", "0".repeat(64)));
    say(&server, &["check", "--deep"]).expect(1, &format!("{other}: its SHA-256 is another one"));
}

fn what_nothing_refers_to_goes_when_it_is_old(backend: Backend) {
    let server = filled(backend);
    let storage = server.data().join("blobs");
    let [old, young] = ["a1", "b2"].map(|two| blob(&storage, &two.repeat(32)));
    for path in [&old, &young] {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"left over").unwrap();
    }
    let yesterday = SystemTime::now() - Duration::from_hours(25);
    File::options().write(true).open(&old).unwrap().set_modified(yesterday).unwrap();
    say(&server, &["check"]).expect(0, "1 unreferenced and left over: all is well");
    assert!(old.exists());
    say(&server, &["check", "--repair"]).expect(0, "1 unreferenced removed: all is well");
    assert!(!old.exists() && young.exists());
    say(&server, &["check", "--deep"]).expect(0, "5 blobs with");
}

fn the_journal_has_no_gap(backend: Backend) {
    let server = filled(backend);
    server.sql("DELETE FROM journal WHERE serial = 3");
    say(&server, &["check"]).expect(1, "the journal has a gap from serial: 3\n");
    server.sql("DELETE FROM journal WHERE serial < 3");
    say(&server, &["check", "--repair"]).expect(1, "does not begin with serial 1 but with: 4\n");
}

fn serials_are_set_right(backend: Backend) {
    let server = filled(backend);
    let last = super::journal(&server).len();
    server.sql("UPDATE journal_counter SET last_serial = 2; UPDATE projects SET last_serial = 1");
    let said = say(&server, &["check"]).expect(1, "things are wrong");
    let words =
        format!("the counter of the journal is not at its last serial: 2 instead of {last}\n");
    assert!(said.out.contains(&words), "{}", said.out);
    assert!(said.out.contains("serial of its last change: bar\n"), "{}", said.out);
    say(&server, &["check", "--repair"]).expect(0, "are repaired\n");
    say(&server, &["check"]).expect(0, "all is well");
    server.upload(&Dist::wheel("foo", "1.1")).send().expect(200);
    // A counter that is ahead stays there: its serials may have been told to somebody.
    server.sql("UPDATE journal_counter SET last_serial = last_serial + 5");
    say(&server, &["check", "--repair"]).expect(1, "the counter of the journal is not at");
}

fn names_of_files_stay_used(backend: Backend) {
    let server = filled(backend);
    server.sql(&format!("DELETE FROM file_names WHERE filename = '{WHEEL}'"));
    say(&server, &["check"]).expect(1, &format!("a file's name is not noted as used: {WHEEL}\n"));
    say(&server, &["check", "--repair"]).expect(0, "(repaired)");
    let sql = format!("SELECT project AS text FROM file_names WHERE filename = '{WHEEL}'");
    assert_eq!(lines(&server, &sql), ["foo"]);
}

fn contradictions_are_named(backend: Backend) {
    let server = filled(backend);
    for (sql, words) in [
        ("UPDATE file_names SET project = 'spam' WHERE project = 'bar'", "of bar, noted for spam"),
        (
            "UPDATE files SET metadata_sha256 = NULL WHERE id = 1",
            "lacks what every file of its kind",
        ),
        (
            "UPDATE files SET md5 = 'x', sha256 = 'x' WHERE id = 3",
            "a file's digest is none: bar-2.0",
        ),
        (
            "UPDATE files SET blake2_256 = (SELECT blake2_256 FROM files WHERE id = 1) WHERE id = 2",
            "two files share their bytes",
        ),
        ("UPDATE users SET totp_enabled_at = created_at", "no secret for it: ada"),
    ] {
        server.sql(sql);
        say(&server, &["check", "--repair"]).expect(1, words);
    }
    if backend == Backend::Sqlite {
        server.sql("PRAGMA foreign_keys = OFF; UPDATE releases SET project_id = 77 WHERE id = 1");
        say(&server, &["check"])
            .expect(1, "a row refers to one that is not there: releases 1 to projects");
    }
}

fn a_wrong_search_index_is_made_anew(backend: Backend) {
    let mut server = filled(backend);
    let found = |server: &Server| server.get("/search/?q=bar").send().expect(200).text();
    crate::support::eventually("all is indexed", || {
        found(&server).contains("/project/bar/") && say(&server, &["check"]).code == Some(0)
    });
    server.kill();
    server.sql("UPDATE search_state SET serial = serial + 10");
    say(&server, &["check"]).expect(1, "the search index is ahead of the journal, at serial: ");
    server.sql(
        "UPDATE search_entries SET normalized = 'gone', name = 'gone' WHERE normalized = 'bar'",
    );
    say(&server, &["check"])
        .expect(1, "the search index has a project as it is not any more: gone\n");
    say(&server, &["check", "--repair"]).expect(0, "are repaired\n");
    server.run();
    assert!(found(&server).contains("/project/bar/"));
    say(&server, &["check"]).expect(0, "all is well");
}

fn another_secret_key_is_noticed(backend: Backend) {
    use cheeseshop::secret::{MasterKey, Purpose};

    let server = filled(backend);
    let path = server.data().join("secret.key");
    let sealed = MasterKey::open(&path).unwrap().seal(Purpose::TotpSecret, 1, &[7; 20]).unwrap();
    server.sql(&format!("UPDATE users SET totp_secret = '{sealed}', totp_enabled_at = created_at"));
    say(&server, &["check"]).expect(0, "all is well");
    fs::rename(&path, server.scratch().join("own.key")).unwrap();
    say(&server, &["check"]).expect(1, "secret.key is not there");
    assert!(!path.exists());
    MasterKey::open(&path).unwrap();
    say(&server, &["check"]).expect(1, "the secret key does not open the second factor of ada");
}

fn a_repair_wants_to_write(backend: Backend) {
    let mut server = filled(backend);
    server.set("CHEESESHOP_READ_ONLY", "true");
    say(&server, &["check"]).expect(0, "all is well");
    say(&server, &["check", "--repair"]).expect(1, "read-only");
}
