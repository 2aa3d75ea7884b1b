//! The lessons of two security audits of PyPI, one test each; the names carry the finding
//! (`TOB-PYPI26-…` is the audit of 2026, the others are of 2023).

use std::collections::BTreeSet;
use std::time::Duration;

use cheeseshop::accounts::user::User;
use cheeseshop::accounts::{Username, event};
use cheeseshop::time;

use crate::admin::permissions::COMPLETE;
use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Reply, Server, eventually, on_both};

use super::attacks::routes;
use super::{Browser, FILE, fields, mails, second_factor};

on_both!(
    tob_pypi26_4_the_end_of_a_project_token_is_in_the_history,
    tob_pypi26_5_the_reset_page_tells_nothing_of_rank,
    tob_pypi26_6_what_stops_an_account_stops_its_tokens,
    tob_pypi26_8_only_administrators_invite_and_rule,
    tob_pypi26_9_blanks_in_a_code_make_no_other_code,
    tob_pypi26_11_tokens_of_others_cannot_be_ended,
    tob_pypi26_14_what_administrators_do_is_in_the_history,
    audit_2023_4_mails_are_limited_wherever_they_are_caused,
    audit_2023_5_the_password_comes_before_the_state_of_the_account,
    audit_2023_9_pages_allow_browsers_nothing,
    audit_2023_12_a_header_of_a_stranger_is_no_address,
);

const ASK: &str = "/account/request-password-reset/";
const TOKENS: &str = "/manage/account/token/";

/// An index whose `ada` is an administrator, and with `bob`, who is none.
fn start(backend: Backend, settings: &[(&str, &str)]) -> Server {
    let server = Server::start_with(backend, settings);
    server.sql("UPDATE users SET is_admin = true WHERE username = 'ada'");
    server.add_user("bob");
    server
}

fn act(browser: &mut Browser<'_>, path: &str, pairs: &[(&str, &str)]) -> Reply {
    let mut all = fields(pairs);
    all.insert("csrf_token".to_owned(), browser.csrf());
    browser.post(path, &all)
}

/// What stands between two texts on a page, each time.
fn all_between<'a>(page: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    page.split(before).skip(1).map(|rest| rest.split_once(after).unwrap().0).collect()
}

/// The tags of the history of an account, each with what else is known.
fn history(server: &Server, name: &str) -> Vec<String> {
    let (db, name) = (server.open_database(), Username::parse(name).unwrap());
    let events = db.read(move |c| {
        let user = User::by_name(c, &name)?.unwrap();
        let filter = event::Filter { user: Some(user.id), ..event::Filter::default() };
        Ok(event::list(c, &filter, 100)?)
    });
    let events = tokio::runtime::Runtime::new().unwrap().block_on(events).unwrap();
    events.into_iter().map(|event| format!("{} {}", event.tag, event.detail())).collect()
}

fn tob_pypi26_4_the_end_of_a_project_token_is_in_the_history(backend: Backend) {
    let server = start(backend, &[]);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let mut ada = Browser::logged_in(&server, "ada");
    let form = [("description", "narrow"), ("token_scope", "scope:project:foo")];
    act(&mut ada, TOKENS, &form).expect(200);
    let page = ada.get(TOKENS).expect(200).text();
    let id = all_between(&page, "name=\"token_id\" value=\"", "\"")[0].to_owned();
    act(&mut ada, "/manage/account/token/revoke", &[("token_id", &id)]).expect(303);
    let ended = |it: &&String| it.starts_with("account:api_token:removed");
    let history = history(&server, "ada");
    let found = history.iter().find(ended).unwrap_or_else(|| panic!("{history:?}"));
    assert!(found.contains("narrow"), "{found}");
    let page = ada.get("/manage/account/history/").expect(200).text();
    assert!(page.contains("narrow") && page.contains("revoked"), "{page}");
}

fn tob_pypi26_5_the_reset_page_tells_nothing_of_rank(backend: Backend) {
    let server = start(backend, &[FILE]);
    server.ok(&["user", "add-service", "robot"]);
    server.add_user("carl");
    server.ok(&["user", "disable", "carl"]);
    let answers: BTreeSet<String> = ["ada", "bob", "carl", "robot", "nobody"]
        .map(|name| {
            let mut browser = Browser::new(&server);
            let reply = browser.submit(ASK, &[("username_or_email", name)]);
            let headers = reply.told();
            format!("{} {headers:?} {:?}", reply.status, reply.body)
        })
        .into_iter()
        .collect();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    // And behind that the privileged account gets its mail as anybody does.
    let told =
        |name: &str| mails(&server).iter().any(|mail| mail.to == format!("{name}@example.org"));
    eventually("both are mailed", || told("ada") && told("bob"));
    let asked = mails(&server).into_iter().filter(|mail| mail.text.contains("reset-password"));
    let to: BTreeSet<String> = asked.map(|mail| mail.to).collect();
    assert_eq!(to, BTreeSet::from(["ada@example.org".to_owned(), "bob@example.org".to_owned()]));
}

/// PyPI's ban of addresses was not asked where a token came. What bans here is the state of the
/// account.
fn tob_pypi26_6_what_stops_an_account_stops_its_tokens(backend: Backend) {
    let server = start(backend, &[("CHEESESHOP_PRIVATE", "true")]);
    let (upload, narrow) = (server.token("ada"), {
        server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
        server.ok(&["token", "create", "ada", "--project", "foo"]).trim().to_owned()
    });
    let mut ada = Browser::logged_in(&server, "ada");
    let statuses = |version: &str| {
        let mut all = Vec::new();
        for token in [&upload, &narrow] {
            let read = server.get("/simple/foo/").basic("__token__", token).send();
            all.push(read.status);
            let dist = Dist::wheel("foo", &format!("{version}.{}", all.len()));
            all.push(server.upload(&dist).token(token).send().status);
        }
        all.push(server.get("/simple/foo/").basic("ada", PASSWORD).send().status);
        all
    };
    assert_eq!(statuses("2"), [200; 5]);
    assert!(ada.is_logged_in());
    server.ok(&["user", "disable", "ada"]);
    assert_eq!(statuses("3"), [401, 403, 401, 403, 401]);
    assert!(!ada.is_logged_in());
    server.ok(&["user", "enable", "ada"]);
    assert_eq!(statuses("4"), [200; 5]);
    assert!(!ada.is_logged_in(), "what ended stays so");
}

fn tob_pypi26_8_only_administrators_invite_and_rule(backend: Backend) {
    let server = start(backend, &[]);
    let mut bob = Browser::logged_in(&server, "bob");
    let ruled: Vec<_> = routes().into_iter().filter(|it| it.path.starts_with("/admin/")).collect();
    assert!(ruled.len() >= 8, "{ruled:?}");
    for route in ruled {
        let path = route.filled();
        if route.reads {
            bob.get(&path).expect(404);
        }
        if route.writes {
            act(&mut bob, &path, &COMPLETE).expect(404);
        }
    }
    let mut ada = Browser::logged_in(&server, "ada");
    let open = ada.get("/admin/users/invite/").expect(200).text();
    assert!(!open.contains("name=\"invitation_id\""), "{open}");
    let users = ada.get("/admin/users/").expect(200).text();
    assert!(!users.contains("robot"), "{users}");
    // Rank is looked up at each request, and not kept with the session.
    server.sql("UPDATE users SET is_admin = false WHERE username = 'ada'");
    ada.get("/admin/users/").expect(404);
    act(&mut ada, "/admin/users/invite/", &[("note", "x")]).expect(404);
}

fn tob_pypi26_9_blanks_in_a_code_make_no_other_code(backend: Backend) {
    let server = start(backend, &[]);
    let (app, _) = second_factor(&server, "ada");
    let code = app.code(time::now());
    let path = "/account/two-factor/";
    let mut browser = Browser::new(&server);
    browser.log_in("ada", PASSWORD).expect(303);
    browser.submit(path, &[("totp_value", &*code)]).expect(303);
    let (left, right) = code.split_at_checked(3).unwrap();
    // Less than the five wrong codes that are the end of it.
    for again in [format!("{left} {right}"), format!(" {code}"), format!("{left}\u{a0}{right}\n")] {
        let mut browser = Browser::new(&server);
        browser.log_in("ada", PASSWORD).expect(303);
        let page = browser.submit(path, &[("totp_value", &*again)]).expect(400).text();
        assert!(page.contains("This code is not right"), "{again:?}: {page}");
        assert!(!browser.is_logged_in());
    }
    // The next code is taken with blanks in it: they are no reason by themselves.
    let next = app.code(time::now() + Duration::from_secs(30));
    let (left, right) = next.split_at_checked(3).unwrap();
    let mut browser = Browser::new(&server);
    browser.log_in("ada", PASSWORD).expect(303);
    browser.submit(path, &[("totp_value", &*format!(" {left} {right} "))]).expect(303);
}

fn tob_pypi26_11_tokens_of_others_cannot_be_ended(backend: Backend) {
    let server = start(backend, &[]);
    let token = server.token("ada");
    let mut ada = Browser::logged_in(&server, "ada");
    let page = ada.get(TOKENS).expect(200).text();
    let id = all_between(&page, "name=\"token_id\" value=\"", "\"")[0].to_owned();
    let mut bob = Browser::logged_in(&server, "bob");
    for path in ["/manage/account/token/revoke", "/admin/tokens/revoke"] {
        act(&mut bob, path, &[("token_id", &id)]).expect(404);
    }
    server.upload(&Dist::wheel("foo", "1.0")).token(&token).send().expect(200);
    act(&mut ada, "/manage/account/token/revoke", &[("token_id", &id)]).expect(303);
    server.upload(&Dist::wheel("foo", "1.1")).token(&token).send().expect(403);
}

fn tob_pypi26_14_what_administrators_do_is_in_the_history(backend: Backend) {
    let server = start(backend, &[]);
    second_factor(&server, "bob");
    let new = "an entirely new passphrase";
    for (command, expected) in [
        (&["user", "disable", "bob"][..], "account:disable"),
        (&["user", "enable", "bob"], "account:enable"),
        (&["user", "reset-2fa", "bob"], "account:two_factor:method_removed"),
        (&["user", "verify-email", "bob"], "account:email:verified"),
        (&["user", "set-password", "bob", "--password-stdin"], "account:password:change"),
        (&["token", "create", "bob"], "account:api_token:added"),
        (&["token", "revoke", "1"], "account:api_token:removed"),
    ] {
        let output = server.run_command(command, new);
        assert!(output.status.success(), "{command:?}");
        let history = history(&server, "bob");
        assert!(history[0].starts_with(expected), "{command:?}: {history:?}");
    }
    let mut ada = Browser::logged_in(&server, "ada");
    act(&mut ada, "/admin/users/invite/", &[("note", "Grace")]).expect(200);
    assert!(history(&server, "ada")[0].starts_with("account:invitation:add"));
    act(&mut ada, "/admin/users/service", &[("username", "robot")]).expect(303);
    let made = history(&server, "robot");
    assert!(made[0].starts_with("account:create") && made[0].contains("ada"), "{made:?}");
}

fn audit_2023_4_mails_are_limited_wherever_they_are_caused(backend: Backend) {
    let open = ("CHEESESHOP_ACCOUNTS__REGISTRATION", "open");
    let server = start(backend, &[FILE, open]);
    let until_refused = |mut cause: Box<dyn FnMut(usize) -> Reply + '_>| {
        let refused = (0..40).map(|number| (number, cause(number))).find(|it| it.1.status == 429);
        let (number, reply) = refused.unwrap_or_else(|| panic!("it is never refused"));
        assert!(reply.header("retry-after").is_some());
        number
    };
    // Asking for a reset, for one name and for many.
    let mut browser = Browser::new(&server);
    let one = until_refused(Box::new(|_| browser.submit(ASK, &[("username_or_email", "bob")])));
    let mut browser = Browser::new(&server);
    let many = until_refused(Box::new(|number| {
        browser.submit(ASK, &[("username_or_email", &*format!("user{number}"))])
    }));
    assert!(one <= 5 && many <= 10, "{one} {many}");
    // Adding addresses, and asking for their mails again.
    let mut bob = Browser::logged_in(&server, "bob");
    let added = until_refused(Box::new(|number| {
        act(&mut bob, "/manage/account/emails/add", &[("email", &format!("b{number}@example.org"))])
    }));
    let page = bob.get("/manage/account/").expect(200).text();
    let id = all_between(&page, "name=\"email_id\" value=\"", "\"").pop().unwrap().to_owned();
    let again = until_refused(Box::new(|_| {
        act(&mut bob, "/manage/account/emails/reverify", &[("email_id", &id)])
    }));
    assert!(added <= 6 && again == 0, "{added} {again}");
    // Registering.
    let mut browser = Browser::new(&server);
    let made = until_refused(Box::new(|number| {
        let (name, email) = (format!("new{number}"), format!("new{number}@example.org"));
        let form = [
            ("username", &*name),
            ("email", &*email),
            ("new_password", PASSWORD),
            ("password_confirm", PASSWORD),
        ];
        act(&mut browser, "/account/register/", &form)
    }));
    assert!(made <= 20, "{made}");
}

fn audit_2023_5_the_password_comes_before_the_state_of_the_account(backend: Backend) {
    let server = start(backend, &[("CHEESESHOP_PRIVATE", "true")]);
    server.add_user("carl");
    server.ok(&["user", "disable", "carl"]);
    let wrong = "not the password";
    let upload = |name, password| {
        let reply = server.upload(&Dist::wheel("foo", "1.0")).login(name, password).send();
        format!("{} {} {}", reply.status, reply.reason, reply.text())
    };
    let read = |name, password| {
        let reply = server.get("/simple/foo/").basic(name, password).send();
        format!("{} {} {}", reply.status, reply.reason, reply.text())
    };
    let page = |name, password| {
        let mut browser = Browser::new(&server);
        let page = browser.log_in(name, password).expect(403).text();
        page.replace(&browser.csrf(), "").replace(&format!("value=\"{name}\""), "")
    };
    // Who does not have the password learns nothing of the account;
    assert_eq!(upload("carl", wrong), upload("nobody", wrong));
    assert_eq!(read("carl", wrong), read("nobody", wrong));
    assert_eq!(page("carl", wrong), page("nobody", wrong));
    // who has it is told.
    for answer in [upload("carl", PASSWORD), read("carl", PASSWORD), page("carl", PASSWORD)] {
        assert!(answer.contains("This account is disabled"), "{answer}");
    }
}

fn audit_2023_9_pages_allow_browsers_nothing(backend: Backend) {
    let server = start(backend, &[]);
    let mut ada = Browser::logged_in(&server, "ada");
    for path in ["/", "/nothing", ASK, "/manage/account/", TOKENS, "/admin/users/"] {
        let reply = ada.get(path);
        let policy = reply.header("permissions-policy").unwrap_or_else(|| panic!("{path}"));
        for power in ["camera=()", "microphone=()", "geolocation=()", "usb=()", "payment=()"] {
            assert!(policy.contains(power), "{path}: {policy}");
        }
        let scripts = reply.header("content-security-policy").unwrap();
        assert!(scripts.starts_with("default-src 'none'"), "{path}: {scripts}");
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{path}");
        }
    }
}

fn audit_2023_12_a_header_of_a_stranger_is_no_address(backend: Backend) {
    // A proxy is trusted, but not the one that these requests come from.
    let server = start(backend, &[("CHEESESHOP_TRUSTED_PROXIES", "192.0.2.1")]);
    let guess = |number: usize| {
        let claimed = format!("198.51.100.{number}");
        let request = server.upload(&Dist::wheel("foo", "1.0")).login("nobody", "wrong");
        let request = request.request().header("X-Forwarded-For", &claimed);
        request.header("Forwarded", &format!("for={claimed}")).send().status
    };
    let statuses: Vec<u16> = (0..11).map(guess).collect();
    assert_eq!(statuses[..10], [403; 10]);
    assert_eq!(statuses[10], 429);
    let mut browser = Browser::new(&server);
    let request =
        browser.request("GET", "/account/login/").header("X-Forwarded-For", "198.51.100.7");
    browser.send(request).expect(200);
    let known = history(&server, "ada");
    assert!(!known.iter().any(|event| event.contains("198.51.100.")), "{known:?}");
}
