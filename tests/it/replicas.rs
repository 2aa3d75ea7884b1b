//! Several servers on one PostgreSQL and one bucket.

use std::collections::BTreeMap;
use std::net::ToSocketAddrs;
use std::sync::Mutex;
use std::time::Duration;

use cheeseshop::db::notice;

use crate::support::bucket::s3;
use crate::support::relay::{Line, Relay};
use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Server, eventually};
use crate::web::Browser;

/// An index on PostgreSQL and the bucket.
fn start() -> Server {
    let mut server = Server::prepare(Backend::Postgres, &[]);
    server.keep_in_bucket(s3());
    server.add_user("ada");
    server.run();
    server
}

fn files(server: &Server, project: &str) -> usize {
    let accept = "application/vnd.pypi.simple.v1+json";
    let reply = server.get(&format!("/simple/{project}/")).header("Accept", accept).send();
    if reply.status == 404 {
        return 0;
    }
    reply.expect(200).json()["files"].as_array().unwrap().len()
}

#[test]
fn what_one_takes_in_all_others_offer() {
    let one = start();
    let others = [one.replica(&[]), one.replica(&[])];
    let all = [&one, &others[0], &others[1]];
    let token = one.token("ada");
    for (n, server) in all.iter().cycle().take(9).enumerate() {
        // Every page is kept ready, and has to go.
        for replica in all {
            assert_eq!(files(replica, "foo"), n);
        }
        let dist = Dist::wheel("foo", &format!("1.{n}"));
        server.upload(&dist).token(&token).send().expect(200);
        assert_eq!(files(server, "foo"), n + 1, "whoever took it knows at once");
        for replica in all {
            eventually("the others know", || files(replica, "foo") == n + 1);
            let url = replica.page("foo")["files"][n]["url"].as_str().unwrap().to_owned();
            assert!(replica.get(&url).send().expect(200).body == dist.bytes);
        }
    }
}

#[test]
fn the_database_tells_when_the_journal_grows() {
    let server = Server::prepare(Backend::Postgres, &[]);
    let (db, other) = (server.open_database(), server.open_database());
    let listening = async {
        let notices = db.notices();
        let patience = Duration::from_secs(20);
        // The first one says that somebody listens from now on.
        tokio::time::timeout(patience, notices.next()).await.unwrap();
        other.write(|c| Ok(notice::tell(c)?)).await.unwrap();
        tokio::time::timeout(patience, notices.next()).await.unwrap();
        // What is taken back is not told.
        let back = other.write(|c| {
            notice::tell(c)?;
            Err::<(), _>(cheeseshop::error::Error::not_found("no"))
        });
        back.await.unwrap_err();
        let nothing = tokio::time::timeout(Duration::from_millis(50), notices.next()).await;
        assert!(nothing.is_err());
        // Neither does it end where the connection breaks.
        server.database().close();
        server.database().open();
        tokio::time::timeout(patience, notices.next()).await.unwrap();
        other.write(|c| Ok(notice::tell(c)?)).await.ok();
    };
    tokio::runtime::Runtime::new().unwrap().block_on(listening);
}

#[test]
fn sessions_forms_and_limits_hold_everywhere() {
    let one = start();
    let other = one.replica(&[]);
    let mut here = Browser::logged_in(&one, "ada");
    let mut there = Browser { server: &other, cookies: here.cookies.clone() };
    assert!(there.is_logged_in());
    // The secret of a form of one is good for the other.
    assert_eq!(here.csrf(), there.csrf());
    let proof = [("csrf_token", here.csrf())].map(|(name, value)| (name.to_owned(), value));
    there.post("/account/logout/", &BTreeMap::from(proof)).expect(303);
    assert!(!here.is_logged_in(), "who logs out at one has logged out at all");
    // Wrong passwords count together.
    let guess = |server: &Server| Browser::new(server).log_in("ada", "a wrong password").status;
    let mut tries = 0;
    while guess(if tries % 2 == 0 { &one } else { &other }) != 429 {
        tries += 1;
        assert!(tries < 100, "there is no limit");
    }
    assert_eq!((guess(&one), guess(&other)), (429, 429));
}

#[test]
fn one_name_has_one_winner_among_all() {
    let one = start();
    let other = one.replica(&[]);
    let token = one.token("ada");
    for round in 0..5 {
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let upload = |n: usize| {
                let server = if n.is_multiple_of(2) { &one } else { &other };
                let version = format!("1.{round}");
                let dist = Dist::wheel_with("foo", &version, "", n.to_string());
                let upload = server.upload(&dist).token(&token);
                scope.spawn(move || upload.send().status)
            };
            let threads: Vec<_> = (0..8).map(upload).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 7, "{statuses:?}");
        for server in [&one, &other] {
            eventually("it is offered", || files(server, "foo") == round + 1);
        }
    }
}

/// How often a replica is killed while uploads run.
const KILLS: usize = 4;
/// Uploads that are acknowledged before each kill.
const BEFORE_A_KILL: usize = 4;

#[test]
fn a_killed_replica_loses_nothing_acknowledged() {
    let one = start();
    let token = one.token("ada");
    let acknowledged = Mutex::new(BTreeMap::new());
    for round in 0..KILLS {
        let victim = one.replica(&[]);
        let before = acknowledged.lock().unwrap().len();
        std::thread::scope(|scope| {
            for uploader in 0..2 {
                let (victim, token, acknowledged) = (&victim, &token, &acknowledged);
                scope.spawn(move || {
                    for n in 0_usize.. {
                        let version = format!("{round}.{uploader}.{n}");
                        // Every other one is longer than a part of an upload to the bucket.
                        let size = if n.is_multiple_of(2) { 30_000 } else { 9_000_000 };
                        let dist = Dist::noisy_wheel("foo", &version, size);
                        let upload = victim.upload(&dist).token(token);
                        match upload.request().try_send() {
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
            victim.kill_process();
        });
    }
    let acknowledged = acknowledged.into_inner().unwrap();
    eventually("all are offered", || files(&one, "foo") >= acknowledged.len());
    let page = one.page("foo");
    let offered = page["files"].as_array().unwrap();
    for (filename, bytes) in acknowledged {
        let file = offered.iter().find(|file| file["filename"] == filename.as_str());
        let url = file.unwrap_or_else(|| panic!("{filename} is lost"))["url"].as_str().unwrap();
        assert!(one.get(url).send().expect(200).body == bytes, "{filename} is another file");
    }
}

/// The URL of a database by way of a line.
fn by_way_of(line: &Relay, url: &str) -> String {
    let mut url = url::Url::parse(url).unwrap();
    let address = line.address();
    url.set_host(Some(&address.ip().to_string())).unwrap();
    url.set_port(Some(address.port())).unwrap();
    url.into()
}

#[test]
fn reads_go_on_while_the_database_is_away_or_frozen() {
    let one = start();
    let url = one.database_url().unwrap().to_owned();
    let parsed = url::Url::parse(&url).unwrap();
    let behind = (parsed.host_str().unwrap(), parsed.port().unwrap_or(5432));
    let line = Relay::to(behind.to_socket_addrs().unwrap().next().unwrap());
    let cut_off = one.replica(&[("CHEESESHOP_DATABASE_URL", &by_way_of(&line, &url))]);
    let token = one.token("ada");
    one.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let mut known = 1;
    for state in [Line::Cut, Line::Dead] {
        eventually("it knows", || files(&cut_off, "foo") == known);
        // A page that was being read while the change was heard of is not kept; this one is.
        assert_eq!(files(&cut_off, "foo"), known);
        line.set(state);
        let upload = cut_off.upload(&Dist::wheel("foo", &format!("2.{known}"))).token(&token);
        let refused = upload.send().expect(503);
        assert!(refused.header("retry-after").is_some());
        assert_eq!(files(&cut_off, "foo"), known, "ready pages are still served");
        eventually("it says its age", || {
            cut_off.get("/simple/foo/").send().expect(200).header("age").is_some()
        });
        let never_asked_for = cut_off.get("/simple/bar/").send().expect(503);
        assert!(never_asked_for.header("retry-after").is_some());
        // Others have their own lines.
        let dist = Dist::wheel("foo", &format!("1.{known}"));
        one.upload(&dist).token(&token).send().expect(200);
        known += 1;
        line.set(Line::Up);
        eventually("it is well again", || cut_off.get("/_health/").send().status == 200);
    }
    // Who was told to come back does so. What was refused may have happened all the same: a
    // frozen database goes on where it was.
    for n in [1, 2] {
        let upload = cut_off.upload(&Dist::wheel("foo", &format!("2.{n}"))).token(&token);
        upload.send().expect(200);
    }
    for server in [&one, &cut_off] {
        eventually("all is there", || files(server, "foo") == known + 2);
    }
    let reply = one.upload(&Dist::wheel("foo", "3.0")).login("ada", PASSWORD).send();
    reply.expect(200);
}
