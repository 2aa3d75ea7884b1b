//! When the database goes away: what is ready is still read, and says how old it may be.

use crate::support::{Backend, Dist, Server, eventually};

#[test]
fn ready_pages_outlive_the_database_and_say_their_age() {
    let server = Server::start(Backend::Postgres);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let value = |name: &str| {
        let text = server.get("/metrics").send().expect(200).text();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()
    };
    // What is read while its change is heard of is not kept: the next one makes it again.
    eventually("a page that is kept", || {
        let made = value("cheeseshop_pages_made_total");
        assert_eq!(server.get("/simple/foo/").send().expect(200).header("age"), None);
        value("cheeseshop_pages_made_total") <= made
    });
    server.get("/simple/").send().expect(200);
    assert!(value("cheeseshop_pages_age_seconds") < f64::EPSILON);
    server.database().close();
    eventually("an age", || server.get("/simple/foo/").send().expect(200).header("age").is_some());
    assert!(server.get("/simple/").send().expect(200).header("age").is_some());
    assert!(value("cheeseshop_pages_age_seconds") > 1.0);
    server.get("/simple/never-asked-for/").send().expect(503);
    server.get("/_health/").send().expect(503);
    server.get("/_health/live").send().expect(200);
    server.database().open();
    eventually("well again", || server.get("/_health/").send().status == 200);
    eventually("no age", || server.get("/simple/foo/").send().expect(200).header("age").is_none());
}

#[test]
fn metrics_are_for_those_who_may_read_them() {
    let server = Server::start(Backend::Sqlite);
    let through_a_proxy = server.get("/metrics").header("X-Forwarded-For", "127.0.0.1");
    through_a_proxy.send().expect(403);
    server.get("/metrics").send().expect(200);
    let token = "0123456789abcdef";
    let server = Server::start_with(Backend::Sqlite, &[("CHEESESHOP_METRICS__TOKEN", token)]);
    let refused = server.get("/metrics").send().expect(403);
    assert_eq!(refused.reason, "The figures need a bearer token");
    let bearer =
        |token: &str| server.get("/metrics").header("Authorization", &format!("Bearer {token}"));
    bearer("0123456789abcdeg").send().expect(403);
    server.get("/metrics").header("Authorization", &format!("bearer {token}")).send().expect(200);
    bearer(token).send().expect(200);
}
