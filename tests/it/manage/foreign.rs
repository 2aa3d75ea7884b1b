//! What belongs to somebody else is not there.

use super::{act, between, place};
use crate::support::server::PASSWORD;
use crate::support::{Backend, on_both};
use crate::web::Browser;

on_both!(
    ids_of_others_are_not_there,
    a_form_needs_its_secret_and_its_origin,
    a_session_can_be_ended_from_another,
);

fn ids_of_others_are_not_there(backend: Backend) {
    let server = super::start(backend, &[]);
    let mut ada = Browser::logged_in(&server, "ada");
    act(&mut ada, "/manage/account/emails/add", &[("email", "ada@two.example")]).expect(303);
    let form = [("description", "ci"), ("token_scope", "scope:user")];
    act(&mut ada, "/manage/account/token/", &form).expect(200);
    let mut other = Browser::logged_in(&server, "ada");
    let id = |browser: &mut Browser<'_>, path: &str, name: &str| {
        let page = browser.get(path).expect(200).text();
        between(&page, &format!("name=\"{name}\" value=\""), "\"").to_owned()
    };
    let email = id(&mut ada, "/manage/account/", "email_id");
    let token = id(&mut ada, "/manage/account/token/", "token_id");
    let session = id(&mut ada, "/manage/account/sessions/", "session_id");
    server.sql(
        "INSERT INTO remembered_devices (digest, user_id, created_at, expires_at) \
         SELECT 'x', id, '2026-01-01 00:00:00', '2999-01-01 00:00:00' FROM users \
         WHERE username = 'ada'",
    );
    let device = id(&mut ada, "/manage/account/sessions/", "device_id");
    let mut bob = Browser::logged_in(&server, "bob");
    let foreign = [
        ("/manage/account/emails/primary", "email_id", &email),
        ("/manage/account/emails/reverify", "email_id", &email),
        ("/manage/account/emails/delete", "email_id", &email),
        ("/manage/account/token/revoke", "token_id", &token),
        ("/manage/account/sessions/end", "session_id", &session),
        ("/manage/account/devices/forget", "device_id", &device),
    ];
    for (path, name, id) in foreign {
        for id in [id.as_str(), "999999", "-1", "9223372036854775807"] {
            act(&mut bob, path, &[(name, id)]).expect(404);
        }
        for id in ["", "x", "9223372036854775808"] {
            let status = act(&mut bob, path, &[(name, id)]).status;
            assert_eq!(status, 400, "{path} {id:?}");
        }
    }
    for path in super::ADMIN_PAGES.iter().chain(&["/admin/users/ada/history/"]) {
        bob.get(path).expect(404);
    }
    for (path, pairs) in super::FORMS.iter().filter(|(path, _)| path.starts_with("/admin/")) {
        act(&mut bob, path, pairs).expect(404);
    }
    // All of it is still there, and its owner may.
    other.get("/manage/account/").expect(200);
    for (path, name, id) in foreign.iter().skip(1) {
        act(&mut ada, path, &[(name, id)]).expect(303);
    }
    assert_eq!(place(other.get("/manage/account/")), "/account/login/");
}

fn a_form_needs_its_secret_and_its_origin(backend: Backend) {
    let server = super::start(backend, &[]);
    let mut ada = Browser::logged_in(&server, "ada");
    let mut other = Browser::logged_in(&server, "ada");
    for (path, pairs) in super::FORMS {
        let mut all = crate::web::fields(pairs);
        ada.post(path, &all).expect(403);
        all.insert("csrf_token".to_owned(), other.csrf());
        ada.post(path, &all).expect(403);
        all.insert("csrf_token".to_owned(), ada.csrf());
        ada.post_from(path, &all, "https://evil.example").expect(403);
    }
    let page = ada.get("/manage/account/token/").expect(200).text();
    assert!(!page.contains("name=\"token_id\""), "{page}");
}

fn a_session_can_be_ended_from_another(backend: Backend) {
    let server = super::start(backend, &[]);
    let mut here = Browser::logged_in(&server, "ada");
    let mut there = Browser::logged_in(&server, "ada");
    let mut third = Browser::logged_in(&server, "ada");
    let page = here.get("/manage/account/sessions/").expect(200).text();
    assert_eq!(page.matches("name=\"session_id\"").count(), 2, "{page}");
    let id = between(&page, "name=\"session_id\" value=\"", "\"").to_owned();
    let end = "/manage/account/sessions/end";
    act(&mut here, end, &[("session_id", &id)]).expect(303);
    let left = [there.is_logged_in(), third.is_logged_in()];
    assert_eq!(left.iter().filter(|is| **is).count(), 1);
    act(&mut here, end, &[]).expect(303);
    assert!(!there.is_logged_in() && !third.is_logged_in() && here.is_logged_in());
    // A new password ends the others too, and asks for the old one.
    let mut there = Browser::logged_in(&server, "ada");
    let new = "another staple of horses";
    let path = "/manage/account/password";
    let form =
        |old, new, again| [("password", old), ("new_password", new), ("password_confirm", again)];
    for (old, new, again, words) in [
        ("wrong", new, new, "Your current password is not right."),
        (PASSWORD, new, "another", "The two new passwords differ"),
        (PASSWORD, "password1", "password1", "guess"),
    ] {
        let text = act(&mut here, path, &form(old, new, again)).expect(400).text();
        assert!(text.contains(words), "{words}: {text}");
        assert!(!text.contains(new), "{text}");
    }
    assert_eq!(place(act(&mut here, path, &form(PASSWORD, new, new))), "/manage/account/");
    assert!(here.is_logged_in() && !there.is_logged_in());
    Browser::new(&server).log_in("ada", PASSWORD).expect(403);
    Browser::new(&server).log_in("ada", new).expect(303);
}
