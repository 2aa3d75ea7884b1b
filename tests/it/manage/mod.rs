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
const ADMIN_PAGES: [&str; 6] = [
    "/admin/",
    "/admin/users/",
    "/admin/users/invite/",
    "/admin/tokens/",
    "/admin/downloads/",
    "/admin/downloads/export?format=csv",
];

/// Every form, with fields that are complete.
const FORMS: [(&str, &[(&str, &str)]); 16] = [
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
];

/// Sends a form with this browser's secret.
fn act(browser: &mut Browser<'_>, path: &str, pairs: &[(&str, &str)]) -> Reply {
    let mut all = fields(pairs);
    all.insert("csrf_token".to_owned(), browser.csrf());
    browser.post(path, &all)
}

/// What stands between two texts on a page, for the first time.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let rest = page.split_once(before).unwrap_or_else(|| panic!("no {before} in {page}")).1;
    rest.split_once(after).unwrap().0
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
fn place(reply: Reply) -> String {
    let reply = reply.expect(303);
    reply.header("location").unwrap().split('?').next().unwrap().to_owned()
}
