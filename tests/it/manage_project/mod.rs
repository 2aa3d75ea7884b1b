//! The pages on which people manage their projects.

mod deletion;
mod invitations;
mod people;
mod permissions;
mod races;
mod releases;
mod settings;

use crate::manage::act;
use crate::support::{Backend, Dist, Reply, Server};
use crate::web::{Browser, FILE};

/// An index with the project `Foo`, version 1.0 as wheel and source: `ada` is its owner, `bob` its
/// maintainer, `eve` is nobody, and `root` an administrator.
fn start(backend: Backend) -> Server {
    let server = Server::start_with(backend, &[FILE]);
    for name in ["bob", "eve", "root"] {
        server.add_user(name);
    }
    server.sql("UPDATE users SET is_admin = true WHERE username = 'root'");
    server.upload(&Dist::wheel("Foo", "1.0")).send().expect(200);
    server.upload(&Dist::sdist("Foo", "1.0")).send().expect(200);
    give(&server, "bob", "Maintainer");
    server
}

/// Gives a role in the project behind the server's back.
fn give(server: &Server, user: &str, role: &str) {
    server.sql(&format!(
        "DELETE FROM roles WHERE project_id = (SELECT id FROM projects WHERE normalized = 'foo') \
         AND user_id = (SELECT id FROM users WHERE username = '{user}'); \
         INSERT INTO roles (project_id, user_id, role) SELECT projects.id, users.id, '{role}' \
         FROM projects, users WHERE normalized = 'foo' AND username = '{user}'"
    ));
}

/// The roles of a project, as everybody can read them.
fn roles(server: &Server) -> Vec<(String, String)> {
    let page = server.get("/pypi/foo/json").send().expect(200).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let roles = page["ownership"]["roles"].as_array().unwrap();
    roles.iter().map(|it| (text(&it["role"]), text(&it["user"]))).collect()
}

/// The history of the project, the latest first, as its page shows it: what and who.
fn history(browser: &mut Browser<'_>) -> Vec<(String, String)> {
    let page = browser.get("/manage/project/foo/history/").expect(200).text();
    let rows = page.split("<tr><td>").skip(1);
    let cells = |row: &str| {
        let cells: Vec<&str> = row.split("</td>").collect();
        let text = |cell: &str| cell.trim_start_matches("<td>").to_owned();
        (text(cells[0]), text(cells[2]))
    };
    rows.map(cells).collect()
}

/// The last serial of the index: how many changes the journal has.
fn serial(server: &Server) -> i64 {
    let call = "<methodCall><methodName>changelog_last_serial</methodName></methodCall>";
    let request = server.request("POST", "/pypi").header("Content-Type", "text/xml");
    let reply = request.body(call.as_bytes().to_vec()).send().expect(200).text();
    crate::manage::between(&reply, "<int>", "</int>").parse().unwrap()
}

/// Sends a form that is refused with these words on the page, and changes nothing.
#[track_caller]
fn refused(browser: &mut Browser<'_>, path: &str, pairs: &[(&str, &str)], words: &str) -> Reply {
    let before = serial(browser.server);
    let reply = act(browser, path, pairs).expect(400);
    let text = reply.text();
    assert!(text.contains(words) && text.contains("role=\"alert\""), "{words}: {text}");
    assert_eq!(serial(browser.server), before, "something was done");
    reply
}

/// Sends a form that makes one row in the journal; returns where it leads.
#[track_caller]
fn done(browser: &mut Browser<'_>, path: &str, pairs: &[(&str, &str)]) -> String {
    let before = serial(browser.server);
    let to = crate::manage::place(act(browser, path, pairs));
    assert_eq!(serial(browser.server), before + 1, "one row for {path}");
    to
}
