//! The pages in a real browser, with every page checked for accessibility: `tests/browser/`.

use std::path::Path;
use std::process::Command;

use crate::clients::succeed;
use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Provider, Said, Server, eventually, on_both, prepared};
use crate::web::FILE;

on_both!(
    an_account_lives_in_a_real_browser,
    a_project_lives_in_a_real_browser,
    a_lapsed_domain_opens_nothing_in_a_real_browser,
    an_index_is_administered_in_a_real_browser,
    results_come_while_somebody_types,
    packages_are_read_in_a_real_browser,
);

fn an_account_lives_in_a_real_browser(backend: Backend) {
    let server = Server::start_with(backend, &[FILE]);
    let link = server.ok(&["user", "invite"]);
    let (_, query) = link.trim().split_once("/account/register/").unwrap();
    let invitation = format!("/account/register/{query}");
    let mut python = script(&server, "accounts.py");
    python.arg(server.data().join("mail")).arg(invitation).arg(server.scratch());
    run(&server, &mut python);
}

fn a_project_lives_in_a_real_browser(backend: Backend) {
    let server = Server::start_with(backend, &[FILE]);
    server.add_user("eve");
    for dist in [Dist::wheel("Foo", "1.0"), Dist::wheel("Foo", "2.0"), Dist::sdist("Foo", "2.0")] {
        server.upload(&dist).send().expect(200);
    }
    let mut python = script(&server, "projects.py");
    run(&server, python.arg(server.scratch()).arg(PASSWORD));
}

fn a_lapsed_domain_opens_nothing_in_a_real_browser(backend: Backend) {
    let provider = Provider::start();
    provider.otherwise(Said::fastly("active"));
    provider.answer("lapsed.com", Said::fastly("undelegated inactive"));
    let mut server = crate::domains::prepare(backend, &provider, &[FILE]);
    server.add_user("ada");
    server.sql("UPDATE users SET is_admin = true");
    server.add_user("bob");
    server.sql("UPDATE emails SET address = 'bob@lapsed.com', address_key = 'bob@lapsed.com' WHERE address = 'bob@example.org'");
    server.run();
    let mut python = script(&server, "domains.py");
    python.arg(server.data().join("mail")).arg(server.scratch()).arg(PASSWORD);
    run(&server, &mut python);
}

fn an_index_is_administered_in_a_real_browser(backend: Backend) {
    let server = Server::start_with(backend, &[FILE]);
    server.sql("UPDATE users SET is_admin = true WHERE username = 'ada'");
    server.add_user("bob");
    server.add_user("eve");
    server.sql("UPDATE emails SET verified_at = NULL WHERE address = 'eve@example.org'");
    let dist = Dist::wheel("Foo", "1.0");
    server.upload(&dist).login("bob", PASSWORD).send().expect(200);
    let mut python = script(&server, "admin.py");
    run(&server, python.arg(server.scratch()).arg(PASSWORD));
}

/// A script that drives a browser on this server.
fn script(server: &Server, name: &str) -> Command {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser").join(name);
    let mut python = Command::new(prepared("TEST_CLIENTS").join("python"));
    python.arg(script).arg(server.url());
    python.env("TEST_AXE", prepared("TEST_AXE")).env("PYTHONDONTWRITEBYTECODE", "1");
    python
}

fn run(server: &Server, python: &mut Command) {
    succeed(python);
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
    run(&server, script(&server, "search.py").arg(server.scratch()));
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
    run(&server, script(&server, "reading.py").arg(server.scratch()));
}
