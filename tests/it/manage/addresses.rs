//! The addresses of an account, and the way out where the primary one is not verified.

use super::{act, between, place};
use crate::support::server::PASSWORD;
use crate::support::{Backend, on_both};
use crate::web::{Browser, FILE, mail, mails};

on_both!(
    an_address_is_added_verified_made_primary_and_removed,
    an_account_without_verified_address_is_led_to_the_cure,
    a_taken_address_looks_like_any_other,
);

const ADD: &str = "/manage/account/emails/add";

/// The id of the address in a form that goes to `action`.
fn id(browser: &mut Browser<'_>, page: &str, action: &str) -> String {
    let page = browser.get(page).expect(200).text();
    let form = between(&page, &format!("/manage/account/emails/{action}\">"), "</form>");
    between(form, "name=\"email_id\" value=\"", "\"").to_owned()
}

fn an_address_is_added_verified_made_primary_and_removed(backend: Backend) {
    let server = super::start(backend, &[FILE]);
    let mut ada = Browser::logged_in(&server, "ada");
    for (bad, words) in [
        ("no address", "This is not a mail address."),
        ("ada@example.org", "This address is one of yours already."),
    ] {
        let text = act(&mut ada, ADD, &[("email", bad)]).expect(400).text();
        assert!(text.contains(words), "{text}");
    }
    assert_eq!(place(act(&mut ada, ADD, &[("email", "ada@two.example")])), "/manage/account/");
    let page = ada.get("/manage/account/").expect(200).text();
    assert!(page.contains("ada@two.example") && page.contains("not verified"), "{page}");
    let new = id(&mut ada, "/manage/account/", "reverify");
    let primary = "/manage/account/emails/primary";
    act(&mut ada, primary, &[("email_id", &new)]).expect(400);
    let link = mail(&server, "ada@two.example", "Verify").link(&server);
    ada.submit(&link, &[]);
    let page = ada.get("/manage/account/").expect(200).text();
    assert!(!page.contains("not verified"), "{page}");
    act(&mut ada, primary, &[("email_id", &new)]).expect(303);
    act(&mut ada, "/manage/account/emails/delete", &[("email_id", &new)]).expect(400);
    let old = id(&mut ada, "/manage/account/", "delete");
    act(&mut ada, "/manage/account/emails/delete", &[("email_id", &old)]).expect(303);
    let page = ada.get("/manage/account/").expect(200).text();
    assert!(!page.contains("ada@example.org"), "{page}");
    let history = ada.get("/manage/account/history/").expect(200).text();
    let changed = "ada@two.example became the primary address instead of ada@example.org.";
    assert!(history.contains(changed), "{history}");
}

fn an_account_without_verified_address_is_led_to_the_cure(backend: Backend) {
    let server = super::start(backend, &[FILE]);
    server.sql(
        "UPDATE emails SET verified_at = NULL, unverify_reason = 'the domain seems to have expired'",
    );
    let mut ada = Browser::new(&server);
    ada.log_in("ada", PASSWORD).expect(303);
    let cure = "/manage/unverified-account/";
    for path in super::PAGES {
        assert_eq!(place(ada.get(path)), cure, "{path}");
    }
    let page = ada.get(cure).expect(200).text();
    assert!(page.contains("the domain seems to have expired"), "{page}");
    let own = id(&mut ada, cure, "reverify");
    let reverify = "/manage/account/emails/reverify";
    assert_eq!(place(act(&mut ada, reverify, &[("email_id", &own)])), cure);
    let first = mail(&server, "ada@example.org", "Verify").link(&server);
    // Another address can take its place.
    assert_eq!(place(act(&mut ada, ADD, &[("email", "ada@two.example")])), cure);
    let text = act(&mut ada, ADD, &[("email", "ada@two.example")]).expect(400).text();
    assert!(text.contains("Verify your primary address"), "{text}");
    let link = mail(&server, "ada@two.example", "Verify").link(&server);
    ada.submit(&link, &[]).expect(303);
    assert_eq!(place(ada.get("/manage/account/")), cure);
    let new = id(&mut ada, cure, "primary");
    let done = act(&mut ada, "/manage/account/emails/primary", &[("email_id", &new)]);
    assert_eq!(place(done), "/manage/account/");
    assert_eq!(place(ada.get(cure)), "/manage/account/");
    ada.submit(&first, &[]).expect(303);
}

fn a_taken_address_looks_like_any_other(backend: Backend) {
    let server = super::start(backend, &[FILE]);
    let mut ada = Browser::logged_in(&server, "ada");
    assert_eq!(place(act(&mut ada, ADD, &[("email", "BOB@example.org")])), "/manage/account/");
    let page = ada.get("/manage/account/").expect(200).text();
    assert!(page.contains("BOB@example.org") && page.contains("not verified"), "{page}");
    mail(&server, "bob@example.org", "used again");
    assert!(mails(&server).iter().all(|it| !it.subject.contains("Verify")));
}
