//! Who gets what from every route outside of `/manage/` and `/admin/`, which have tables of their
//! own: a route that the code declares and that has no row here fails.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::manage::act;
use crate::support::{Backend, Dist, Server, on_both};
use crate::web::Browser;

on_both!(everybody_gets_what_the_table_says, a_private_index_opens_what_the_table_says);

/// What anonymous, a user, a maintainer, an owner and an administrator get, each with a browser;
/// and anonymous on a private index, where `login` leads to the login and `401` asks for
/// credentials. Forms are sent with nothing but their secret, so 400 is: let in, and incomplete.
type Row = (&'static str, &'static str, [&'static str; 5], &'static str);

const ALL: [&str; 5] = ["200"; 5];
const MOVED: [&str; 5] = ["301"; 5];
const INCOMPLETE: [&str; 5] = ["400"; 5];
const LED: [&str; 5] = ["303"; 5];
const LOGGED_IN: [&str; 5] = ["login", "200", "200", "200", "200"];
const NOBODY_YET: [&str; 5] = ["200", "303", "303", "303", "303"];
/// Logging out stands last: nobody is logged in behind it.
const TABLE: [Row; 62] = [
    ("GET", "/", ALL, "login"),
    ("GET", "/_health", ALL, "200"),
    ("GET", "/_health/", ALL, "200"),
    ("GET", "/_health/live", ALL, "200"),
    ("GET", "/_health/live/", ALL, "200"),
    ("GET", "/metrics", ALL, "200"),
    ("GET", "/static/{name}", ALL, "200"),
    ("GET", "/account/login/", NOBODY_YET, "200"),
    ("POST", "/account/login/", INCOMPLETE, "400"),
    ("GET", "/account/two-factor/", LED, "303"),
    ("POST", "/account/two-factor/", INCOMPLETE, "400"),
    ("GET", "/account/recovery-code/", LED, "303"),
    ("POST", "/account/recovery-code/", INCOMPLETE, "400"),
    ("GET", "/account/reauthenticate/", LOGGED_IN, "login"),
    ("POST", "/account/reauthenticate/", ["login", "400", "400", "400", "400"], "login"),
    ("GET", "/account/register/", ["403"; 5], "403"),
    ("POST", "/account/register/", INCOMPLETE, "400"),
    ("GET", "/account/request-password-reset/", ALL, "200"),
    ("POST", "/account/request-password-reset/", INCOMPLETE, "400"),
    ("GET", "/account/reset-password/", INCOMPLETE, "400"),
    ("POST", "/account/reset-password/", INCOMPLETE, "400"),
    ("GET", "/account/verify-email/", ["login", "400", "400", "400", "400"], "login"),
    ("POST", "/account/verify-email/", ["login", "400", "400", "400", "400"], "login"),
    ("GET", "/search", MOVED, "login"),
    ("GET", "/search/", ALL, "login"),
    ("GET", "/user/{name}", MOVED, "login"),
    ("GET", "/user/{name}/", ALL, "login"),
    ("GET", "/project/{project}", MOVED, "login"),
    ("GET", "/project/{project}/", ALL, "login"),
    ("GET", "/project/{project}/releases", MOVED, "login"),
    ("GET", "/project/{project}/releases/", ALL, "login"),
    ("GET", "/project/{project}/{version}", MOVED, "login"),
    ("GET", "/project/{project}/{version}/", ALL, "login"),
    ("GET", "/project/{project}/{version}/files", MOVED, "login"),
    ("GET", "/project/{project}/{version}/files/", ALL, "login"),
    ("GET", "/project/{project}/{version}/files/{filename}", MOVED, "login"),
    ("GET", "/project/{project}/{version}/files/{filename}/", ALL, "login"),
    ("GET", "/simple", MOVED, "401"),
    ("GET", "/pypi", MOVED, "401"),
    ("GET", "/pypi/", MOVED, "401"),
    ("GET", "/pypi/{project}", MOVED, "401"),
    ("GET", "/pypi/{project}/", MOVED, "401"),
    ("GET", "/pypi/{project}/{version}", MOVED, "401"),
    ("GET", "/pypi/{project}/{version}/", MOVED, "401"),
    ("GET", "/simple/{project}", MOVED, "401"),
    ("GET", "/simple/", ALL, "401"),
    ("GET", "/simple/{project}/", ALL, "401"),
    ("GET", "/packages/{first}/{second}/{rest}/{filename}", ALL, "401"),
    ("GET", "/packages/{first}/{digest}/{filename}", ["404"; 5], "401"),
    ("GET", "/pypi/{project}/json", ALL, "401"),
    ("GET", "/pypi/{project}/json/", ALL, "401"),
    ("GET", "/pypi/{project}/{version}/json", ALL, "401"),
    ("GET", "/pypi/{project}/{version}/json/", ALL, "401"),
    ("GET", "/rss/packages.xml", ALL, "401"),
    ("GET", "/rss/updates.xml", ALL, "401"),
    ("GET", "/rss/project/{project}/releases.xml", ALL, "401"),
    ("POST", "/pypi", ["415"; 5], "401"),
    ("POST", "/pypi/", ["415"; 5], "401"),
    ("POST", "/RPC2", ["415"; 5], "401"),
    ("POST", "/legacy", ["401"; 5], "401"),
    ("POST", "/legacy/", ["401"; 5], "401"),
    ("POST", "/account/logout/", LED, "login"),
];

/// Routes whose paths stand in a variable.
const ELSEWHERE: [(&str, &str); 6] = [
    ("GET", "/_health"),
    ("GET", "/_health/"),
    ("GET", "/_health/live"),
    ("GET", "/_health/live/"),
    ("POST", "/legacy"),
    ("POST", "/legacy/"),
];

/// Method and path of each route, as the code declares them.
fn declared() -> BTreeSet<(&'static str, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut found) = (vec![source.join("web"), source.join("api")], BTreeSet::new());
    let mut variables = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            // Asking for a route is declaring none.
            let text = text.replace(".has_resource(", "");
            for part in text.split("resource(").skip(1) {
                let (paths, routes) = part.split_once(')').unwrap();
                if !paths.contains('"') {
                    variables += 1;
                }
                let paths = paths.split('"').skip(1).step_by(2);
                let methods = [("GET", "get()"), ("POST", "post()")];
                let is_there = |(_, word): &(&str, &str)| routes.contains(word);
                for path in paths {
                    let ways = methods.into_iter().filter(is_there);
                    found.extend(ways.map(|(method, _)| (method, path.to_owned())));
                }
            }
        }
    }
    assert_eq!(variables, 3, "routes whose paths stand in a variable");
    found.extend(ELSEWHERE.map(|(method, path)| (method, path.to_owned())));
    found.retain(|(_, path)| !path.starts_with("/manage/") && !path.starts_with("/admin/"));
    found
}

fn filled(path: &str, wheel: &str) -> String {
    if path.starts_with("/packages/{first}/{second}/") {
        return wheel.to_owned();
    }
    path.replace("{first}", "sha256")
        .replace("{digest}", &"0".repeat(64))
        .replace("{project}", "foo")
        .replace("{version}", "1.0")
        .replace("{filename}", "foo-1.0-py3-none-any.whl")
        .replace("/user/{name}", "/user/ada")
        .replace("/static/{name}", "/static/style.css")
}

fn with_a_project(settings: &[(&str, &str)], backend: Backend) -> Server {
    let server = Server::start_with(backend, settings);
    let wheel = Dist::wheel("foo", "1.0");
    server.upload(&wheel).token(&server.token("ada")).send().expect(200);
    for name in ["eve", "bob", "root"] {
        server.add_user(name);
    }
    server.sql(
        "UPDATE users SET is_admin = true WHERE username = 'root'; \
         INSERT INTO roles (project_id, user_id, role) SELECT projects.id, users.id, 'Maintainer' \
         FROM projects, users WHERE normalized = 'foo' AND username = 'bob'",
    );
    server
}

fn got(browser: &mut Browser<'_>, method: &str, path: &str) -> String {
    let reply = match method {
        "GET" => browser.get(path),
        _ => act(browser, path, &[]),
    };
    match reply.header("location") {
        Some(place) if place.starts_with("/account/login/?next=") => "login".to_owned(),
        _ => reply.status.to_string(),
    }
}

fn everybody_gets_what_the_table_says(backend: Backend) {
    let told = TABLE.iter().map(|(method, path, ..)| (*method, (*path).to_owned())).collect();
    assert_eq!(declared(), told, "each route has a row");
    let server = with_a_project(&[], backend);
    let wheel = server.page("foo")["files"][0]["url"].as_str().unwrap().to_owned();
    let mut all = vec![Browser::new(&server)];
    all.extend(["eve", "bob", "ada", "root"].map(|name| Browser::logged_in(&server, name)));
    let mut wrong = Vec::new();
    for (method, path, expected, _) in TABLE {
        for (browser, expected) in all.iter_mut().zip(expected) {
            let got = got(browser, method, &filled(path, &wheel));
            if got != expected {
                wrong.push(format!("{method} {path}: {got} instead of {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn a_private_index_opens_what_the_table_says(backend: Backend) {
    let server = with_a_project(&[("CHEESESHOP_PRIVATE", "true")], backend);
    let mut nobody = Browser::new(&server);
    let wrong: Vec<_> = TABLE
        .iter()
        .filter_map(|(method, path, _, expected)| {
            let got = got(&mut nobody, method, &filled(path, "/packages/a/b/c/d"));
            (got != *expected).then(|| format!("{method} {path}: {got} instead of {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
