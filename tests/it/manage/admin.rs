//! What administrators do.

use super::{act, between, place};
use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, on_both};
use crate::web::{Browser, FILE, mail};

on_both!(
    a_found_token_is_looked_up_and_revoked,
    an_invitation_makes_an_account,
    a_service_account_uploads_by_token_only,
    the_operator_is_told_when_no_administrator_is_left,
    errors_know_who_is_logged_in,
);

fn a_found_token_is_looked_up_and_revoked(backend: Backend) {
    let server = super::start(backend, &[FILE]);
    let token = server.token("bob");
    let mut ada = Browser::logged_in(&server, "ada");
    for bad in ["", "hunter2", "pypi-x", &format!("{token}x")] {
        let text = act(&mut ada, "/admin/tokens/", &[("token", bad)]).expect(400).text();
        assert!(text.contains("No account of this index has or had this token."), "{text}");
    }
    let text = act(&mut ada, "/admin/tokens/", &[("token", &format!(" {token} "))]);
    let text = text.expect(200).text();
    assert!(text.contains(">bob</a>") && !text.contains(&token), "{text}");
    let id = between(&text, "name=\"token_id\" value=\"", "\"").to_owned();
    let revoke = "/admin/tokens/revoke";
    act(&mut ada, revoke, &[("token_id", &id)]).expect(400);
    act(&mut ada, revoke, &[("token_id", &id), ("reason", "leaked")]).expect(303);
    server.upload(&Dist::wheel("foo", "1.0")).token(&token).send().expect(403);
    let text = act(&mut ada, "/admin/tokens/", &[("token", &token)]).expect(200).text();
    assert!(text.contains("It was revoked"), "{text}");
    let history = ada.get("/admin/users/BOB/history/").expect(200).text();
    assert!(history.contains("was revoked by an administrator."), "{history}");
    ada.get("/admin/users/nobody/history/").expect(404);
}

fn an_invitation_makes_an_account(backend: Backend) {
    let server = super::start(backend, &[FILE]);
    let mut ada = Browser::logged_in(&server, "ada");
    let path = "/admin/users/invite/";
    act(&mut ada, path, &[("note", "x"), ("email", "no address")]).expect(400);
    let form = [("note", "Grace"), ("email", "grace@example.org")];
    let reply = act(&mut ada, path, &form).expect(200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let page = reply.text();
    let link = between(&page, "class=\"token\" value=\"", "\"").to_owned();
    let link = link.strip_prefix(&server.url()).unwrap();
    assert_eq!(mail(&server, "grace@example.org", "invited").link(&server), link);
    let listed = ada.get(path).expect(200).text();
    assert!(listed.contains("Grace") && !listed.contains(link), "{listed}");
    Browser::new(&server).get(link).expect(200);
    let id = between(&listed, "name=\"invitation_id\" value=\"", "\"").to_owned();
    let revoke = "/admin/users/invite/revoke";
    act(&mut ada, revoke, &[("invitation_id", &id)]).expect(303);
    act(&mut ada, revoke, &[("invitation_id", &id)]).expect(404);
    assert_ne!(Browser::new(&server).get(link).status, 200);
}

fn a_service_account_uploads_by_token_only(backend: Backend) {
    let server = super::start(backend, &[FILE]);
    let mut ada = Browser::logged_in(&server, "ada");
    let make = "/admin/users/service";
    for bad in ["", "a b", "-", "Bob"] {
        act(&mut ada, make, &[("username", bad)]).expect(400);
    }
    let tokens = "/admin/users/robot/token/";
    assert_eq!(place(act(&mut ada, make, &[("username", "robot")])), tokens);
    let form = [("description", "ci"), ("token_scope", "scope:user")];
    let page = act(&mut ada, tokens, &form).expect(200).text();
    let token = between(&page, "class=\"token\" value=\"", "\"").to_owned();
    server.upload(&Dist::wheel("foo", "1.0")).token(&token).send().expect(200);
    let page = ada.get(tokens).expect(200).text();
    assert!(page.contains("scope:project:foo"), "{page}");
    let account = ada.get("/admin/user/robot/").expect(200).text();
    let id = between(&account, "name=\"token_id\" value=\"", "\"").to_owned();
    // Tokens of people are their own affair.
    ada.get("/admin/users/bob/token/").expect(404);
    act(&mut ada, "/admin/users/bob/token/", &form).expect(404);
    server.token("bob");
    let bobs = (id.parse::<i64>().unwrap() + 1).to_string();
    act(&mut ada, &format!("{tokens}revoke"), &[("token_id", &bobs), ("reason", "x")]).expect(404);
    act(&mut ada, &format!("{tokens}revoke"), &[("token_id", &id), ("reason", "x")]).expect(303);
    server.upload(&Dist::wheel("foo", "1.1")).token(&token).send().expect(403);
    Browser::new(&server).log_in("robot", PASSWORD).expect(403);
    let users = ada.get("/admin/users/").expect(200).text();
    assert!(users.contains("service account") && users.contains("It belongs to ada."), "{users}");
    let page = ada.get(tokens).expect(200).text();
    assert!(page.contains("It belongs to ada."), "{page}");
    let shown = server.ok(&["user", "show", "robot"]);
    assert!(shown.contains("owner     ada"), "{shown}");
}

fn the_operator_is_told_when_no_administrator_is_left(backend: Backend) {
    let server = super::start(backend, &[]);
    let told = |name: &str| {
        let output = server.run_command(&["user", "disable", name], "");
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap().contains("No administrator is left")
    };
    assert!(!told("bob"), "ada is there");
    assert!(told("ada"));
}

fn errors_know_who_is_logged_in(backend: Backend) {
    let server = super::start(backend, &[]);
    let mut ada = Browser::logged_in(&server, "ada");
    for path in ["/nothing", "/project/nothing/", "/admin/users/nobody/history/"] {
        let page = ada.get(path).expect(404).text();
        assert!(page.contains(">ada</a>") && page.contains("Log out"), "{path}: {page}");
        assert!(!page.contains("Log in"), "{path}: {page}");
        // Its button works.
        assert!(page.contains(&ada.csrf()), "{path}: {page}");
    }
    let page = Browser::new(&server).get("/nothing").expect(404).text();
    assert!(page.contains("Log in") && !page.contains("Log out"), "{page}");
}
