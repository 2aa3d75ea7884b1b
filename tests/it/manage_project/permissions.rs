//! Who may call which page of the whole area.

use std::collections::BTreeSet;

use crate::manage::{act, place};
use crate::support::{Backend, Dist, on_both};
use crate::web::Browser;
use crate::web::attacks::routes;

use super::start;

on_both!(
    every_route_lets_in_whom_it_should,
    every_change_asks_for_the_password_again,
    names_that_are_not_there_and_quarantined_ones,
);

/// What anonymous, a stranger, a maintainer, an owner and an administrator get. `login` leads to
/// the login. Forms are sent with nothing but their secret, so 400 is: let in, and incomplete.
type Row = (&'static str, &'static str, [&'static str; 5]);

const LOGGED_IN: [&str; 5] = ["login", "200", "200", "200", "200"];
const INCOMPLETE: [&str; 5] = ["login", "400", "400", "400", "400"];
const LED: [&str; 5] = ["login", "303", "303", "303", "303"];
const ROLE: [&str; 5] = ["login", "403", "200", "200", "403"];
const OWNER: [&str; 5] = ["login", "403", "403", "400", "403"];

const TABLE: [Row; 44] = [
    ("GET", "/manage/account/", LOGGED_IN),
    ("POST", "/manage/account/profile", INCOMPLETE),
    ("POST", "/manage/account/password", INCOMPLETE),
    ("POST", "/manage/account/emails/add", INCOMPLETE),
    ("POST", "/manage/account/emails/primary", INCOMPLETE),
    ("POST", "/manage/account/emails/reverify", INCOMPLETE),
    ("POST", "/manage/account/emails/delete", INCOMPLETE),
    ("GET", "/manage/unverified-account/", LED),
    ("GET", "/manage/account/history/", LOGGED_IN),
    ("GET", "/manage/account/two-factor/", LOGGED_IN),
    ("GET", "/manage/account/recovery-codes/generate", LOGGED_IN),
    ("GET", "/manage/account/recovery-codes/burn", LED),
    ("POST", "/manage/account/recovery-codes/burn", INCOMPLETE),
    ("GET", "/manage/account/totp-provision", LED),
    ("POST", "/manage/account/totp-provision", INCOMPLETE),
    ("POST", "/manage/account/totp-disable", INCOMPLETE),
    ("POST", "/manage/account/recovery-codes/generate", LOGGED_IN),
    ("GET", "/manage/account/sessions/", LOGGED_IN),
    ("POST", "/manage/account/sessions/end", LED),
    ("POST", "/manage/account/devices/forget", LED),
    ("GET", "/manage/account/token/", LOGGED_IN),
    ("POST", "/manage/account/token/", INCOMPLETE),
    ("POST", "/manage/account/token/revoke", INCOMPLETE),
    ("GET", "/manage/projects/", LOGGED_IN),
    ("POST", "/manage/projects/invitations/accept", INCOMPLETE),
    ("POST", "/manage/projects/invitations/decline", INCOMPLETE),
    ("GET", "/manage/project/{project}/", ["login", "403", "303", "303", "403"]),
    ("GET", "/manage/project/{project}/releases/", ROLE),
    ("GET", "/manage/project/{project}/release/{version}/", ROLE),
    ("POST", "/manage/project/{project}/release/{version}/", OWNER),
    ("GET", "/manage/project/{project}/settings/", ROLE),
    ("POST", "/manage/project/{project}/settings/", OWNER),
    ("GET", "/manage/project/{project}/history/", ROLE),
    ("GET", "/manage/project/{project}/collaboration/", ROLE),
    ("POST", "/manage/project/{project}/collaboration/", OWNER),
    ("POST", "/manage/project/{project}/collaboration/revoke", OWNER),
    ("POST", "/manage/project/{project}/collaboration/change", OWNER),
    ("POST", "/manage/project/{project}/collaboration/remove", OWNER),
    // The maintainer leaves, and is a stranger from then on; the last owner cannot.
    (
        "POST",
        "/manage/project/{project}/collaboration/leave",
        ["login", "403", "303", "400", "403"],
    ),
    // The same ones once more.
    ("GET", "/manage/project/{project}/collaboration/", ["login", "403", "403", "200", "403"]),
    ("GET", "/manage/project/{project}/releases/", ["login", "403", "403", "200", "403"]),
    ("GET", "/manage/project/{project}/settings/", ["login", "403", "403", "200", "403"]),
    ("GET", "/manage/project/{project}/history/", ["login", "403", "403", "200", "403"]),
    ("GET", "/manage/project/{project}/release/{version}/", ["login", "403", "403", "200", "403"]),
];

fn every_route_lets_in_whom_it_should(backend: Backend) {
    let declared = routes().into_iter().filter(|route| route.path.starts_with("/manage/"));
    let declared: BTreeSet<(&str, String)> = declared
        .flat_map(|route| {
            let methods = [("GET", route.reads), ("POST", route.writes)];
            let methods: Vec<_> = methods.into_iter().filter(|(_, is)| *is).collect();
            methods.into_iter().map(move |(method, _)| (method, route.path.clone()))
        })
        .collect();
    let told = TABLE.iter().map(|(method, path, _)| (*method, (*path).to_owned())).collect();
    assert_eq!(declared, told, "each route has a row");
    let server = start(backend);
    let mut all = vec![Browser::new(&server)];
    all.extend(["eve", "bob", "ada", "root"].map(|name| Browser::logged_in(&server, name)));
    let mut wrong = Vec::new();
    for (method, path, expected) in TABLE {
        let filled = path.replace("{project}", "foo").replace("{version}", "1.0");
        for (browser, expected) in all.iter_mut().zip(expected) {
            let reply = match method {
                "GET" => browser.get(&filled),
                _ => act(browser, &filled, &[]),
            };
            let led = reply.header("location").unwrap_or_default();
            let got = match reply.status {
                303 if led.starts_with("/account/login/") => "login".to_owned(),
                status => status.to_string(),
            };
            if got != expected {
                wrong.push(format!("{method} {path}: {got} instead of {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn every_change_asks_for_the_password_again(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    server.sql("UPDATE sessions SET confirmed_at = '2026-01-01 00:00:00'");
    for route in routes().iter().filter(|route| route.path.starts_with("/manage/project/")) {
        let path = route.filled();
        if route.writes {
            let fields = [
                ("confirm_delete_version", "1.0"),
                ("confirm_project_name", "Foo"),
                ("username", "bob"),
                ("role_name", "Owner"),
                ("invitation_id", "1"),
            ];
            assert_eq!(place(act(&mut ada, &path, &fields)), "/account/reauthenticate/", "{path}");
        }
        if route.reads && path != "/manage/project/foo/" {
            let page = ada.get(&path).expect(200).text();
            let asks = page.contains("Confirm it now");
            assert_eq!(asks, route.writes, "{path}: {page}");
            crate::manage::is_whole(&path, &page);
        }
    }
    assert_eq!(server.page("foo")["files"].as_array().unwrap().len(), 2);
}

fn names_that_are_not_there_and_quarantined_ones(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let mut eve = Browser::logged_in(&server, "eve");
    for route in routes().iter().filter(|route| route.path.starts_with("/manage/project/")) {
        for name in ["nothing", "-", "%00", "a%2Fb"] {
            let path = route.path.replace("{project}", name).replace("{version}", "1.0");
            if route.reads {
                eve.get(&path).expect(404);
            }
            if route.writes {
                act(&mut eve, &path, &[]).expect(404);
            }
        }
    }
    for version in ["2.0", "x", "%00", "1.0%2F"] {
        let path = format!("/manage/project/foo/release/{version}/");
        ada.get(&path).expect(404);
        act(&mut ada, &path, &[("confirm_delete_version", version)]).expect(404);
    }
    let moved = ada.get("/manage/project/FOO/release/1.0.0/?page=2").expect(301);
    let location = moved.header("location");
    assert_eq!(location, Some("/manage/project/foo/release/1.0.0/?page=2"));
    ada.get("/manage/project/foo/release/1.0.0/?page=2").expect(200);
    server.ok(&["project", "status", "foo", "quarantined", "--reason", "malware"]);
    for route in routes().iter().filter(|route| route.path.starts_with("/manage/project/")) {
        let path = route.filled();
        if route.reads {
            // Who has no role does not learn that it is there.
            eve.get(&path).expect(404);
            let reply = ada.get(&path);
            if reply.status != 303 {
                let page = reply.expect(200).text();
                assert!(page.contains("is quarantined</b>: malware"), "{path}: {page}");
                assert!(!page.contains("name=\"confirm_"), "{path}: {page}");
            }
        }
        if route.writes && !path.ends_with("/leave") {
            let fields = [
                ("confirm_delete_version", "1.0"),
                ("username", "bob"),
                ("role_name", "Owner"),
                ("invitation_id", "1"),
            ];
            act(&mut ada, &path, &fields).expect(403);
        }
    }
    // One may still leave.
    let mut bob = Browser::logged_in(&server, "bob");
    let page = bob.get("/manage/projects/").expect(200).text();
    assert!(page.contains("quarantined"), "{page}");
    act(&mut bob, "/manage/project/foo/collaboration/leave", &[]).expect(303);
    bob.get("/manage/project/foo/releases/").expect(404);
    server.upload(&Dist::wheel("Foo", "1.1")).send().expect(403);
}
