//! The pages on which people manage their accounts.

mod addresses;
mod admin;
mod closed;
mod foreign;
mod second_factor;
mod tokens;

use crate::support::{Backend, Reply, Server};
use crate::web::{Browser, fields};

/// Every page of the area that an account without rights has.
const PAGES: [&str; 8] = [
    "/manage/account/",
    "/manage/account/two-factor/",
    "/manage/account/recovery-codes/generate",
    "/manage/account/recovery-codes/burn",
    "/manage/account/totp-provision",
    "/manage/account/token/",
    "/manage/account/sessions/",
    "/manage/account/history/",
];

/// The same for administrators.
const ADMIN_PAGES: [&str; 16] = [
    "/admin/",
    "/admin/users/",
    "/admin/users/invite/",
    "/admin/domains/",
    "/admin/tokens/",
    "/admin/downloads/",
    "/admin/downloads/export?format=csv",
    "/admin/user/ada/",
    "/admin/projects/",
    "/admin/names/",
    "/admin/jobs/",
    "/admin/mail/",
    "/admin/journal/",
    "/admin/events/",
    "/admin/log/",
    "/admin/site/",
];

/// Every form, with fields that are complete.
const FORMS: [(&str, &[(&str, &str)]); 17] = [
    ("/manage/account/profile", &[("full_name", "Eve")]),
    (
        "/manage/account/password",
        &[("password", "x"), ("new_password", "y"), ("password_confirm", "y")],
    ),
    ("/manage/account/emails/add", &[("email", "eve@example.org")]),
    ("/manage/account/emails/primary", &[("email_id", "1")]),
    ("/manage/account/emails/reverify", &[("email_id", "1")]),
    ("/manage/account/emails/delete", &[("email_id", "1")]),
    ("/manage/account/recovery-codes/generate", &[]),
    ("/manage/account/recovery-codes/burn", &[("recovery_code_value", "0")]),
    ("/manage/account/totp-provision", &[("totp_value", "0")]),
    ("/manage/account/totp-disable", &[("totp_value", "0")]),
    ("/manage/account/sessions/end", &[]),
    ("/manage/account/devices/forget", &[]),
    ("/manage/account/token/", &[("description", "x"), ("token_scope", "scope:user")]),
    ("/manage/account/token/revoke", &[("token_id", "1")]),
    ("/admin/users/service", &[("username", "robot")]),
    ("/admin/users/invite/", &[("note", "x")]),
    ("/admin/domains/sweep", &[("confirm", "no")]),
];

/// Sends a form with this browser's secret.
pub fn act(browser: &mut Browser<'_>, path: &str, pairs: &[(&str, &str)]) -> Reply {
    let mut all = fields(pairs);
    all.insert("csrf_token".to_owned(), browser.csrf());
    browser.post(path, &all)
}

/// What stands between two texts on a page, for the first time.
pub fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let rest = page.split_once(before).unwrap_or_else(|| panic!("no {before} in {page}")).1;
    rest.split_once(after).unwrap().0
}

/// Whether the forms of a page prove themselves, its fields have labels, and nothing on it is of a
/// script.
pub fn is_whole(path: &str, page: &str) {
    // What only asks proves nothing.
    let forms = page.matches("<form ").count() - page.matches(" method=\"get\"").count();
    assert_eq!(
        page.matches("<form class=\"narrow\" method=\"post\" action=\"/").count()
            + page.matches("<form method=\"post\" action=\"/").count(),
        forms,
        "{path}"
    );
    assert_eq!(page.matches("name=\"csrf_token\"").count(), forms, "{path}");
    assert_eq!(page.matches("<h1>").count(), 1, "{path}");
    assert!(!page.contains(" style=") && !page.contains(" onclick="), "{path}");
    for input in page.split("<input ").skip(1).chain(page.split("<select ").skip(1)) {
        let input = input.split_once('>').unwrap().0;
        if input.contains("type=\"hidden\"") || input.contains("type=\"checkbox\"") {
            continue;
        }
        let id = between(input, "id=\"", "\"");
        assert!(page.contains(&format!("for=\"{id}\"")), "{path}: {id} has no label");
        assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{path}: {id}");
    }
}

/// An index whose `ada` is an administrator, and with `bob`, who is none.
fn start(backend: Backend, settings: &[(&str, &str)]) -> Server {
    let server = Server::start_with(backend, settings);
    server.sql("UPDATE users SET is_admin = true WHERE username = 'ada'");
    server.add_user("bob");
    server
}

/// Where an answer leads, without its query.
#[track_caller]
pub fn place(reply: Reply) -> String {
    let reply = reply.expect(303);
    reply.header("location").unwrap().split('?').next().unwrap().to_owned()
}
