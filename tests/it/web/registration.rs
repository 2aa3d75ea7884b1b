//! Making an account in the browser, and verifying its address.

use crate::support::server::PASSWORD;
use crate::support::{Backend, Reply, Server, on_both};

use super::{Browser, FILE, mail, mails};

on_both!(
    the_policy_decides_who_may_register,
    an_account_is_made_by_invitation_and_verified_by_mail,
    the_log_of_an_empty_index_makes_its_administrator,
    errors_stand_beside_their_fields,
    a_taken_address_looks_like_a_free_one_and_is_told,
);

const OPEN: (&str, &str) = ("CHEESESHOP_ACCOUNTS__REGISTRATION", "open");

fn register(browser: &mut Browser<'_>, path: &str, name: &str, email: &str) -> Reply {
    let fields = [
        ("username", name),
        ("full_name", "Somebody"),
        ("email", email),
        ("new_password", PASSWORD),
        ("password_confirm", PASSWORD),
    ];
    browser.submit(path, &fields)
}

fn the_policy_decides_who_may_register(backend: Backend) {
    for (policy, status) in [("open", 200), ("invite", 403), ("closed", 403)] {
        let setting = ("CHEESESHOP_ACCOUNTS__REGISTRATION", policy);
        let server = Server::start_with(backend, &[setting]);
        let mut browser = Browser::new(&server);
        let page = browser.get("/account/register/").expect(status);
        assert!(page.text().contains("<h1>"), "{policy}");
        assert_eq!(page.text().contains("new_password"), status == 200, "{policy}");
        let login = browser.get("/account/login/").expect(200).text();
        assert_eq!(login.contains("/account/register/"), policy == "open");
        let mut form = super::fields(&[
            ("username", "bob"),
            ("email", "bob@example.org"),
            ("new_password", PASSWORD),
            ("password_confirm", PASSWORD),
        ]);
        form.insert("csrf_token".to_owned(), browser.csrf());
        let expected = if status == 200 { 303 } else { 403 };
        browser.post("/account/register/", &form).expect(expected);
        let users = server.ok(&["user", "list"]);
        assert_eq!(users.contains("bob"), policy == "open");
    }
}

fn an_account_is_made_by_invitation_and_verified_by_mail(backend: Backend) {
    let mut server = Server::prepare(backend, &[FILE]);
    server.add_user("ada");
    server.run();
    server.set("CHEESESHOP_PUBLIC_URL", &server.url());
    let link = server.ok(&["user", "invite", "--email", "bob@example.org"]);
    let path = mail(&server, "bob@example.org", "invited").link(&server);
    assert_eq!(link.trim(), format!("{}{path}", server.url()));
    let mut browser = Browser::new(&server);
    let made = register(&mut browser, &path, "bob", "bob@example.org").expect(303);
    assert_eq!(made.header("location"), Some("/account/login/"));
    assert!(!browser.is_logged_in());
    let login = browser.get("/account/login/").expect(200).text();
    assert!(login.contains("open the link in the mail"), "{login}");
    browser.get(&path).expect(403);
    let path = mail(&server, "bob@example.org", "Verify").link(&server);
    assert!(path.starts_with("/account/verify-email/?token="));
    // Without a login it leads there and back.
    let led = browser.get(&path).expect(303);
    let to_login = led.header("location").unwrap().to_owned();
    assert!(to_login.starts_with("/account/login/?next=%2Faccount%2Fverify-email%2F%3Ftoken%3D"));
    let back = browser.submit(&to_login, &[("username", "bob"), ("password", PASSWORD)]);
    assert_eq!(back.expect(303).header("location"), Some(&*path));
    let verified = || server.ok(&["user", "show", "bob"]).contains("(verified");
    // Opening it changes nothing, however often.
    browser.get(&path).expect(200);
    browser.get(&path).expect(200);
    assert!(!verified());
    // Nobody else can use it.
    let mut ada = Browser::logged_in(&server, "ada");
    ada.get(&path).expect(400);
    browser.submit(&path, &[]).expect(303);
    assert!(verified());
    let again = browser.get(&path).expect(400).text();
    assert!(again.contains("This link has been used"), "{again}");
    browser.get("/account/verify-email/").expect(400);
    browser.get("/account/verify-email/?token=x").expect(400);
}

fn the_log_of_an_empty_index_makes_its_administrator(backend: Backend) {
    let closed = ("CHEESESHOP_ACCOUNTS__REGISTRATION", "closed");
    let mut server = Server::prepare(backend, &[closed]);
    server.run();
    let log = server.log();
    let line = log.iter().find(|line| line.contains("/account/register/?invitation=")).unwrap();
    let path = line.split_once("/account/register/").unwrap().1.split_whitespace().next().unwrap();
    let path = format!("/account/register/{path}");
    let mut browser = Browser::new(&server);
    register(&mut browser, &path, "root", "root@example.org").expect(303);
    browser.get(&path).expect(403);
    assert!(server.ok(&["user", "show", "root"]).contains("admin     yes"));
    let second = server.second();
    assert!(!second.log().iter().any(|line| line.contains("invitation=")));
    let mut empty = Server::prepare(backend, &[]);
    empty.run();
    empty.kill();
    empty.set("CHEESESHOP_READ_ONLY", "true");
    empty.run();
    assert!(!empty.log().iter().any(|line| line.contains("invitation=")));
}

fn errors_stand_beside_their_fields(backend: Backend) {
    let server = Server::start_with(backend, &[OPEN]);
    let mut browser = Browser::new(&server);
    let good = [
        ("username", "bob"),
        ("full_name", "Bob <b>"),
        ("email", "bob@example.org"),
        ("new_password", PASSWORD),
        ("password_confirm", PASSWORD),
    ];
    for (field, value, words) in [
        ("username", "ADA", "This user name is taken."),
        ("username", "-bob", "A user name has letters"),
        ("full_name", "https://spam.example", "no URL"),
        ("email", "bob", "This is not a mail address."),
        ("new_password", "short", "The two passwords differ."),
        ("password_confirm", "other", "The two passwords differ."),
    ] {
        let form = good.map(|(name, old)| (name, if name == field { value } else { old }));
        let page = browser.submit("/account/register/", &form).expect(400).text();
        let shown = if field == "new_password" { "password_confirm" } else { field };
        let mark = format!("aria-invalid=\"true\" aria-describedby=\"{shown}-problem");
        assert!(page.contains(&mark), "{field}: {page}");
        let begin = format!("id=\"{shown}-problem\">");
        assert!(page.split_once(&begin).unwrap().1.split('<').next().unwrap().contains(words));
        assert!(!page.contains(PASSWORD) && !page.contains("<b>"), "{page}");
    }
    let weak = good.map(|(name, old)| (name, if old == PASSWORD { "password" } else { old }));
    let page = browser.submit("/account/register/", &weak).expect(400).text();
    assert!(page.contains("new_password-problem"), "{page}");
    assert_eq!(server.ok(&["user", "list"]).lines().count(), 2);
}

fn a_taken_address_looks_like_a_free_one_and_is_told(backend: Backend) {
    let server = Server::start_with(backend, &[OPEN, FILE]);
    let answer = |name: &str, email: &str| {
        let mut browser = Browser::new(&server);
        let made = register(&mut browser, "/account/register/", name, email).expect(303);
        let page = browser.get("/account/login/").expect(200).text();
        let secret = browser.csrf();
        (made.header("location").unwrap().to_owned(), page.replace(&secret, ""))
    };
    let (free, taken) = (answer("bob", "bob@example.org"), answer("eve", "ADA@example.org"));
    assert_eq!(free, taken);
    mail(&server, "bob@example.org", "Verify");
    let told = mail(&server, "ada@example.org", "used again");
    assert!(told.text.contains("your account ada"), "{}", told.text);
    assert!(!told.text.contains("eve") && !told.text.contains("verify-email"), "{}", told.text);
    assert_eq!(mails(&server).len(), 2);
}
