//! Logging in and out, and what a cookie is worth afterwards.

use cheeseshop::time;

use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Server, on_both};

use super::attacks::routes;
use super::{Browser, fields, second_factor};

on_both!(
    a_login_leads_to_this_site_only,
    a_session_is_new_at_login_and_gone_at_logout,
    a_password_change_ends_stolen_cookies,
    half_a_login_opens_nothing,
    a_recovery_code_logs_in_once_and_is_mailed,
    a_cookie_is_no_credential_for_programs,
);

const SESSION: &str = "cheeseshop_session";

fn a_login_leads_to_this_site_only(backend: Backend) {
    let server = Server::start(backend);
    for (next, expected) in [
        ("/project/foo/?a=b", "/project/foo/?a=b"),
        ("https://evil.example/", "/manage/account/"),
        ("//evil.example/", "/manage/account/"),
        ("/\\evil.example/", "/manage/account/"),
        ("/\tx", "/manage/account/"),
        ("javascript:alert(1)", "/manage/account/"),
        ("", "/manage/account/"),
    ] {
        let mut browser = Browser::new(&server);
        let query = fields(&[("next", next)]);
        let query =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&query).finish();
        let path = format!("/account/login/?{query}");
        let reply = browser.submit(&path, &[("username", "ada"), ("password", PASSWORD)]);
        assert_eq!(reply.expect(303).header("location"), Some(expected), "{next}");
        // Who is logged in already is led on in the same way.
        assert_eq!(browser.get(&path).expect(303).header("location"), Some(expected), "{next}");
    }
    let mut browser = Browser::new(&server);
    let mut form =
        fields(&[("username", "ada"), ("password", PASSWORD), ("next", "//evil.example")]);
    form.insert("csrf_token".to_owned(), browser.csrf());
    let reply = browser.post("/account/login/", &form).expect(303);
    assert_eq!(reply.header("location"), Some("/manage/account/"));
}

fn a_session_is_new_at_login_and_gone_at_logout(backend: Backend) {
    let server = Server::start(backend);
    // A session that somebody else chose is not taken over.
    let chosen = "A".repeat(43);
    let mut browser = Browser::new(&server);
    browser.cookies.insert(SESSION.to_owned(), chosen.clone());
    browser.log_in("ada", PASSWORD).expect(303);
    let first = browser.cookies[SESSION].clone();
    assert_ne!(first, chosen);
    let mut thief = browser.clone();
    let mut second = Browser::logged_in(&server, "ada");
    assert_ne!(second.cookies[SESSION], first);
    assert!(thief.is_logged_in());
    let mut form = fields(&[]);
    form.insert("csrf_token".to_owned(), browser.csrf());
    browser.post("/account/logout/", &form).expect(303);
    assert!(!browser.cookies.contains_key(SESSION));
    // What was done is said once.
    let said =
        [(); 2].map(|()| browser.get("/").expect(200).text().contains("You are logged out."));
    assert_eq!(said, [true, false]);
    assert!(!thief.is_logged_in() && second.is_logged_in());
    // The secret of its forms died with it.
    thief.post("/account/logout/", &form).expect(403);
    server.ok(&["user", "disable", "ada"]);
    assert!(!second.is_logged_in());
}

fn a_password_change_ends_stolen_cookies(backend: Backend) {
    let server = Server::start(backend);
    let mut browser = Browser::logged_in(&server, "ada");
    let new = "an entirely new passphrase";
    server.run_command(&["user", "set-password", "ada", "--password-stdin"], new);
    assert!(!browser.is_logged_in());
    let refused = browser.log_in("ada", PASSWORD).expect(403);
    assert_eq!(refused.reason, "Invalid or non-existent authentication information");
    browser.log_in("ada", new).expect(303);
    assert!(browser.is_logged_in());
}

fn half_a_login_opens_nothing(backend: Backend) {
    let server = Server::start(backend);
    let (app, _) = second_factor(&server, "ada");
    let mut browser = Browser::new(&server);
    let half = browser.log_in("ada", PASSWORD).expect(303);
    assert!(half.header("location").unwrap().starts_with("/account/two-factor/"));
    assert!(!browser.cookies.contains_key(SESSION));
    let csrf = browser.csrf();
    let guarded = |path: &str| {
        ["/manage/", "/admin/"].iter().any(|start| path.starts_with(start))
            || ["/account/verify-email/", "/account/reauthenticate/"].contains(&path)
    };
    for route in routes().into_iter().filter(|route| guarded(&route.path)) {
        let path = route.filled();
        if route.reads {
            let reply = browser.get(&path).expect(303);
            assert!(reply.header("location").unwrap().starts_with("/account/login/"), "{path}");
        }
        if route.writes {
            let reply = browser.post(&path, &fields(&[("csrf_token", &csrf)])).expect(303);
            assert!(reply.header("location").unwrap().starts_with("/account/login/"), "{path}");
        }
    }
    // The state dies at the next login.
    let mut other = Browser::new(&server);
    other.log_in("ada", PASSWORD).expect(303);
    let code = app.code(time::now());
    let submitted = other.submit("/account/two-factor/", &[("totp_value", &*code)]).expect(303);
    assert_eq!(submitted.header("location"), Some("/manage/account/"));
    assert!(other.is_logged_in());
    let led = browser.get("/account/two-factor/").expect(303);
    assert_eq!(led.header("location"), Some("/account/login/"));
    // And a code is good once.
    let mut third = Browser::new(&server);
    third.log_in("ada", PASSWORD).expect(303);
    let (left, right) = code.split_at_checked(3).unwrap();
    let spaced = format!("{left} {right}");
    third.submit("/account/two-factor/", &[("totp_value", &*spaced)]).expect(400);
}

fn a_recovery_code_logs_in_once_and_is_mailed(backend: Backend) {
    let server = Server::start_with(backend, &[super::FILE]);
    let (_, code) = second_factor(&server, "ada");
    let path = "/account/recovery-code/";
    let mut browser = Browser::new(&server);
    browser.log_in("ada", PASSWORD).expect(303);
    browser.submit(path, &[("recovery_code_value", &*code)]).expect(303);
    assert!(browser.is_logged_in());
    let mut again = Browser::new(&server);
    again.log_in("ada", PASSWORD).expect(303);
    again.submit(path, &[("recovery_code_value", &*code)]).expect(400);
    super::mail(&server, "ada@example.org", "The second factor is on");
    let told =
        || super::mails(&server).into_iter().any(|mail| mail.text.contains("6 codes are left"));
    crate::support::eventually("its use is mailed", told);
    server.ok(&["user", "reset-2fa", "ada"]);
    super::mail(&server, "ada@example.org", "The second factor is off");
    Browser::logged_in(&server, "ada");
}

fn a_cookie_is_no_credential_for_programs(backend: Backend) {
    let server = Server::start(backend);
    let browser = Browser::logged_in(&server, "ada");
    let cookie = format!("{SESSION}={}", browser.cookies[SESSION]);
    let dist = Dist::wheel("foo", "1.0");
    let upload = server.upload(&dist).nobody().request().header("Cookie", &cookie);
    let status = upload.send().status;
    assert!([401, 403].contains(&status), "{status}");
}
