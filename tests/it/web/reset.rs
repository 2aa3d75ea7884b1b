//! A new password by a mailed link.

use std::collections::BTreeSet;

use cheeseshop::time;

use crate::support::server::PASSWORD;
use crate::support::{Backend, Server, eventually, on_both};

use super::mails::Mail;
use super::{Browser, FILE, fields, mail, mails, second_factor};

on_both!(
    a_mailed_link_sets_a_new_password_and_nothing_else,
    a_link_dies_with_a_login_and_with_a_password_change,
    the_answer_is_the_same_for_everything,
    an_address_that_is_not_verified_gets_no_link,
    asking_is_limited,
);

const NEW: &str = "an entirely new passphrase";
const ASK: &str = "/account/request-password-reset/";

fn ask(server: &Server, name: &str) -> u16 {
    Browser::new(server).submit(ASK, &[("username_or_email", name)]).status
}

fn link(server: &Server) -> String {
    mail(server, "ada@example.org", "A new password").link(server)
}

fn a_mailed_link_sets_a_new_password_and_nothing_else(backend: Backend) {
    let server = Server::start_with(backend, &[FILE]);
    let (app, _) = second_factor(&server, "ada");
    let mut elsewhere = Browser::new(&server);
    elsewhere.log_in("ada", PASSWORD).expect(303);
    let code = app.code(time::now());
    elsewhere.submit("/account/two-factor/", &[("totp_value", &*code)]).expect(303);
    assert!(elsewhere.is_logged_in());
    assert_eq!(ask(&server, "ADA@example.org"), 303);
    let path = link(&server);
    let mut browser = Browser::new(&server);
    let page = browser.get(&path).expect(200);
    assert!(page.text().contains("for the account ada"));
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    for (new, again, words) in [
        (NEW, "other", "The two passwords differ."),
        ("ada@example.org", "ada@example.org", "problem"),
        ("short", "short", "problem"),
    ] {
        let form = [("new_password", new), ("password_confirm", again)];
        let page = browser.submit(&path, &form).expect(400).text();
        assert!(page.contains(words), "{page}");
    }
    let form = [("new_password", NEW), ("password_confirm", NEW)];
    let done = browser.submit(&path, &form).expect(303);
    assert_eq!(done.header("location"), Some("/account/login/"));
    assert!(!browser.is_logged_in() && !elsewhere.is_logged_in());
    mail(&server, "ada@example.org", "Your password was changed");
    browser.get(&path).expect(400);
    browser.log_in("ada", PASSWORD).expect(403);
    let next = browser.log_in("ada", NEW).expect(303);
    assert!(next.header("location").unwrap().starts_with("/account/two-factor/"));
}

fn a_link_dies_with_a_login_and_with_a_password_change(backend: Backend) {
    let server = Server::start_with(backend, &[FILE]);
    ask(&server, "ada");
    let path = link(&server);
    let mut browser = Browser::new(&server);
    browser.get(&path).expect(200);
    Browser::logged_in(&server, "ada");
    browser.get(&path).expect(400);
    std::fs::remove_dir_all(server.data().join("mail")).unwrap();
    ask(&server, "ada");
    let path = link(&server);
    browser.get(&path).expect(200);
    server.run_command(&["user", "set-password", "ada", "--password-stdin"], NEW);
    browser.get(&path).expect(400);
    let token = path.split_once("token=").unwrap().1;
    let mut form = fields(&[("token", token), ("new_password", NEW), ("password_confirm", NEW)]);
    form.insert("csrf_token".to_owned(), browser.csrf());
    browser.post("/account/reset-password/", &form).expect(400);
    for bad in ["/account/reset-password/", "/account/reset-password/?token=%00"] {
        browser.get(bad).expect(400);
    }
    // A link for one purpose is good for no other.
    browser.log_in("ada", NEW).expect(303);
    browser.get(&format!("/account/verify-email/?token={token}")).expect(400);
}

fn the_answer_is_the_same_for_everything(backend: Backend) {
    let server = Server::start_with(backend, &[FILE]);
    server.ok(&["user", "add", "bob", "--email", "bob@example.org", "--password-stdin"]);
    server.add_user("carl");
    server.ok(&["user", "disable", "carl"]);
    server.ok(&["user", "add-service", "ci"]);
    let long = "x".repeat(9_999);
    let asked =
        ["ada", "bob", "carl", "ci", "nobody", "ada@example.org", "x@example.org", "", &long];
    let answers: BTreeSet<String> = asked
        .map(|name| {
            let mut browser = Browser::new(&server);
            let reply = browser.submit(ASK, &[("username_or_email", name)]).expect(303);
            let headers = reply.told();
            let page = browser.get("/account/login/").expect(200).text();
            format!("{headers:?} {:?} {}", reply.body, page.replace(&browser.csrf(), ""))
        })
        .into_iter()
        .collect();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    // A wrong password and an unknown user are one, too.
    let wrong: BTreeSet<String> = ["ada", "nobody", "carl", "ci"]
        .map(|name| {
            let mut browser = Browser::new(&server);
            let page = browser.log_in(name, "wrong password").expect(403).text();
            page.replace(&browser.csrf(), "").replace(&format!("value=\"{name}\""), "")
        })
        .into_iter()
        .collect();
    assert_eq!(wrong.len(), 1, "{wrong:#?}");
    // Carl is told that his account is disabled, and nothing else.
    let is_carls = |mail: &Mail| mail.to == "carl@example.org";
    let others = || mails(&server).iter().filter(|mail| !is_carls(mail)).count();
    eventually("three are mailed", || others() == 3);
    let told: Vec<_> = mails(&server).into_iter().filter(is_carls).collect();
    assert!(told.len() <= 1 && told.iter().all(|mail| !mail.text.contains("reset-password")));
}

fn an_address_that_is_not_verified_gets_no_link(backend: Backend) {
    let server = Server::start_with(backend, &[FILE]);
    server.ok(&["user", "add", "bob", "--email", "bob@example.org", "--password-stdin"]);
    ask(&server, "bob");
    let told = mail(&server, "bob@example.org", "A new password");
    assert!(told.text.contains("not verified") && !told.text.contains("http"), "{}", told.text);
    // An address that loses its verification after the mail left is no good either.
    ask(&server, "ada");
    let path = link(&server);
    server.sql("UPDATE emails SET verified_at = NULL WHERE address = 'ada@example.org'");
    let mut browser = Browser::new(&server);
    let form = [("new_password", NEW), ("password_confirm", NEW)];
    let page = browser.submit(&path, &form).expect(400).text();
    assert!(page.contains("This link has been used, is too old"), "{page}");
}

fn asking_is_limited(backend: Backend) {
    let server = Server::start_with(backend, &[FILE]);
    let statuses = [(); 6].map(|()| ask(&server, "ada"));
    assert_eq!(statuses, [303, 303, 303, 303, 303, 429]);
    let reply = Browser::new(&server).submit(ASK, &[("username_or_email", "ada")]);
    assert!(reply.header("retry-after").is_some());
    assert!(reply.text().contains("Too many password resets were asked for"));
}
