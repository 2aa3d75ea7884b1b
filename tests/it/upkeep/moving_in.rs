//! Taking in what other indexes left: with upload times and yanks, in the order in which it came.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{journal, lines};
use crate::support::{Backend, Dist, Server, on_both};

on_both!(an_export_of_devpi, a_tree_of_bandersnatch, pages_of_the_older_kind, what_makes_no_sense);

fn put(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn import(server: &Server, source: &Path) -> String {
    server.ok(&["import", source.to_str().unwrap(), "--owner", "ada"])
}

/// Upload time and yank of each file, as the simple page has them.
fn shown(server: &Server, project: &str) -> Vec<Value> {
    let page = server.page(project);
    let files = page["files"].as_array().unwrap().iter();
    files.map(|it| json!([it["filename"], it["upload-time"], it["yanked"]])).collect()
}

fn an_export_of_devpi(backend: Backend) {
    let mut server = Server::prepare(backend, &[]);
    server.add_user("ada");
    let export = server.scratch().join("export");
    let (old, new) = (Dist::wheel("foo", "1.0"), Dist::wheel("foo", "1.1"));
    let release = |index: &str, dist: &Dist, log: Value, modified: &str| {
        let relpath = format!("{index}/{}/{}", dist.name, dist.filename);
        put(&export, &relpath, &dist.bytes);
        json!({
            "type": "releasefile",
            "projectname": dist.name,
            "version": dist.version,
            "relpath": relpath,
            "entrymapping": {"last_modified": modified},
            "log": log,
        })
    };
    put(&export, "ada/dev/foo/foo-1.0.doc.zip", "documentation");
    let uploaded = json!([{"what": "upload", "who": "ada", "when": [2014, 9, 15, 11, 11, 11]}]);
    let pushed = json!([{"what": "push", "who": "ada", "when": [2016, 1, 1, 0, 0, 0]}]);
    let page = json!({
        "dumpversion": "2",
        "indexes": {
            "ada/dev": {"files": [
                release("ada/dev", &new, json!([]), "Wed, 01 Apr 2015 10:00:00 GMT"),
                release("ada/dev", &old, uploaded, "Thu, 02 Apr 2015 10:00:00 GMT"),
                {"type": "doczip", "projectname": "foo", "version": "1.0",
                 "relpath": "ada/dev/foo/foo-1.0.doc.zip"},
                {"type": "releasefile", "relpath": "../../etc/passwd"},
            ]},
            // The same file, pushed to another index.
            "ada/prod": {"files": [release("ada/prod", &old, pushed, "")]},
            "root/pypi": {"indexconfig": {"type": "mirror"}},
        },
    });
    put(&export, "dataindex.json", page.to_string());
    assert_eq!(
        import(&server, &export.join("ada/prod")),
        "1 taken in, 0 already there, 0 refused\n"
    );
    assert_eq!(import(&server, &export), "1 taken in, 2 already there, 0 refused\n");
    server.run();
    assert_eq!(
        shown(&server, "foo"),
        [
            json!([old.filename, "2014-09-15T11:11:11.000000Z", false]),
            json!([new.filename, "2015-04-01T10:00:00.000000Z", false]),
        ]
    );
    let made = "SELECT CAST(created_at AS TEXT) AS text FROM releases ORDER BY id";
    assert!(lines(&server, made)[0].starts_with("2014-09-15 11:11:11"));
}

fn a_tree_of_bandersnatch(backend: Backend) {
    // Old releases may be closed here: they were open when their files came.
    let setting = [("CHEESESHOP_UPLOADS__RELEASE_CLOSED_AFTER_DAYS", "30")];
    let mut server = Server::prepare(backend, &setting);
    server.add_user("ada");
    let tree = server.scratch().join("mirror");
    let dists = [Dist::wheel("foo", "2.0"), Dist::sdist("foo", "2.0"), Dist::wheel("foo", "1.0")];
    for (n, dist) in dists.iter().enumerate() {
        put(&tree, &format!("web/packages/0{n}/aa/{}", dist.filename), &dist.bytes);
    }
    let file = |dist: &Dist, at: &str, yanked: Value| json!({"filename": dist.filename, "url": "x", "hashes": {}, "upload-time": at, "yanked": yanked});
    let page = json!({"name": "foo", "files": [
        file(&dists[0], "2020-02-02T00:00:00.123456Z", json!("broken on Tuesdays")),
        file(&dists[1], "2020-02-03T00:00:00Z", json!(true)),
        file(&dists[2], "2020-01-01T01:00:00+01:00", json!(false)),
    ]});
    put(&tree, "web/simple/foo/index.v1_json", page.to_string());
    put(&tree, "web/simple/foo/index.html", "<!DOCTYPE html>");
    assert_eq!(import(&server, &tree), "3 taken in, 0 already there, 0 refused\n");
    assert_eq!(import(&server, &tree), "0 taken in, 3 already there, 0 refused\n");
    server.run();
    assert_eq!(
        shown(&server, "foo"),
        [
            json!([dists[2].filename, "2020-01-01T00:00:00.000000Z", false]),
            json!([dists[0].filename, "2020-02-02T00:00:00.123456Z", "broken on Tuesdays"]),
            json!([dists[1].filename, "2020-02-03T00:00:00.000000Z", true]),
        ]
    );
    let journal = journal(&server);
    let at = |words: &str| journal.iter().position(|line| line.contains(words)).unwrap();
    let added = format!("file {}", dists[0].filename);
    assert!(at(&format!("add py3 {added}")) < at(&format!("yank {added}")));
    // Nobody is written to about what happened years ago elsewhere.
    assert!(lines(&server, "SELECT subject AS text FROM outbox").is_empty());
}

fn pages_of_the_older_kind(backend: Backend) {
    let mut server = Server::prepare(backend, &[]);
    server.add_user("ada");
    let tree = server.scratch().join("mirror");
    let dist = Dist::wheel("foo", "1.0");
    put(&tree, &format!("packages/00/{}", dist.filename), &dist.bytes);
    let page = json!({"info": {}, "releases": {"1.0": [{
        "filename": dist.filename, "upload_time": "2019-05-06T07:08:09", "yanked": true,
        "yanked_reason": null,
    }]}});
    put(&tree, "json/foo", page.to_string());
    assert_eq!(import(&server, &tree), "1 taken in, 0 already there, 0 refused\n");
    server.run();
    let expected = [json!([dist.filename, "2019-05-06T07:08:09.000000Z", true])];
    assert_eq!(shown(&server, "foo"), expected);
}

fn what_makes_no_sense(backend: Backend) {
    let server = Server::prepare(backend, &[]);
    server.add_user("ada");
    let tree = server.scratch().join("mirror");
    let dists = [Dist::wheel("foo", "1.0"), Dist::wheel("foo", "1.1")];
    for dist in &dists {
        put(&tree, &dist.filename, &dist.bytes);
    }
    // A time that is to come, and a reason that is no line.
    let page = json!({"files": [
        {"filename": dists[0].filename, "upload-time": "2999-01-01T00:00:00Z"},
        {"filename": dists[1].filename, "upload-time": 7, "yanked": "two\nlines"},
        7,
    ]});
    put(&tree, "simple/foo/index.v1_json", page.to_string());
    let output = server.run_command(&["import", tree.to_str().unwrap(), "--owner", "ada"], "");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.stdout, b"1 taken in, 0 already there, 1 refused\n", "{said}");
    assert!(said.contains("foo-1.1-py3-none-any.whl: refused: A reason is one line"), "{said}");
    let times = lines(&server, "SELECT CAST(uploaded_at AS TEXT) AS text FROM files");
    assert!(!times[0].starts_with("2999"), "{times:?}");
    put(&tree, "json/foo", "no JSON");
    let output = server.run_command(&["import", tree.to_str().unwrap(), "--owner", "ada"], "");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("json/foo"), "{said}");
}
