//! Pages lead to where that can be mended which they miss.

use super::{FORMS, PAGES, act, place};
use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, on_both};
use crate::web::{Browser, second_factor};

on_both!(
    without_a_login_all_lead_there,
    what_is_sensitive_asks_for_the_password_again,
    a_demanded_second_factor_is_led_to,
    every_form_is_whole,
);

fn without_a_login_all_lead_there(backend: Backend) {
    let server = super::start(backend, &[]);
    let mut nobody = Browser::new(&server);
    let more = ["/manage/projects/", "/manage/unverified-account/"];
    for path in PAGES.iter().chain(&super::ADMIN_PAGES).chain(&more) {
        let reply = nobody.get(path).expect(303);
        let next: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        assert_eq!(reply.header("location"), Some(&*format!("/account/login/?next={next}")));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
    for (path, pairs) in FORMS {
        assert_eq!(place(act(&mut nobody, path, pairs)), "/account/login/", "{path}");
    }
}

fn what_is_sensitive_asks_for_the_password_again(backend: Backend) {
    let server = super::start(backend, &[]);
    let mut ada = Browser::logged_in(&server, "ada");
    server.sql("UPDATE sessions SET confirmed_at = '2026-01-01 00:00:00'");
    let confirm = "/account/reauthenticate/";
    for path in PAGES {
        let is_sensitive =
            path.contains("two-factor") || path.contains("codes") || path.contains("totp");
        let reply = ada.get(path);
        if is_sensitive {
            assert_eq!(place(reply), confirm, "{path}");
        } else {
            reply.expect(200);
        }
    }
    for (path, pairs) in FORMS {
        let is_open = ["/profile", "/password", "/reverify", "/end", "/forget"];
        if !is_open.iter().any(|end| path.ends_with(end)) {
            assert_eq!(place(act(&mut ada, path, pairs)), confirm, "{path}");
        }
    }
    let page = ada.get("/manage/account/token/").expect(200).text();
    assert!(!page.contains("name=\"token_scope\"") && page.contains("Confirm your password"));
    let back = format!("{confirm}?next=/manage/account/token/");
    ada.submit(&back, &[("password", "wrong")]).expect(403);
    let reply = ada.submit(&back, &[("password", PASSWORD)]);
    assert_eq!(place(reply), "/manage/account/token/");
    let page = ada.get("/manage/account/token/").expect(200).text();
    assert!(page.contains("name=\"token_scope\""), "{page}");
}

fn a_demanded_second_factor_is_led_to(backend: Backend) {
    for rule in ["maintainers", "everyone"] {
        let server = super::start(backend, &[("CHEESESHOP_ACCOUNTS__REQUIRE_2FA", rule)]);
        let mut bob = Browser::new(&server);
        bob.log_in("bob", PASSWORD).expect(303);
        let factor = "/manage/account/two-factor/";
        if rule == "maintainers" {
            bob.get("/manage/account/").expect(200);
        }
        // Uploads go on, and make a maintainer.
        server.upload(&Dist::wheel("foo", "1.0")).login("bob", PASSWORD).send().expect(200);
        for path in ["/manage/account/", "/manage/account/token/", "/manage/projects/"] {
            assert_eq!(place(bob.get(path)), factor, "{path}");
        }
        let page = bob.get(factor).expect(200).text();
        assert!(page.contains("This index asks for a second factor."), "{page}");
        bob.get("/manage/account/recovery-codes/generate").expect(200);
        server.upload(&Dist::wheel("foo", "1.1")).login("bob", PASSWORD).send().expect(200);
        second_factor(&server, "bob");
        bob.get("/manage/account/").expect(200);
        server.upload(&Dist::wheel("foo", "1.2")).login("bob", PASSWORD).send().expect(200);
    }
}

fn every_form_is_whole(backend: Backend) {
    let server = super::start(backend, &[]);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    server.upload(&Dist::wheel("bar", "1.0")).send().expect(200);
    let mut ada = Browser::logged_in(&server, "ada");
    act(&mut ada, "/manage/account/emails/add", &[("email", "ada@two.example")]).expect(303);
    act(&mut ada, "/admin/users/service", &[("username", "robot")]).expect(303);
    second_factor(&server, "ada");
    let more = ["/manage/projects/", "/admin/users/robot/token/", "/admin/users/ada/history/"];
    for path in PAGES.iter().chain(&super::ADMIN_PAGES).chain(&more) {
        let reply = ada.get(path);
        let is_page = |kind: &str| kind.starts_with("text/html");
        if reply.status == 303 || !reply.header("content-type").is_some_and(is_page) {
            continue;
        }
        let policy = reply.header("content-security-policy").unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        let page = reply.expect(200).text();
        super::is_whole(path, &page);
    }
}
