//! The list of all projects, small and large.

use std::fmt::Write;
use std::io::Read;

use super::{JSON, TEXT_HTML, checks, get, html};
use crate::support::{Backend, Dist, Reply, Server, eventually};

checks! {
    the_root_lists_each_project_once: "S-037" "S-055" "S-056" "S-059";
    a_long_root_follows_every_change: "S-058";
}

/// Enough for several of the blocks that the list is kept in.
const MANY: usize = 2_600;

fn the_root_lists_each_project_once(backend: Backend) {
    let server = Server::start(backend);
    let root = || get(&server, "/simple/", JSON).json();
    assert_eq!(root()["projects"], serde_json::json!([]));
    for (name, version) in [("Zoo", "1.0"), ("a.b", "1.0"), ("a.b", "2.0"), ("mid", "1.0")] {
        server.upload(&Dist::wheel(name, version)).send().expect(200);
    }
    let json = root();
    assert_eq!(names(&json), ["a.b", "mid", "Zoo"]);
    let serial = json["meta"]["_last-serial"].as_i64().unwrap();
    let reply = get(&server, "/simple/", TEXT_HTML);
    assert_eq!(reply.header("x-pypi-last-serial"), Some(serial.to_string().as_str()));
    for project in json["projects"].as_array().unwrap() {
        let name = project["name"].as_str().unwrap();
        let page = get(&server, &format!("/simple/{}/", normal(name)), JSON);
        let last = page.json()["meta"]["_last-serial"].as_i64().unwrap();
        assert!(0 < last && last <= serial);
        assert_eq!(page.header("x-pypi-last-serial"), Some(last.to_string().as_str()));
        assert_eq!(project["_last-serial"], last, "{name}");
        let keys = project.as_object().unwrap().keys();
        assert!(keys.into_iter().all(|key| key == "name" || key.starts_with('_')), "{project}");
    }
    let page = html(&server, "/simple/");
    let anchors: Vec<_> =
        page.all("a").iter().map(|it| (it.text.clone(), it.attribute("href").unwrap())).collect();
    let expected = ["a.b", "mid", "Zoo"].map(|name| format!("/simple/{}/", normal(name)));
    assert_eq!(anchors.iter().map(|(_, href)| *href).collect::<Vec<_>>(), expected);
    assert_eq!(anchors.iter().map(|(text, _)| text).collect::<Vec<_>>(), ["a.b", "mid", "Zoo"]);
    server.ok(&["project", "status", "mid", "quarantined"]);
    eventually("the quarantined one is left out", || names(&root()) == ["a.b", "Zoo"]);
    assert_eq!(html(&server, "/simple/").all("a").len(), 2);
    server.ok(&["project", "status", "mid", "active"]);
    eventually("it is back", || names(&root()) == ["a.b", "mid", "Zoo"]);
}

fn normal(name: &str) -> String {
    name.to_lowercase().replace('.', "-")
}

fn names(root: &serde_json::Value) -> Vec<&str> {
    let projects = root["projects"].as_array().unwrap();
    projects.iter().map(|project| project["name"].as_str().unwrap()).collect()
}

/// An index with many projects that nobody uploaded.
fn large(backend: Backend) -> Server {
    let mut server = Server::prepare(backend, &[]);
    server.add_user("ada");
    let (mut projects, mut journal) = (String::new(), String::new());
    for number in 1..=MANY {
        let comma = if number == 1 { "" } else { "," };
        let name = format!("p{number:05}");
        write!(
            projects,
            "{comma}('P{number:05}','{name}','2026-01-01 00:00:00',{number},'{name}','active')"
        )
        .unwrap();
        write!(
            journal,
            "{comma}({number},'P{number:05}','{name}','create','ada','2026-01-01 00:00:00')"
        )
        .unwrap();
    }
    server.sql(&format!(
        "INSERT INTO projects (name, normalized, created_at, last_serial, confusable, status)
         VALUES {projects};
         INSERT INTO journal (serial, project, normalized, action, actor, at) VALUES {journal};
         UPDATE journal_counter SET last_serial = {MANY};"
    ));
    server.run();
    server
}

/// The root by gzip, as soon as it comes so.
fn packed(server: &Server, accept: &str) -> Reply {
    let mut got = None;
    eventually("the root comes by gzip", || {
        let request = server.get("/simple/").header("Accept", accept);
        let reply = request.header("Accept-Encoding", "gzip").send().expect(200);
        let is_packed = reply.header("content-encoding") == Some("gzip");
        got = Some(reply);
        is_packed
    });
    got.unwrap()
}

/// Both forms and encodings say the same: these projects, in the order of their normal names.
fn root_says(server: &Server, expected: &[String]) {
    for accept in [JSON, TEXT_HTML] {
        let plain = get(server, "/simple/", accept);
        let packed = packed(server, accept);
        assert!(packed.body.len() * 2 < plain.body.len());
        // One member and nothing behind it: some readers stop there, others fail.
        let mut decoder = flate2::bufread::GzDecoder::new(packed.body.as_slice());
        let mut text = Vec::new();
        decoder.read_to_end(&mut text).unwrap();
        assert!(text == plain.body && decoder.into_inner().is_empty(), "{accept}");
        assert_ne!(packed.header("etag"), plain.header("etag"));
        for (reply, encoding) in [(&plain, "identity"), (&packed, "gzip")] {
            let again = server.get("/simple/").header("Accept", accept);
            let again = again.header("Accept-Encoding", encoding);
            again.header("If-None-Match", reply.header("etag").unwrap()).send().expect(304);
        }
        if accept == JSON {
            assert_eq!(names(&plain.json()), expected);
        } else {
            let page = crate::support::Html::parse(&plain.text());
            let anchors: Vec<_> = page.all("a").iter().map(|it| it.text.clone()).collect();
            assert_eq!(anchors, expected);
        }
    }
}

fn a_long_root_follows_every_change(backend: Backend) {
    let server = large(backend);
    let mut expected: Vec<String> = (1..=MANY).map(|number| format!("P{number:05}")).collect();
    root_says(&server, &expected);
    let etag = get(&server, "/simple/", JSON).header("etag").unwrap().to_owned();
    // At both ends, and in the middle of a block.
    for (place, name) in [(0, "A"), (MANY + 1, "Z"), (1_501, "p01500.x")] {
        server.upload(&Dist::wheel(name, "1.0")).send().expect(200);
        let at_once = get(&server, "/simple/", JSON).json();
        assert!(names(&at_once).contains(&name), "{name} does not show at once");
        expected.insert(place, name.to_owned());
    }
    let moved = server.get("/simple/").header("Accept", JSON).header("If-None-Match", &etag);
    moved.send().expect(200);
    root_says(&server, &expected);
    server.ok(&["project", "delete", "P01000", "--yes"]);
    server.ok(&["project", "status", "P02000", "quarantined"]);
    expected.retain(|name| name != "P01000" && name != "P02000");
    eventually("both are gone", || {
        names(&get(&server, "/simple/", JSON).json()).len() == expected.len()
    });
    root_says(&server, &expected);
}
