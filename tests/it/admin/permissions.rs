//! Who may open what: a row for every route that the code declares.

use super::start;
use crate::manage::act;
use crate::support::{Backend, on_both};
use crate::web::Browser;
use crate::web::attacks::routes;

on_both!(every_route_is_for_administrators_only);

/// Method, route, and what an administrator gets for it without any field but the secret of the
/// form. Everybody else who is logged in gets 404, and who is not is led to the login.
const ROWS: [(&str, &str, u16); 53] = [
    ("GET", "/admin/", 200),
    ("GET", "/admin/domains/", 200),
    // Nobody is asked on this index.
    ("POST", "/admin/domains/sweep", 400),
    // No address is in this one.
    ("GET", "/admin/domains/{domain}/", 404),
    ("GET", "/admin/downloads/", 200),
    ("GET", "/admin/downloads/export", 400),
    ("GET", "/admin/events/", 200),
    ("GET", "/admin/jobs/", 200),
    ("POST", "/admin/jobs/run", 400),
    ("GET", "/admin/journal/", 200),
    ("GET", "/admin/log/", 200),
    ("GET", "/admin/mail/", 200),
    ("POST", "/admin/mail/retry", 303),
    ("GET", "/admin/mirror/", 200),
    ("POST", "/admin/mirror/allow", 400),
    ("POST", "/admin/mirror/quarantine", 400),
    ("POST", "/admin/mirror/release", 400),
    ("GET", "/admin/names/", 200),
    ("POST", "/admin/names/free", 400),
    ("POST", "/admin/names/permit", 400),
    ("POST", "/admin/names/prohibit", 400),
    ("POST", "/admin/names/reserve", 400),
    ("GET", "/admin/project/{project}/", 200),
    ("POST", "/admin/project/{project}/delete", 400),
    ("POST", "/admin/project/{project}/limits", 303),
    ("POST", "/admin/project/{project}/quarantine", 400),
    ("POST", "/admin/project/{project}/release", 400),
    ("POST", "/admin/project/{project}/roles/remove", 400),
    ("POST", "/admin/project/{project}/roles/set", 400),
    ("GET", "/admin/projects/", 200),
    ("GET", "/admin/site/", 200),
    ("POST", "/admin/site/banner", 303),
    ("POST", "/admin/site/read-only", 400),
    ("GET", "/admin/tokens/", 200),
    ("POST", "/admin/tokens/", 400),
    ("POST", "/admin/tokens/revoke", 400),
    ("GET", "/admin/user/{username}/", 200),
    ("POST", "/admin/user/{username}/administrator", 400),
    ("POST", "/admin/user/{username}/disable", 400),
    ("POST", "/admin/user/{username}/enable", 303),
    ("POST", "/admin/user/{username}/reset-2fa", 400),
    ("POST", "/admin/user/{username}/reset-password", 400),
    ("POST", "/admin/user/{username}/sessions/end", 303),
    ("POST", "/admin/user/{username}/verify", 400),
    ("GET", "/admin/users/", 200),
    ("GET", "/admin/users/invite/", 200),
    ("POST", "/admin/users/invite/", 200),
    ("POST", "/admin/users/invite/revoke", 400),
    ("POST", "/admin/users/service", 400),
    ("GET", "/admin/users/{username}/history/", 200),
    // Only service accounts have such a page.
    ("GET", "/admin/users/{username}/token/", 404),
    ("POST", "/admin/users/{username}/token/", 400),
    ("POST", "/admin/users/{username}/token/revoke", 400),
];
/// Fields that make every form complete: what is wrong with a form is nobody's business who may not
/// send it.
pub const COMPLETE: [(&str, &str); 14] = [
    ("name", "x"),
    ("username", "x"),
    ("prefix", "x"),
    ("email_id", "1"),
    ("is_admin", "yes"),
    ("token", "x"),
    ("token_id", "1"),
    ("role_name", "Owner"),
    ("on", "yes"),
    ("invitation_id", "1"),
    ("description", "x"),
    ("token_scope", "scope:user"),
    ("rule_id", "1"),
    ("reason", "x"),
];
/// What changes nothing asks for no password again.
const UNCONFIRMED: &str = "/admin/tokens/";

/// Method, path with something in the place of each parameter, and what an administrator gets.
fn rows() -> Vec<(&'static str, String, u16)> {
    let declared = routes().into_iter().filter(|route| route.path.starts_with("/admin/"));
    let ways = declared.flat_map(|route| {
        let ways = [(route.reads, "GET"), (route.writes, "POST")];
        ways.into_iter().filter(|(is, _)| *is).map(move |(_, way)| (way, route.path.clone()))
    });
    let row = |(way, path): (&'static str, String)| {
        let row = ROWS.iter().find(|row| row.0 == way && row.1 == path);
        let (.., status) = row.unwrap_or_else(|| panic!("{way} {path} has no row"));
        (
            way,
            path.replace("{username}", "bob")
                .replace("{project}", "foo")
                .replace("{domain}", "no.example"),
            *status,
        )
    };
    let rows: Vec<_> = ways.map(row).collect();
    assert!(rows.len() >= 40, "{rows:?}");
    rows
}

fn every_route_is_for_administrators_only(backend: Backend) {
    let server = start(backend);
    let ask = |browser: &mut Browser<'_>, way: &str, path: &str| {
        if way == "GET" { browser.get(path) } else { act(browser, path, &COMPLETE) }
    };
    let rows = rows();
    let mut nobody = Browser::new(&server);
    let mut user = Browser::logged_in(&server, "eve");
    let mut maintainer = Browser::logged_in(&server, "bob");
    for (way, path, _) in &rows {
        let led = ask(&mut nobody, way, path).expect(303);
        let place = led.header("location").unwrap();
        assert!(place.starts_with("/account/login/?next="), "{way} {path}: {place}");
        ask(&mut user, way, path).expect(404);
        ask(&mut maintainer, way, path).expect(404);
    }
    let mut ada = Browser::logged_in(&server, "ada");
    for (way, path, status) in &rows {
        let got = if *way == "GET" { ada.get(path) } else { act(&mut ada, path, &[]) };
        assert_eq!(got.status, *status, "{way} {path}: {}", got.text());
    }
    // After half an hour every change asks for the password.
    server.sql("UPDATE sessions SET confirmed_at = '2020-01-01 00:00:00'");
    for (way, path, status) in rows.iter().filter(|(.., path, _)| path != UNCONFIRMED) {
        let got = ask(&mut ada, way, path);
        if *way == "GET" {
            assert_eq!(got.status, *status, "{path}");
            continue;
        }
        let place = got.expect(303).header("location").unwrap().to_owned();
        assert!(place.starts_with("/account/reauthenticate/?next="), "{path}: {place}");
    }
}
