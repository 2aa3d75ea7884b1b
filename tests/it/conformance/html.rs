//! The HTML form of a project's page, frozen at version 1.4.

use super::{checks, html};
use crate::support::{Backend, Dist, Html, Server, eventually};

checks! {
    pages_are_plain_documents: "S-036" "S-041" "S-050" "S-053";
    each_file_has_one_anchor: "S-038" "S-039" "S-040" "S-042" "S-043" "S-047" "S-048";
    what_users_write_is_escaped: "S-052";
}

/// What somebody might write who wants to get out of an attribute or of the text.
const HOSTILE: &str = "\"'><script>alert(1)</script><a href=x data-y=\"&amp;&lt;{{7*7}} ü";

fn pages_are_plain_documents(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("Foo", "1.0")).send().expect(200);
    for (path, title) in [("/simple/", "Simple index"), ("/simple/foo/", "Links for foo")] {
        let page = html(&server, path);
        let tags: Vec<_> = page.0.iter().map(|element| element.tag.as_str()).collect();
        assert_eq!(tags[..4], ["!DOCTYPE html", "html", "head", "meta"], "{path}");
        assert_eq!(page.0[3].attribute("charset"), Some("utf-8"));
        assert_eq!(texts(&page, "title"), [title]);
        assert_eq!(texts(&page, "a").len(), 1, "{path}");
        let known = ["html", "head", "meta", "title", "body", "h1", "a", "br"];
        assert!(tags[1..].iter().all(|tag| known.contains(tag)), "{tags:?}");
    }
    assert_eq!(html(&server, "/simple/foo/").meta("pypi:project-status"), Some("active"));
    assert_eq!(html(&server, "/simple/").meta("pypi:project-status"), None);
}

fn texts<'a>(page: &'a Html, tag: &str) -> Vec<&'a str> {
    page.all(tag).into_iter().map(|element| element.text.as_str()).collect()
}

fn each_file_has_one_anchor(backend: Backend) {
    let server = Server::start(backend);
    let wheel = Dist::wheel_with("foo", "1.0+l.1", "Requires-Python: >=3.8,<4,!=3.9.*\n", "");
    let dists = [wheel, Dist::wheel_with("foo", "2.0", "", ""), Dist::sdist("foo", "2.0")];
    for dist in &dists {
        server.upload(dist).send().expect(200);
    }
    server.ok(&["project", "yank", "foo", "--file", &dists[2].filename, "--reason", "no good"]);
    eventually("it is yanked", || server.page("foo")["files"][2]["yanked"] == "no good");
    let page = html(&server, "/simple/foo/");
    let anchors = page.all("a");
    assert_eq!(anchors.len(), dists.len());
    let json = server.page("foo");
    for ((anchor, dist), file) in anchors.iter().zip(&dists).zip(json["files"].as_array().unwrap())
    {
        assert_eq!(anchor.text, dist.filename);
        let (url, fragment) = anchor.attribute("href").unwrap().split_once('#').unwrap();
        assert_eq!(url, file["url"]);
        assert_eq!(fragment, format!("sha256={}", dist.sha256()));
        assert_eq!(server.get(url).send().expect(200).body, dist.bytes);
        assert_eq!(anchor.attribute("data-requires-python"), file["requires-python"].as_str());
        let digest = file["core-metadata"]["sha256"].as_str();
        let metadata = digest.map(|digest| format!("sha256={digest}"));
        assert_eq!(anchor.attribute("data-core-metadata"), metadata.as_deref());
        assert_eq!(anchor.attribute("data-dist-info-metadata"), metadata.as_deref());
        assert_eq!(metadata.is_some(), dist.filename.ends_with(".whl"));
        assert_eq!(anchor.attribute("data-yanked"), file["yanked"].as_str());
        // What this index does not have, and what HTML never got.
        for name in ["data-gpg-sig", "data-provenance", "data-size", "data-upload-time"] {
            assert_eq!(anchor.attribute(name), None);
        }
    }
    assert_eq!(anchors[0].attribute("data-requires-python"), Some(">=3.8,<4,!=3.9.*"));
}

fn what_users_write_is_escaped(backend: Backend) {
    let server = Server::start(backend);
    let dist = Dist::wheel("foo", "1.0");
    server.upload(&dist).send().expect(200);
    // No upload is taken with such a specifier: it stands for one from before the rules.
    let hostile = HOSTILE.replace('\'', "''");
    server.sql(&format!("UPDATE files SET requires_python = '{hostile}'"));
    server.ok(&["project", "status", "foo", "deprecated", "--reason", HOSTILE]);
    server.ok(&["project", "yank", "foo", "1.0", "--reason", HOSTILE]);
    eventually("it is yanked", || server.page("foo")["files"][0]["yanked"] == HOSTILE);
    let page = html(&server, "/simple/foo/");
    assert_eq!(page.meta("pypi:project-status-reason"), Some(HOSTILE));
    assert_eq!((page.all("script").len(), page.all("a").len()), (0, 1));
    let anchor = page.all("a")[0];
    assert_eq!(anchor.attribute("data-yanked"), Some(HOSTILE));
    assert_eq!(anchor.attribute("data-requires-python"), Some(HOSTILE));
    assert_eq!(anchor.text, dist.filename);
    // JSON has its own way of escaping, and no other.
    let json = server.page("foo");
    assert_eq!(json["project-status"]["reason"], HOSTILE);
    assert_eq!(json["files"][0]["requires-python"], HOSTILE);
    // Names that the path brings come back as text.
    let missing = server.get("/simple/%3Cscript%3E/").header("Accept", "text/html").send();
    assert_eq!(missing.expect(404).header("content-type"), Some("text/plain; charset=utf-8"));
}
