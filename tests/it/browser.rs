//! The pages in a real browser, with every page checked for accessibility: `tests/browser/`.

use std::path::Path;
use std::process::Command;

use crate::clients::succeed;
use crate::support::{Backend, Dist, Server, eventually, on_both, prepared};
use crate::web::FILE;

on_both!(
    an_account_lives_in_a_real_browser,
    results_come_while_somebody_types,
    packages_are_read_in_a_real_browser,
);

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

fn results_come_while_somebody_types(backend: Backend) {
    let server = Server::start(backend);
    let token = server.token("ada");
    let publish = |name: &str, metadata: &str| {
        let wheel = Dist::wheel_with(name, "1.0", metadata, "");
        server.upload(&wheel).token(&token).send().expect(200);
    };
    for number in 0..30 {
        let topic = "Classifier: Topic :: Utilities\nRequires-Python: >=3.9";
        let name = format!("tool-box-{number}");
        publish(&name, &format!("Summary: A tool for the box number {number}\n{topic}\n"));
    }
    publish("Flask", "Summary: A simple framework for building complex web applications.\n");
    publish("flask-login", "Summary: User authentication and session management for Flask.\n");
    let last = || server.get("/search/?q=flask-login").send().expect(200).text();
    eventually("all are found", || last().contains("/project/flask-login/"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/search.py");
    let mut python = Command::new(prepared("TEST_CLIENTS").join("python"));
    python.arg(script).arg(server.url()).arg(server.scratch());
    python.env("TEST_AXE", prepared("TEST_AXE")).env("PYTHONDONTWRITEBYTECODE", "1");
    succeed(&mut python);
    assert!(!server.log().iter().any(|line| line.contains("ERROR")), "{:?}", server.log());
}

fn packages_are_read_in_a_real_browser(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("six", "1.15")).send().expect(200);
    server.ok(&["project", "yank", "six", "1.15", "--reason", "too old"]);
    let packages = prepared("TEST_PACKAGES");
    server.ok(&["import", packages.to_str().unwrap(), "--owner", "ada"]);
    server.upload(&Dist::wheel("idna", "3.10")).send().expect(200);
    eventually("all are found", || {
        server.get("/search/?q=six").send().expect(200).text().contains("/project/six/")
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/reading.py");
    let mut python = Command::new(prepared("TEST_CLIENTS").join("python"));
    python.arg(script).arg(server.url()).arg(server.scratch());
    python.env("TEST_AXE", prepared("TEST_AXE")).env("PYTHONDONTWRITEBYTECODE", "1");
    succeed(&mut python);
    assert!(!server.log().iter().any(|line| line.contains("ERROR")), "{:?}", server.log());
}
