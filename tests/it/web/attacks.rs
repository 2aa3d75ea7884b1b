//! What other sites and other sessions make a browser send. The routes are found in the code, so
//! that none is forgotten.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::{Backend, Dist, Server, on_both};

use super::{Browser, fields};

on_both!(forms_of_others_are_refused_everywhere, hostile_forms_are_refused_in_words);

/// A page of the web site.
#[derive(Debug, Clone)]
pub struct Route {
    pub path: String,
    /// It answers `GET`.
    pub reads: bool,
    /// It answers `POST`.
    pub writes: bool,
}

impl Route {
    /// Its path with something in the place of each parameter; of projects `foo` 1.0.
    pub fn filled(&self) -> String {
        let mut path = self.path.replace("{project}", "foo").replace("{version}", "1.0");
        while let (Some(begin), Some(end)) = (path.find('{'), path.find('}')) {
            path.replace_range(begin..=end, "1");
        }
        path
    }
}

/// All routes of the web site, as the code declares them.
pub fn routes() -> Vec<Route> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    let (mut folders, mut found) = (vec![root], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            let declared = text.split("resource(").skip(1).filter_map(|part| {
                let part = part.trim_start().strip_prefix('"')?;
                let (path, rest) = part.split_once('"')?;
                let (reads, writes) = (rest.contains("get()"), rest.contains("post()"));
                Some(Route { path: path.to_owned(), reads, writes })
            });
            found.extend(declared);
        }
    }
    found
}

fn forms_of_others_are_refused_everywhere(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    server.add_user("eve");
    server.sql("UPDATE users SET is_admin = true WHERE username = 'ada'");
    let mut ada = Browser::logged_in(&server, "ada");
    let own = ada.csrf();
    let other_person = Browser::logged_in(&server, "eve").csrf();
    let other_session = Browser::logged_in(&server, "ada").csrf();
    let anonymous = Browser::new(&server).csrf();
    let routes: Vec<Route> = routes().into_iter().filter(|route| route.writes).collect();
    assert!(routes.len() >= 9, "{routes:?}");
    // Logging out comes last: it would end the session if it were not refused.
    for route in &routes {
        let path = route.filled();
        let mut refused = |form: &BTreeMap<String, String>, origin: &str, words: &str| {
            let reply = ada.post_from(&path, form, origin).expect(403);
            assert!(reply.text().contains(words), "{path}: {}", reply.text());
        };
        let url = server.url();
        for token in ["", "x", &other_person, &other_session, &anonymous] {
            refused(&fields(&[("csrf_token", token)]), &url, "This form is too old");
        }
        refused(&fields(&[]), &url, "This form is too old");
        let form = fields(&[("csrf_token", &own)]);
        for origin in ["https://evil.example", "null", "", &url.replace("http:", "ftp:")] {
            refused(&form, origin, "another site");
        }
        let cross = ada
            .request("POST", &path)
            .header("Sec-Fetch-Site", "cross-site")
            .body(format!("csrf_token={own}").into_bytes());
        assert!(ada.send(cross).expect(403).text().contains("another site"), "{path}");
    }
    assert!(ada.is_logged_in());
    // The same forms with everything in order reach what they are for.
    for route in routes.iter().filter(|route| route.path != "/account/logout/") {
        let reply = ada.post(&route.filled(), &fields(&[("csrf_token", &own)]));
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        assert!(
            !text.contains("This form is") && !text.contains("another site"),
            "{route:?} {text}"
        );
        assert!(reply.status < 500, "{route:?} {text}");
    }
}

fn hostile_forms_are_refused_in_words(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    server.sql("UPDATE users SET is_admin = true WHERE username = 'ada'");
    let mut ada = Browser::logged_in(&server, "ada");
    let own = ada.csrf();
    let long = format!("csrf_token={own}&username={}", "x".repeat(100_000));
    for route in routes().into_iter().filter(|route| route.writes) {
        let path = route.filled();
        for (body, status, words) in [
            (format!("csrf_token={own}&username=%00"), 400, "NUL"),
            (format!("csrf_token={own}&username=%ff"), 400, "UTF-8"),
            (format!("csrf_token={own}&csrf_token={own}"), 400, "more than once"),
            (long.clone(), 413, "too large"),
        ] {
            let request = ada.request("POST", &path).body(body.into_bytes());
            let reply = ada.send(request).expect(status);
            assert!(reply.text().contains(words), "{path}: {}", reply.text());
        }
    }
    assert!(ada.is_logged_in());
}
