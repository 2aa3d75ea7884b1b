//! The mirror: projects of other indexes, served as if they were here.

mod access;
mod admin;
mod claims;
mod files;
mod files_bad;
mod files_metadata;
mod files_room;
mod files_shared;
mod fill;
mod list;
mod names;
mod pages;
mod people;
mod people_held;
mod rules;
mod several;
mod trouble;

use cheeseshop::db::Conn;
use serde_json::Value;

use crate::support::upstream::JSON;
use crate::support::{Backend, Reply, Server, Upstream, eventually};

const UPSTREAM: &str = "CHEESESHOP_MIRROR__UPSTREAM";

/// A server that takes from this index what it does not have.
fn mirror(backend: Backend, upstream: &Upstream) -> Server {
    mirror_with(backend, upstream, &[])
}

/// The same with more settings. `ada` is an administrator, who may use names of others.
fn mirror_with(backend: Backend, upstream: &Upstream, more: &[(&str, &str)]) -> Server {
    let url = upstream.url();
    let server = Server::start_with(backend, &[&[(UPSTREAM, url.as_str())], more].concat());
    server.sql("UPDATE users SET is_admin = true WHERE username = 'ada'");
    server
}

/// The answer for the JSON page of a project, whatever it is.
fn ask(server: &Server, project: &str) -> Reply {
    server.get(&format!("/simple/{project}/")).header("Accept", JSON).send()
}

/// The names of the files on a page.
fn files(page: &Value) -> Vec<&str> {
    page["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["filename"].as_str().unwrap())
        .collect()
}

/// Lets all pages be as old as can be, for all servers on this database.
fn age(server: &Server) {
    server.sql(
        "UPDATE mirror_pages SET checked_at = '2020-01-01 00:00:00';
         UPDATE mirror_changes SET serial = serial + 1;",
    );
}

/// Lets all pages be old, and waits until the index was asked for this one again.
#[track_caller]
fn ask_anew(server: &Server, upstream: &Upstream, project: &str) -> Reply {
    let before = upstream.asked_about(project);
    age(server);
    eventually("asked again", || {
        ask(server, project);
        upstream.asked_about(project) > before
    });
    ask(server, project)
}

/// Changes the database as another process would.
fn write<T: Send + 'static>(
    server: &Server,
    work: impl Fn(&mut Conn) -> cheeseshop::error::Result<T> + Send + 'static,
) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(server.open_database().write(work)).unwrap()
}

fn metric(server: &Server, name: &str) -> u64 {
    let text = server.get("/metrics").send().expect(200).text();
    let line = text.lines().find(|line| line.split(' ').next() == Some(name));
    line.unwrap_or_else(|| panic!("no {name}: {text}")).rsplit_once(' ').unwrap().1.parse().unwrap()
}
