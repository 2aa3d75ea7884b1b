//! Yanked files and releases (PEP 592).

use serde_json::{Value, json};

use super::{checks, html};
use crate::support::{Backend, Dist, Server, eventually};

checks! {
    yanked_files_are_marked_and_stay: "S-080" "S-088" "S-089" "S-090" "S-091";
}

/// Does these things and waits until the three files are marked so.
#[track_caller]
fn marks(server: &Server, commands: &[&[&str]], expected: &[Value; 3]) {
    for arguments in commands {
        server.ok(&[&["project"], *arguments].concat());
    }
    let of_json = || {
        let page = server.page("foo");
        let files = page["files"].as_array().unwrap();
        // Nothing leaves the page.
        assert_eq!((files.len(), &page["versions"]), (3, &json!(["1.0", "2.0"])));
        files.iter().map(|file| file["yanked"].clone()).collect::<Vec<_>>()
    };
    eventually("the marks are as wished", || of_json() == expected.as_slice());
    let page = html(server, "/simple/foo/");
    for (anchor, mark) in page.all("a").iter().zip(expected) {
        // Without a value Python's parser gives none, and pip would take the file for sound.
        let in_html = match mark {
            Value::Bool(true) => Some(""),
            Value::String(reason) => Some(reason.as_str()),
            _ => None,
        };
        assert_eq!(anchor.attribute("data-yanked"), in_html);
    }
}

fn yanked_files_are_marked_and_stay(backend: Backend) {
    let server = Server::start(backend);
    let dists = [Dist::wheel("foo", "1.0"), Dist::wheel("foo", "2.0"), Dist::sdist("foo", "2.0")];
    for dist in &dists {
        server.upload(dist).send().expect(200);
    }
    let file = dists[1].filename.as_str();
    let (yes, no) = (json!(true), json!(false));
    let why = "broken: see <https://example.org/?a=1&b=2> & \"ask\"";
    marks(
        &server,
        &[&["yank", "foo", "--file", file], &["yank", "foo", "1.0", "--reason", why]],
        &[json!(why), yes, no.clone()],
    );
    // The file's own reason says more than that of its release, and stays when that is taken back.
    marks(
        &server,
        &[&["yank", "foo", "2.0.0", "--reason", "all"]],
        &[json!(why), json!("all"), json!("all")],
    );
    marks(
        &server,
        &[&["yank", "foo", "--file", file, "--reason", "own"]],
        &[json!(why), json!("own"), json!("all")],
    );
    for (file, dist) in server.page("foo")["files"].as_array().unwrap().iter().zip(&dists) {
        let url = file["url"].as_str().unwrap();
        assert_eq!(server.get(url).send().expect(200).body, dist.bytes);
        if dist.filename.ends_with(".whl") {
            server.get(&format!("{url}.metadata")).send().expect(200);
        }
    }
    marks(&server, &[&["unyank", "foo", "2.0"]], &[json!(why), json!("own"), no.clone()]);
    let rest: [&[&str]; 2] = [&["unyank", "foo", "--file", file], &["unyank", "foo", "1.0"]];
    marks(&server, &rest, &[no.clone(), no.clone(), no.clone()]);
    marks(&server, &[&["yank", "foo", "1.0", "--reason", "x"]], &[json!("x"), no.clone(), no]);
}
