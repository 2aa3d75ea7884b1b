//! What administrators do to accounts.

use super::{done, refused, start};
use crate::manage::{act, between, place};
use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, on_both};
use crate::web::{Browser, mail, second_factor};

on_both!(
    accounts_are_found_by_name_person_and_address,
    an_account_is_stopped_and_works_again,
    a_password_is_reset_by_a_mailed_link,
    what_lets_somebody_in_is_ended,
    an_address_is_verified_and_a_second_factor_reset,
    the_last_administrator_stays,
    every_act_stands_in_the_log,
);

const BOB: &str = "/admin/user/bob/";

fn accounts_are_found_by_name_person_and_address(backend: Backend) {
    let server = start(backend);
    server.sql("UPDATE users SET full_name = 'Grace 100% Hopper' WHERE username = 'eve'");
    let mut ada = Browser::logged_in(&server, "ada");
    let mut found = |query: &str| {
        let page = ada.get(&format!("/admin/users/?{query}")).expect(200).text();
        let rows = page.split("/admin/user/").skip(1).map(|row| between(row, "", "/").to_owned());
        rows.collect::<Vec<_>>()
    };
    assert_eq!(found(""), ["ada", "bob", "eve"]);
    assert_eq!(found("q=BO"), ["bob"]);
    assert_eq!(found("q=eve%40example"), ["eve"]);
    assert_eq!(found("q=hopper"), ["eve"]);
    assert_eq!(found("q=0%25+h"), ["eve"]);
    assert_eq!(found("q=&after=ADA"), ["bob", "eve"]);
    for nothing in ["q=%25%25", "q=_", "q=%00", "q=nobody", "q=%5C", "after=%00"] {
        assert!(found(nothing).is_empty(), "{nothing}");
    }
}

fn an_account_is_stopped_and_works_again(backend: Backend) {
    let server = start(backend);
    let (mut ada, mut bob) =
        (Browser::logged_in(&server, "ada"), Browser::logged_in(&server, "bob"));
    let token = server.token("bob");
    refused(&mut ada, "/admin/user/bob/disable", &[], "Say why");
    refused(&mut ada, "/admin/user/bob/disable", &[("reason", "a\nb")], "one line");
    refused(&mut ada, "/admin/user/bob/disable", &[("reason", &"x".repeat(501))], "one line");
    assert!(bob.is_logged_in());
    let form = [("reason", "left <the> company")];
    done(&mut ada, "/admin/user/bob/disable", &form, "The account is disabled.");
    assert!(!bob.is_logged_in());
    Browser::new(&server).log_in("bob", PASSWORD).expect(403);
    server.upload(&Dist::wheel("foo", "1.1")).token(&token).send().expect(403);
    let told = mail(&server, "bob@example.org", "Your account was disabled").text;
    assert!(told.contains("The reason: left <the> company"), "{told}");
    done(&mut ada, "/admin/user/bob/disable", &form, "nothing was changed");
    done(&mut ada, "/admin/user/bob/enable", &[], "The account works again.");
    server.upload(&Dist::wheel("foo", "1.1")).token(&token).send().expect(200);
    mail(&server, "bob@example.org", "Your account works again");
    act(&mut ada, "/admin/user/nobody/disable", &form).expect(404);
}

fn a_password_is_reset_by_a_mailed_link(backend: Backend) {
    let server = start(backend);
    let (mut ada, bob) = (Browser::logged_in(&server, "ada"), Browser::logged_in(&server, "bob"));
    let path = "/admin/user/bob/reset-password";
    refused(&mut ada, path, &[], "Say why");
    done(&mut ada, path, &[("reason", "leaked")], "A link to choose a new one is mailed.");
    assert!(!bob.clone().is_logged_in());
    Browser::new(&server).log_in("bob", PASSWORD).expect(403);
    server.upload(&Dist::wheel("foo", "1.1")).login("bob", PASSWORD).send().expect(403);
    let link = mail(&server, "bob@example.org", "Choose a new password").link(&server);
    let new = "another staple of horses";
    let form = [("new_password", new), ("password_confirm", new)];
    let mut browser = Browser::new(&server);
    let page = browser.get(&link).expect(200).text();
    let action = link.split('?').next().unwrap();
    let mut fields = crate::web::fields(&form);
    let token = link.split_once("token=").unwrap().1;
    fields.insert("token".to_owned(), token.to_owned());
    fields.insert(
        "csrf_token".to_owned(),
        between(&page, "name=\"csrf_token\" value=\"", "\"").to_owned(),
    );
    browser.post(action, &fields).expect(303);
    Browser::new(&server).log_in("bob", new).expect(303);
    let history = ada.get("/admin/users/bob/history/").expect(200).text();
    assert!(history.contains("An administrator reset the password"), "{history}");
    // Nobody could log in again without an address that reads mails.
    server.sql("UPDATE emails SET verified_at = NULL WHERE address = 'eve@example.org'");
    let eve = "/admin/user/eve/reset-password";
    refused(&mut ada, eve, &[("reason", "x")], "no verified primary address");
    Browser::new(&server).log_in("eve", PASSWORD).expect(303);
}

fn what_lets_somebody_in_is_ended(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let (mut one, mut two) =
        (Browser::logged_in(&server, "bob"), Browser::logged_in(&server, "bob"));
    let token = server.token("bob");
    let page = ada.get(BOB).expect(200).text();
    let id = between(&page, "name=\"session_id\" value=\"", "\"").to_owned();
    let end = "/admin/user/bob/sessions/end";
    // A session of somebody else is not there.
    act(&mut ada, "/admin/user/eve/sessions/end", &[("session_id", &id)]).expect(404);
    done(&mut ada, end, &[("session_id", &id)], "The sessions are ended.");
    assert_eq!([one.is_logged_in(), two.is_logged_in()].iter().filter(|is| **is).count(), 1);
    done(&mut ada, end, &[], "The sessions are ended.");
    assert!(!one.is_logged_in() && !two.is_logged_in() && ada.is_logged_in());
    mail(&server, "bob@example.org", "Your logins were ended");
    let id = between(&page, "name=\"token_id\" value=\"", "\"").to_owned();
    let revoke = "/admin/users/bob/token/revoke";
    act(&mut ada, "/admin/users/eve/token/revoke", &[("token_id", &id), ("reason", "x")])
        .expect(404);
    refused(&mut ada, revoke, &[("token_id", &id)], "Say why");
    done(&mut ada, revoke, &[("token_id", &id), ("reason", "found")], "The token is revoked");
    server.upload(&Dist::wheel("foo", "1.1")).token(&token).send().expect(403);
    mail(&server, "bob@example.org", "An API token was revoked");
}

fn an_address_is_verified_and_a_second_factor_reset(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    second_factor(&server, "bob");
    let path = "/admin/user/bob/reset-2fa";
    refused(&mut ada, path, &[], "Say why");
    done(&mut ada, path, &[("reason", "lost phone")], "has no second factor any more");
    assert_eq!(place(Browser::new(&server).log_in("bob", PASSWORD)), "/manage/account/");
    mail(&server, "bob@example.org", "The second factor is off");
    server.sql("UPDATE emails SET verified_at = NULL WHERE address = 'eve@example.org'");
    let page = ada.get("/admin/user/eve/").expect(200).text();
    let id = between(&page, "name=\"email_id\" value=\"", "\"").to_owned();
    let form = [("email_id", id.as_str()), ("reason", "called her")];
    act(&mut ada, "/admin/user/bob/verify", &form).expect(404);
    refused(&mut ada, "/admin/user/eve/verify", &form[..1], "Say why");
    done(&mut ada, "/admin/user/eve/verify", &form, "counts as verified now");
    mail(&server, "eve@example.org", "An address was verified");
}

fn the_last_administrator_stays(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let (mine, reason) = ("/admin/user/ada/administrator", ("reason", "holidays"));
    refused(&mut ada, mine, &[("is_admin", "no"), reason], "This is the last administrator");
    refused(&mut ada, "/admin/user/ada/disable", &[reason], "This is the last administrator");
    refused(&mut ada, mine, &[("is_admin", "perhaps"), reason], "Say yes or no.");
    done(
        &mut ada,
        "/admin/user/bob/administrator",
        &[("is_admin", "yes"), reason],
        "has the rights of an administrator",
    );
    mail(&server, "bob@example.org", "You are an administrator now");
    // One who cannot log in is none who counts.
    server.sql("UPDATE users SET disabled_at = '2026-01-01 00:00:00' WHERE username = 'bob'");
    refused(&mut ada, mine, &[("is_admin", "no"), reason], "This is the last administrator");
    server.sql("UPDATE users SET disabled_at = NULL WHERE username = 'bob'");
    let left = act(&mut ada, mine, &[("is_admin", "no"), reason]);
    assert_eq!(place(left), "/manage/account/");
    ada.get("/admin/").expect(404);
    let mut bob = Browser::logged_in(&server, "bob");
    bob.get("/admin/").expect(200);
    act(&mut bob, "/admin/users/service", &[("username", "robot")]).expect(303);
    refused(
        &mut bob,
        "/admin/user/robot/administrator",
        &[("is_admin", "yes"), reason],
        "A service account cannot log in",
    );
}

fn every_act_stands_in_the_log(backend: Backend) {
    let server = start(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let disable = "/admin/user/eve/disable";
    done(&mut ada, disable, &[("reason", "left & gone")], "is disabled");
    act(&mut ada, "/admin/users/invite/", &[("note", "Grace")]).expect(200);
    let page = ada.get("/admin/users/invite/").expect(200).text();
    let id = between(&page, "name=\"invitation_id\" value=\"", "\"").to_owned();
    act(&mut ada, "/admin/users/invite/revoke", &[("invitation_id", &id)]).expect(303);
    act(&mut ada, "/admin/users/service", &[("username", "robot")]).expect(303);
    let form = [("description", "ci"), ("token_scope", "scope:user")];
    act(&mut ada, "/admin/users/robot/token/", &form).expect(200);
    server.ok(&["user", "enable", "eve"]);
    let mut rows = |query: &str| {
        let page = ada.get(&format!("/admin/log/{query}")).expect(200).text();
        let rows = page.split("<tr><td>").skip(1);
        let cell = |row: &str| {
            let end = row.find(['<', ':']).unwrap();
            let who = row.split("</td><td>").nth(1).unwrap();
            (row.split_at(end).0.to_owned(), who.split('<').next().unwrap().to_owned())
        };
        rows.map(cell).collect::<Vec<_>>()
    };
    let pair = |what: &str, who: &str| (what.to_owned(), who.to_owned());
    let all = [
        pair("Enabled the account", "operator"),
        pair("Made an API token", "ada"),
        pair("Made a service account", "ada"),
        pair("Took an invitation back", "ada"),
        pair("Made an invitation", "ada"),
        pair("Disabled the account", "ada"),
    ];
    assert_eq!(rows(""), all);
    assert_eq!(rows("?who=operator"), all[..1]);
    assert_eq!(rows("?target=eve"), [all[0].clone(), all[5].clone()]);
    assert_eq!(rows("?act=user:disable"), all[5..]);
    assert!(rows("?who=nobody").is_empty() && rows("?before=1").is_empty());
    assert_eq!(rows("?before=x&act=nothing"), all);
    let page = ada.get("/admin/log/?target=eve").expect(200).text();
    assert!(page.contains("left &#38; gone") && page.contains("127.0.0.1"), "{page}");
    // It outlives the accounts.
    server.sql("DELETE FROM users WHERE username = 'eve'");
    assert!(ada.get("/admin/log/").expect(200).text().contains("left &#38; gone"));
}
