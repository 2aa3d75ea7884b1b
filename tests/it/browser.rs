//! The pages in a real browser, with every page checked for accessibility: `tests/browser/`.

use std::path::Path;
use std::process::Command;

use crate::clients::succeed;
use crate::support::{Backend, Server, on_both, prepared};
use crate::web::FILE;

on_both!(an_account_lives_in_a_real_browser);

fn an_account_lives_in_a_real_browser(backend: Backend) {
    let server = Server::start_with(backend, &[FILE]);
    let link = server.ok(&["user", "invite"]);
    let (_, query) = link.trim().split_once("/account/register/").unwrap();
    let invitation = format!("/account/register/{query}");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/accounts.py");
    let mut python = Command::new(prepared("TEST_CLIENTS").join("python"));
    python.arg(script).arg(server.url()).arg(server.data().join("mail"));
    python.arg(invitation).arg(server.scratch()).env("TEST_AXE", prepared("TEST_AXE"));
    succeed(python.env("PYTHONDONTWRITEBYTECODE", "1"));
    assert!(!server.log().iter().any(|line| line.contains("ERROR")), "{:?}", server.log());
}
