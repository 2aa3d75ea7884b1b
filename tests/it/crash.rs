//! What a sudden end leaves behind.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use cheeseshop::db::Conn;
use cheeseshop::error::{Error, Result};
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::support::{Backend, Dist, Server, eventually, on_both};

on_both!(
    only_relaxed_writes_are_not_waited_for,
    a_killed_server_loses_nothing,
    an_upload_cut_by_a_kill_is_invisible,
    kills_at_any_moment_lose_nothing_acknowledged,
);

/// How often the server is killed while uploads run.
const KILLS: usize = 8;
/// Connections that upload meanwhile.
const UPLOADERS: usize = 3;
/// Uploads that are acknowledged before each kill.
const BEFORE_A_KILL: usize = 5;

#[derive(QueryableByName)]
struct Waits {
    #[diesel(sql_type = Text)]
    how: String,
}

/// What the database says of how commits of this transaction reach the disk.
fn waits(c: &mut Conn) -> Result<String> {
    let sql = match c {
        Conn::Sqlite(_) => "SELECT CAST(synchronous AS TEXT) AS how FROM pragma_synchronous",
        Conn::Postgresql(_) => "SELECT current_setting('synchronous_commit') AS how",
    };
    Ok(diesel::sql_query(sql).get_result::<Waits>(c)?.how)
}

fn only_relaxed_writes_are_not_waited_for(backend: Backend) {
    let server = Server::prepare(backend, &[]);
    if backend == Backend::Postgres {
        // The server of the tests has it off.
        server.sql(
            "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = on', current_database()); END$$",
        );
    }
    let db = server.open_database().blocking();
    let (relaxed, waited) = match backend {
        Backend::Sqlite => ("1", "2"),
        Backend::Postgres => ("off", "on"),
    };
    // Of each round all through one connection, but what follows a panic.
    for _ in 0..2 {
        assert_eq!(db.write(waits).unwrap(), waited);
        assert_eq!(db.write_relaxed(waits).unwrap(), relaxed);
        assert_eq!(db.write(waits).unwrap(), waited);
        db.write_relaxed(|_| Err::<(), _>(Error::not_found("nothing"))).unwrap_err();
        assert_eq!(db.write(waits).unwrap(), waited);
        assert_eq!(db.read_to_write(waits).unwrap(), waited);
        let panics = || db.write_relaxed(|_| -> Result<()> { panic!("as it should") });
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
    }
}

fn a_killed_server_loses_nothing(backend: Backend) {
    let mut server = Server::start(backend);
    for n in 0..5 {
        let dist = Dist::wheel("foo", &format!("1.{n}"));
        server.upload(&dist).send().expect(200);
        // Right after the acknowledgement.
        server.kill();
        server.run();
        let page = server.page("foo");
        let url = page["files"][n]["url"].as_str().unwrap();
        assert_eq!(server.get(url).send().expect(200).body, dist.bytes);
    }
}

fn an_upload_cut_by_a_kill_is_invisible(backend: Backend) {
    let mut server = Server::start(backend);
    let dist = Dist::wheel("foo", "1.0");
    let running = server.upload(&dist).request().begin(100);
    eventually("the upload has begun", || !server.stored().is_empty());
    server.kill();
    drop(running);
    server.run();
    server.get("/simple/foo/").send().expect(404);
    server.upload(&dist).send().expect(200);
    assert_eq!(server.page("foo")["files"].as_array().unwrap().len(), 1);
}

fn kills_at_any_moment_lose_nothing_acknowledged(backend: Backend) {
    let mut server = Server::start(backend);
    let token = server.token("ada");
    let acknowledged = Mutex::new(BTreeMap::new());
    for round in 0..KILLS {
        let before = acknowledged.lock().unwrap().len();
        std::thread::scope(|scope| {
            for uploader in 0..UPLOADERS {
                let (server, token, acknowledged) = (&server, &token, &acknowledged);
                scope.spawn(move || {
                    for n in 0.. {
                        let version = format!("{round}.{uploader}.{n}");
                        let dist = Dist::noisy_wheel("foo", &version, 30_000);
                        match server.upload(&dist).token(token).request().try_send() {
                            Some(reply) => {
                                reply.expect(200);
                                acknowledged.lock().unwrap().insert(dist.filename, dist.bytes);
                            }
                            // The server is gone.
                            None => break,
                        }
                    }
                });
            }
            eventually("some uploads are acknowledged", || {
                acknowledged.lock().unwrap().len() >= before + BEFORE_A_KILL
            });
            server.kill_process();
        });
        server.kill();
        server.run();
    }
    let acknowledged = acknowledged.into_inner().unwrap();
    let page = server.page("foo");
    let mut served = BTreeMap::new();
    for file in page["files"].as_array().unwrap() {
        let body = server.get(file["url"].as_str().unwrap()).send().expect(200).body;
        // What is listed is whole, acknowledged or not.
        let dist = Dist::new("", "", "", "", body);
        assert_eq!(file["hashes"]["sha256"], dist.sha256());
        served.insert(file["filename"].as_str().unwrap().to_owned(), dist.bytes);
    }
    for (filename, bytes) in acknowledged {
        assert!(served.get(&filename) == Some(&bytes), "{filename} was acknowledged and is lost");
    }
}
