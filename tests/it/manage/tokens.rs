//! API tokens by the page: made, used, revoked.

use super::{act, between, place};
use crate::support::{Backend, Dist, on_both};
use crate::web::Browser;

on_both!(
    a_token_is_shown_once_and_works_until_it_is_revoked,
    a_token_speaks_for_the_chosen_projects_only,
    forms_that_make_no_token,
    free_text_is_harmless_on_every_page,
);

const PLACE: &str = "/manage/account/token/";

/// Makes a token; returns it.
fn make(browser: &mut Browser<'_>, pairs: &[(&str, &str)]) -> String {
    let reply = act(browser, PLACE, pairs).expect(200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let page = reply.text();
    between(&page, "class=\"token\" value=\"", "\"").to_owned()
}

fn a_token_is_shown_once_and_works_until_it_is_revoked(backend: Backend) {
    let server = super::start(backend, &[]);
    let mut ada = Browser::logged_in(&server, "ada");
    let form = [("description", "forge-7"), ("token_scope", "scope:user"), ("expires_days", "7")];
    let token = make(&mut ada, &form);
    assert!(token.starts_with("pypi-"), "{token}");
    let page = ada.get(PLACE).expect(200).text();
    assert!(page.contains("forge-7") && page.contains("last used: never"), "{page}");
    assert!(!page.contains(&token), "it is shown once");
    server.upload(&Dist::wheel("foo", "1.0")).token(&token).send().expect(200);
    let page = ada.get(PLACE).expect(200).text();
    assert!(!page.contains("last used: never"), "{page}");
    let id = between(&page, "name=\"token_id\" value=\"", "\"").to_owned();
    assert_eq!(place(act(&mut ada, "/manage/account/token/revoke", &[("token_id", &id)])), PLACE);
    let page = ada.get(PLACE).expect(200).text();
    assert!(page.contains("The token is revoked") && !page.contains("forge-7"), "{page}");
    act(&mut ada, "/manage/account/token/revoke", &[("token_id", &id)]).expect(404);
    server.upload(&Dist::wheel("foo", "1.1")).token(&token).send().expect(403);
    // A token that reads does not upload.
    let read = [("description", "reader"), ("token_scope", "scope:user"), ("permission", "read")];
    let token = make(&mut ada, &read);
    server.upload(&Dist::wheel("foo", "1.1")).token(&token).send().expect(403);
}

fn a_token_speaks_for_the_chosen_projects_only(backend: Backend) {
    let server = super::start(backend, &[]);
    for name in ["foo", "bar", "baz"] {
        server.upload(&Dist::wheel(name, "1.0")).send().expect(200);
    }
    let mut ada = Browser::logged_in(&server, "ada");
    let page = ada.get(PLACE).expect(200).text();
    assert!(page.contains("value=\"scope:project:foo\""), "{page}");
    let one = make(&mut ada, &[("description", "one"), ("token_scope", "scope:project:Foo")]);
    server.upload(&Dist::wheel("foo", "1.1")).token(&one).send().expect(200);
    server.upload(&Dist::wheel("bar", "1.1")).token(&one).send().expect(403);
    server.upload(&Dist::wheel("new", "1.1")).token(&one).send().expect(403);
    let form =
        [("description", "two"), ("token_scope", "scope:project:foo"), ("project:bar", "yes")];
    let two = make(&mut ada, &form);
    server.upload(&Dist::wheel("bar", "1.1")).token(&two).send().expect(200);
    server.upload(&Dist::wheel("baz", "1.1")).token(&two).send().expect(403);
    let page = ada.get(PLACE).expect(200).text();
    assert!(page.contains("For bar, foo."), "{page}");
}

fn forms_that_make_no_token(backend: Backend) {
    let server = super::start(backend, &[]);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let mut bob = Browser::logged_in(&server, "bob");
    let long = "x".repeat(101);
    let cases: [&[(&str, &str)]; 11] = [
        &[("description", " "), ("token_scope", "scope:user")],
        &[("description", &long), ("token_scope", "scope:user")],
        &[("description", "a\nb"), ("token_scope", "scope:user")],
        &[("description", "a"), ("token_scope", "scope:everything")],
        &[("description", "a"), ("token_scope", "")],
        // Somebody else's, and one that nobody has, are not told apart.
        &[("description", "a"), ("token_scope", "scope:project:foo")],
        &[("description", "a"), ("token_scope", "scope:project:nothing")],
        &[("description", "a"), ("token_scope", "scope:user"), ("project:foo", "yes")],
        &[("description", "a"), ("token_scope", "scope:user"), ("permission", "admin")],
        &[("description", "a"), ("token_scope", "scope:user"), ("expires_days", "0")],
        &[("description", "a"), ("token_scope", "scope:user"), ("expires_days", "-1 day")],
    ];
    for case in cases {
        let text = act(&mut bob, PLACE, case).expect(400).text();
        assert!(text.contains("role=\"alert\""), "{case:?}: {text}");
        assert!(!text.contains("pypi-"), "{case:?}: {text}");
    }
    act(&mut bob, PLACE, &[("token_scope", "scope:user")]).expect(400);
    act(&mut bob, "/manage/account/token/revoke", &[("token_id", "x")]).expect(400);
    let page = bob.get(PLACE).expect(200).text();
    assert!(!page.contains("name=\"token_id\""), "{page}");
}

fn free_text_is_harmless_on_every_page(backend: Backend) {
    let server = super::start(backend, &[]);
    let attack = "\"'><script>alert(1)</script><img src=x onerror=y>";
    let mut ada = Browser::new(&server);
    // The browser's own name is free text too.
    let form = {
        let mut form = crate::web::fields(&[
            ("username", "ada"),
            ("password", crate::support::server::PASSWORD),
        ]);
        form.insert("csrf_token".to_owned(), ada.csrf());
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
    };
    let cookies: Vec<String> = ada.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let request = server
        .request("POST", "/account/login/")
        .header("User-Agent", attack)
        .header("Cookie", &cookies.join("; "))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form.into_bytes());
    ada.send(request).expect(303);
    act(&mut ada, "/manage/account/profile", &[("full_name", attack)]).expect(303);
    let made = [("description", attack), ("token_scope", "scope:user")];
    let page = act(&mut ada, PLACE, &made).expect(200).text();
    assert!(!page.contains("<script") && !page.contains("<img src=x"), "{page}");
    act(&mut ada, "/admin/users/invite/", &[("note", attack)]).expect(200);
    act(&mut ada, PLACE, &[("description", attack), ("token_scope", attack)]).expect(400);
    let pages = super::PAGES.iter().chain(&super::ADMIN_PAGES);
    for path in pages.chain(&["/admin/users/ada/history/", "/manage/projects/"]) {
        let reply = ada.get(path);
        if reply.status == 303 {
            continue;
        }
        let text = reply.expect(200).text();
        assert!(!text.contains("<script") && !text.contains("<img src=x"), "{path}: {text}");
    }
    let shown = ada.get("/manage/account/sessions/").expect(200).text();
    assert!(shown.contains("&#60;script&#62;"), "{shown}");
}
