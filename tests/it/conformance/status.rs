//! The status of projects (PEP 792).

use serde_json::json;

use super::{JSON, checks, get, html};
use crate::support::{Backend, Dist, Server, eventually};

checks! {
    a_status_says_what_may_be_done: "S-051" "S-066" "S-067" "S-093" "S-094" "S-095" "S-096";
    nothing_of_a_quarantined_project_is_offered: "S-097" "S-099";
}

/// Sets it and waits until the page says so in both forms.
fn set(server: &Server, status: &str, reason: Option<&str>) {
    let mut arguments = vec!["project", "status", "foo", status];
    if let Some(reason) = reason {
        arguments.extend(["--reason", reason]);
    }
    server.ok(&arguments);
    let expected = match reason {
        Some(reason) => json!({ "status": status, "reason": reason }),
        None => json!({ "status": status }),
    };
    eventually("the status shows", || server.page("foo")["project-status"] == expected);
    let page = html(server, "/simple/foo/");
    assert_eq!(page.meta("pypi:project-status"), Some(status));
    assert_eq!(page.meta("pypi:project-status-reason"), reason);
}

fn a_status_says_what_may_be_done(backend: Backend) {
    let server = Server::start(backend);
    let mut versions = (1..).map(|minor| format!("1.{minor}"));
    let mut upload = |expected| {
        let dist = Dist::wheel("foo", &versions.next().unwrap());
        server.upload(&dist).send().expect(expected);
    };
    upload(200);
    assert_eq!(server.page("foo")["project-status"], json!({ "status": "active" }));
    for (status, reason, uploaded) in [
        ("deprecated", Some("use bar instead"), 200),
        ("archived", Some("finished & done"), 403),
        ("active", None, 200),
        ("active", Some("maintained again"), 200),
    ] {
        set(&server, status, reason);
        let page = server.page("foo");
        let files = page["files"].as_array().unwrap();
        assert!(!files.is_empty());
        server.get(files[0]["url"].as_str().unwrap()).send().expect(200);
        upload(uploaded);
    }
}

fn nothing_of_a_quarantined_project_is_offered(backend: Backend) {
    let server = Server::start(backend);
    let dists = [Dist::wheel("foo", "1.0"), Dist::sdist("foo", "1.0")];
    for dist in &dists {
        server.upload(dist).send().expect(200);
    }
    let page = server.page("foo");
    let urls = [0, 1].map(|file| page["files"][file]["url"].as_str().unwrap().to_owned());
    let metadata = format!("{}.metadata", urls[0]);
    // They are in every memory that the server has.
    let ask = |status: u16| {
        for path in [&urls[0], &urls[1], &metadata] {
            for (name, value) in [("Accept", "*/*"), ("Range", "bytes=0-9")] {
                let expected = if (status, name) == (200, "Range") { 206 } else { status };
                server.get(path).header(name, value).send().expect(expected);
                server.request("HEAD", path).header(name, value).send().expect(expected);
            }
        }
    };
    ask(200);
    let etag = server.get(&urls[0]).send().header("etag").unwrap().to_owned();
    set(&server, "quarantined", Some("malware"));
    ask(404);
    // Not even who has it already is told that it is still right.
    server.get(&urls[0]).header("If-None-Match", &etag).send().expect(404);
    server.get(&urls[0]).header("If-None-Match", "*").send().expect(404);
    server.get(&format!("{}.provenance", urls[0])).send().expect(404);
    let page = get(&server, "/simple/foo/", JSON).json();
    assert_eq!(page["files"], json!([]));
    assert_eq!(html(&server, "/simple/foo/").all("a").len(), 0);
    server.upload(&Dist::wheel("foo", "1.1")).send().expect(403);
    server.upload(&dists[0]).send().expect(403);
    set(&server, "active", None);
    ask(200);
}
