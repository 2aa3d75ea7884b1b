//! How long an answer takes tells nothing. What takes time is hashing, so the hashes are counted,
//! and not the milliseconds.

use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Server, on_both};

use super::Browser;

on_both!(every_refused_password_costs_one_hash, a_form_is_judged_when_it_is_complete);

const METRIC: &str = "cheeseshop_password_hashes_total ";

/// How often the server has hashed.
fn hashes(server: &Server) -> u64 {
    let text = server.get("/metrics").send().expect(200).text();
    let line = text.lines().find_map(|line| line.strip_prefix(METRIC));
    line.unwrap_or_else(|| panic!("no {METRIC} in {text}")).parse().unwrap()
}

fn every_refused_password_costs_one_hash(backend: Backend) {
    let server = Server::start_with(backend, &[("CHEESESHOP_PRIVATE", "true")]);
    server.add_user("carl");
    server.ok(&["user", "disable", "carl"]);
    server.ok(&["user", "add-service", "robot"]);
    let wrong = "not the password";
    let one = |what: &str, ask: &dyn Fn()| {
        // What was guessed before is another matter.
        server.sql("DELETE FROM throttle");
        let before = hashes(&server);
        ask();
        assert_eq!(hashes(&server) - before, 1, "{what}");
    };
    for (name, password) in [
        ("ada", wrong),
        ("nobody", wrong),
        ("no name at all!", wrong),
        ("robot", wrong),
        ("robot", ""),
        ("carl", wrong),
        ("carl", PASSWORD),
    ] {
        one(&format!("page: {name}"), &|| {
            Browser::new(&server).log_in(name, password).expect(403);
        });
        one(&format!("upload: {name}"), &|| {
            let upload = server.upload(&Dist::wheel("foo", "1.0")).login(name, password);
            upload.send().expect(403);
        });
        one(&format!("reading: {name}"), &|| {
            server.get("/simple/").basic(name, password).send().expect(401);
        });
    }
    one("the right one", &|| drop(Browser::logged_in(&server, "ada")));
    // What no password can be is refused for nothing, whoever is meant.
    for name in ["ada", "nobody"] {
        let before = hashes(&server);
        let long = "x".repeat(20_000);
        Browser::new(&server).log_in(name, &long).expect(403);
        assert_eq!(hashes(&server), before, "{name}");
    }
}

/// A form whose end comes after the logout does nothing.
fn a_form_is_judged_when_it_is_complete(backend: Backend) {
    let server = Server::start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let csrf = ada.csrf();
    let text = format!("csrf_token={csrf}&full_name=Changed");
    let slow = ada
        .request("POST", "/manage/account/profile")
        .header("Origin", &server.url())
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(text.clone().into_bytes());
    let mut connection = slow.begin(1);
    // The answer to another request shows that the server goes on; then the session ends.
    assert!(ada.is_logged_in());
    let form = super::fields(&[("csrf_token", &csrf)]);
    ada.clone().post("/account/logout/", &form).expect(303);
    std::io::Write::write_all(&mut connection, b"d").unwrap();
    let reply = crate::support::http::read_reply(connection);
    // Either is true: nobody is logged in any more, and the secret of the form died with the
    // session.
    let is_led = |place: &str| place.starts_with("/account/login/");
    assert!(reply.status == 403 || reply.header("location").is_some_and(is_led), "{reply:?}");
    let mut again = Browser::logged_in(&server, "ada");
    assert!(!again.get("/manage/account/").expect(200).text().contains("Changed"));
}
