//! The second factor, from the first page to the last.

use std::process::Command;
use std::time::Duration;

use cheeseshop::time;

use super::{act, between, place};
use crate::accounts::App;
use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Server, on_both, prepared};
use crate::web::Browser;

on_both!(
    it_is_set_up_in_its_order_and_asked_for_at_the_login_only,
    codes_are_good_once_and_for_a_moment,
    a_recovery_code_lets_in_once_and_turns_it_off,
    other_programs_read_the_address_in_the_code,
    a_remembered_browser_can_be_forgotten,
);

const SETUP: &str = "/manage/account/totp-provision";
const GENERATE: &str = "/manage/account/recovery-codes/generate";
const BURN: &str = "/manage/account/recovery-codes/burn";
const OVERVIEW: &str = "/manage/account/two-factor/";
const STEP: Duration = Duration::from_secs(30);

/// The codes on the page that shows them.
fn codes(page: &str) -> Vec<String> {
    let rows = page.split("<li><code>").skip(1);
    rows.map(|row| row.split_once('<').unwrap().0.to_owned()).collect()
}

/// The address that the page offers to apps.
fn uri(browser: &mut Browser<'_>) -> String {
    let page = browser.get(SETUP).expect(200).text();
    between(&page, "<a href=\"otpauth:", "\"").replace("&#38;", "&").replace("&amp;", "&")
}

/// Sets it up; returns the app and the recovery codes that are left.
fn set_up(browser: &mut Browser<'_>) -> (App, Vec<String>) {
    let mut codes = codes(&act(browser, GENERATE, &[]).expect(200).text());
    let first = codes.remove(0);
    assert_eq!(place(act(browser, BURN, &[("recovery_code_value", &first)])), OVERVIEW);
    let app = App::scan(&format!("otpauth:{}", uri(browser)));
    let code = app.code(time::now());
    let done = act(browser, SETUP, &[("totp_value", &code)]);
    assert_eq!(place(done), "/manage/account/");
    (app, codes)
}

/// Lets the codes of this moment be taken again, as if time had gone by.
fn later(server: &Server) {
    server.sql("UPDATE users SET totp_last_step = 0 WHERE username = 'ada'");
}

/// A login up to the second factor.
fn halfway(server: &Server) -> Browser<'_> {
    let mut browser = Browser::new(server);
    assert_eq!(place(browser.log_in("ada", PASSWORD)), "/account/two-factor/");
    browser
}

fn enter<'a>(server: &'a Server, code: &str) -> (Browser<'a>, u16) {
    let mut browser = halfway(server);
    let status = browser.submit("/account/two-factor/", &[("totp_value", code)]).status;
    (browser, status)
}

fn it_is_set_up_in_its_order_and_asked_for_at_the_login_only(backend: Backend) {
    let server = super::start(backend, &[]);
    let mut ada = Browser::logged_in(&server, "ada");
    // Each step leads to the one that is missing.
    assert_eq!(place(ada.get(SETUP)), GENERATE);
    assert_eq!(place(ada.get(BURN)), GENERATE);
    assert_eq!(place(act(&mut ada, SETUP, &[("totp_value", "123456")])), GENERATE);
    let explained = ada.get(GENERATE).expect(200).text();
    assert!(codes(&explained).is_empty(), "a GET makes none: {explained}");
    let reply = act(&mut ada, GENERATE, &[]).expect(200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let made = codes(&reply.text());
    assert_eq!(made.len(), 8);
    assert_eq!(place(ada.get(SETUP)), BURN);
    let wrong = act(&mut ada, BURN, &[("recovery_code_value", "0123456789abcdef")]).expect(400);
    assert!(wrong.text().contains("This code is not right"), "{}", wrong.text());
    let (head, tail) = made[0].split_at(8);
    let spaced = format!(" {head} {}", tail.to_uppercase());
    assert_eq!(place(act(&mut ada, BURN, &[("recovery_code_value", &spaced)])), OVERVIEW);
    assert_eq!(place(ada.get(BURN)), OVERVIEW);
    // The page shows the same secret until it is in force.
    let page = ada.get(SETUP).expect(200);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let page = page.text();
    assert!(page.contains("<svg ") && page.contains("autocomplete=\"one-time-code\""), "{page}");
    let address = uri(&mut ada);
    assert_eq!(uri(&mut ada), address);
    let secret = between(&page, "<code class=\"long\">", "<");
    assert!(address.contains(&format!("secret={secret}")), "{address} {secret}");
    let app = App::scan(&format!("otpauth:{address}"));
    // A code of half an hour ago is no code; one of two minutes ago tells of a wrong clock.
    let old = app.code(time::now() - Duration::from_mins(30));
    let refused = act(&mut ada, SETUP, &[("totp_value", &old)]).expect(400).text();
    assert!(refused.contains("This code is not right"), "{refused}");
    let slow = app.code(time::now() - Duration::from_mins(2));
    let hint = act(&mut ada, SETUP, &[("totp_value", &slow)]).expect(400).text();
    assert!(hint.contains("the clock of your device is about"), "{hint}");
    let code = app.code(time::now());
    assert_eq!(place(act(&mut ada, SETUP, &[("totp_value", &code)])), "/manage/account/");
    let account = ada.get("/manage/account/").expect(200).text();
    assert!(account.contains("The second factor is on.") && account.contains("On since"));
    assert!(account.contains("7 recovery codes are left"), "{account}");
    assert_ne!(uri(&mut ada), address, "the next app gets another secret");
    // Logging in asks for it, uploading does not.
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let mut half = halfway(&server);
    for page in super::PAGES.iter().chain(&super::ADMIN_PAGES) {
        assert_eq!(place(half.get(page)), "/account/login/", "{page}");
    }
    for (path, pairs) in super::FORMS {
        let reply = act(&mut half, path, pairs);
        assert_eq!(place(reply), "/account/login/", "{path}");
    }
}

fn codes_are_good_once_and_for_a_moment(backend: Backend) {
    let server = super::start(backend, &[]);
    let (app, _) = set_up(&mut Browser::logged_in(&server, "ada"));
    let next = app.code(time::now() + STEP);
    let (head, tail) = next.split_at(3);
    let spaced = format!(" {head} {tail}\t");
    let (mut browser, status) = enter(&server, &spaced);
    assert_eq!(status, 303);
    browser.get("/manage/account/").expect(200);
    for again in [&next, &spaced, &app.code(time::now())] {
        assert_eq!(enter(&server, again).1, 400, "{again:?}");
    }
    later(&server);
    let before = app.code(time::now() - 2 * STEP);
    assert_eq!(enter(&server, &before).1, 400, "two steps ago");
    assert_eq!(enter(&server, &app.code(time::now())).1, 303);
}

fn a_recovery_code_lets_in_once_and_turns_it_off(backend: Backend) {
    let server = super::start(backend, &[]);
    let (_, codes) = set_up(&mut Browser::logged_in(&server, "ada"));
    let recover = |code: &str| {
        let mut browser = halfway(&server);
        let form = [("recovery_code_value", code)];
        let status = browser.submit("/account/recovery-code/", &form).status;
        (browser, status)
    };
    let (mut ada, status) = recover(&codes[0]);
    assert_eq!(status, 303);
    assert_eq!(recover(&codes[0]).1, 400);
    let disable = "/manage/account/totp-disable";
    act(&mut ada, disable, &[("totp_value", "000000")]).expect(400);
    act(&mut ada, disable, &[("totp_value", &codes[0])]).expect(400);
    assert_eq!(place(act(&mut ada, disable, &[("totp_value", &codes[1])])), OVERVIEW);
    let page = ada.get(OVERVIEW).expect(200).text();
    assert!(page.contains("The second factor is <b>off</b>"), "{page}");
    act(&mut ada, disable, &[("totp_value", &codes[2])]).expect(400);
    assert_eq!(place(Browser::new(&server).log_in("ada", PASSWORD)), "/manage/account/");
    let history = ada.get("/manage/account/history/").expect(200).text();
    for expected in [
        "The authenticator app was set up.",
        "The authenticator app was removed.",
        "A recovery code was refused: it had been used before.",
        "Login with a recovery code.",
        "Recovery codes were made.",
    ] {
        assert!(history.contains(expected), "{expected} is not in {history}");
    }
}

fn other_programs_read_the_address_in_the_code(backend: Backend) {
    let server = super::start(backend, &[("CHEESESHOP_SITE_NAME", "Käse, Co: 1")]);
    let mut ada = Browser::logged_in(&server, "ada");
    let first = codes(&act(&mut ada, GENERATE, &[]).expect(200).text()).remove(0);
    act(&mut ada, BURN, &[("recovery_code_value", &first)]).expect(303);
    let address = format!("otpauth:{}", uri(&mut ada));
    let page = ada.get(SETUP).expect(200).text();
    let secret = between(&page, "<code class=\"long\">", "<");
    let read = totp_rs::Totp::from_url(&address).unwrap();
    assert_eq!(read.secret().to_base32(), secret);
    let script = "import pyotp, sys\n\
                  t = pyotp.parse_uri(sys.argv[1])\n\
                  print(t.secret, t.digits, t.interval, t.name, t.issuer, t.at(1800000015))";
    let python = prepared("TEST_CLIENTS").join("python");
    let output = Command::new(python).args(["-c", script, &address]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let code = App::scan(&address).code(time::from_unix(1_800_000_015));
    let expected = format!("{secret} 6 30 ada Käse, Co  1 {code}\n");
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

fn a_remembered_browser_can_be_forgotten(backend: Backend) {
    let server = super::start(backend, &[]);
    let (app, _) = set_up(&mut Browser::logged_in(&server, "ada"));
    later(&server);
    let mut home = halfway(&server);
    let form = [("totp_value", &*app.code(time::now())), ("remember_device", "yes")];
    home.submit("/account/two-factor/", &form).expect(303);
    act(&mut home, "/account/logout/", &[]).expect(303);
    assert_eq!(place(home.log_in("ada", PASSWORD)), "/manage/account/");
    let page = home.get("/manage/account/sessions/").expect(200).text();
    let id = between(&page, "name=\"device_id\" value=\"", "\"").to_owned();
    let forget = "/manage/account/devices/forget";
    assert_eq!(place(act(&mut home, forget, &[("device_id", &id)])), "/manage/account/sessions/");
    act(&mut home, forget, &[("device_id", &id)]).expect(404);
    act(&mut home, "/account/logout/", &[]).expect(303);
    assert_eq!(place(home.log_in("ada", PASSWORD)), "/account/two-factor/");
}
