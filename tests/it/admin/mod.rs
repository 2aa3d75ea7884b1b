//! The pages of administrators.

mod accounts;
mod jobs;
mod names;
pub mod permissions;
mod projects;
mod quarantine;
mod site;

use crate::manage::act;
use crate::support::{Backend, Dist, Server};
use crate::web::{Browser, FILE};

/// An index whose `ada` is its only administrator, with the accounts `bob` and `eve`. `bob` owns
/// the project `foo`.
fn start(backend: Backend) -> Server {
    let server = Server::start_with(backend, &[FILE]);
    server.sql("UPDATE users SET is_admin = true WHERE username = 'ada'");
    server.add_user("bob");
    server.add_user("eve");
    upload(&server, "foo", "1.0", 200);
    server
}

/// An upload by `bob`; returns what the answer says.
#[track_caller]
fn upload(server: &Server, name: &str, version: &str, status: u16) -> String {
    let dist = Dist::wheel(name, version);
    let request = server.upload(&dist).login("bob", crate::support::server::PASSWORD);
    request.send().expect(status).text()
}

/// Sends a form that must be refused with these words.
#[track_caller]
fn refused(browser: &mut Browser<'_>, path: &str, pairs: &[(&str, &str)], words: &str) {
    let text = act(browser, path, pairs).expect(400).text();
    assert!(text.contains(words), "{path}: {words:?} is not in {text}");
}

/// Sends a form that must do something; the next page says these words.
#[track_caller]
fn done(browser: &mut Browser<'_>, path: &str, pairs: &[(&str, &str)], words: &str) {
    let reply = act(browser, path, pairs).expect(303);
    let place = reply.header("location").unwrap().to_owned();
    let text = browser.get(&place).expect(200).text();
    assert!(text.contains(words), "{path}: {words:?} is not in {text}");
}
