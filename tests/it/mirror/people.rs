//! What people and programs read about mirrored projects: their pages and their JSON.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{ask, mirror, mirror_with};
use crate::support::upstream::{LONG_AGO, Listed};
use crate::support::{Backend, Dist, Reply, Server, Upstream, eventually, on_both};

on_both!(
    its_json_is_that_of_a_hosted_project,
    its_json_has_what_its_index_says_and_nothing_made_up,
    metadata_are_fetched_once,
    its_page_says_what_it_is_and_where_it_comes_from,
    old_kinds_of_files_have_their_places,
    only_what_is_stored_can_be_looked_into,
    unknown_names_are_not_found,
    hosted_names_are_never_asked_for,
    on_a_private_index_they_are_private,
    a_search_says_that_it_finds_hosted_projects_only,
);

const METADATA: &str = "Summary: A test\nAuthor-Email: Ada <ada@example.org>\nLicense: MIT\n\
    Home-page: https://example.org/\nProject-URL: Docs, https://docs.example.org/\n\
    Classifier: Topic :: A\nRequires-Python: >=3.8\nRequires-Dist: six\nRequires-Dist: Own.It\n\
    Requires-Dist: nowhere\nKeywords: a,b\nDescription-Content-Type: text/markdown\n\
    \n# Héllo *there*\n";

/// Gives an index a wheel with metadata beside it; its path.
pub(super) fn add(upstream: &Upstream, name: &str, version: &str, metadata: &str) -> String {
    let dist = Dist::wheel_with(name, version, metadata, "");
    let text = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}");
    let digest = hex::encode(Sha256::digest(&text));
    let path = upstream.add_with(&dist, |file| {
        file.core_metadata = json!({ "sha256": digest });
        file.requires_python = Some(">=3.8".to_owned());
    });
    upstream.add_metadata(&path, text.as_bytes());
    path
}

pub(super) fn read(server: &Server, path: &str) -> Reply {
    server.get(path).header("Accept", "text/html").send()
}

pub(super) fn page(server: &Server, path: &str) -> String {
    read(server, path).expect(200).text()
}

pub(super) fn json_of(server: &Server, path: &str) -> Value {
    server.get(&format!("/pypi/{path}/json")).send().expect(200).json()
}

#[track_caller]
pub(super) fn has(text: &str, all: &[&str]) {
    for expected in all {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[track_caller]
pub(super) fn has_none(text: &str, all: &[&str]) {
    for gone in all {
        assert!(!text.contains(gone), "{gone} is in {text}");
    }
}

fn its_json_is_that_of_a_hosted_project(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::wheel_with("Some.Thing", "1.0", METADATA, "");
    add(&upstream, "Some.Thing", "1.0", METADATA);
    let hosting = Server::start(backend);
    hosting.upload(&dist).send().expect(200);
    let server = mirror(backend, &upstream);
    let own = |server: &Server, path: &str| {
        let mut json = json_of(server, path);
        let text = json.to_string().replace(&server.url(), "");
        json = serde_json::from_str(&text).unwrap();
        json["last_serial"] = Value::Null;
        json["ownership"]["roles"] = Value::Null;
        // Its index names but one digest, and another time.
        let file = &mut json["urls"][0];
        for key in ["digests", "md5_digest", "upload_time", "upload_time_iso_8601"] {
            file[key] = Value::Null;
        }
        if json.get("releases").is_some() {
            assert_eq!(json["releases"]["1.0"][0]["filename"], json["urls"][0]["filename"]);
            json["releases"] = Value::Null;
        }
        json
    };
    for path in ["some-thing", "some-thing/1.0", "some-thing/v1.0.0"] {
        assert_eq!(own(&server, path), own(&hosting, path), "{path}");
    }
    let reply = server.get("/pypi/some-thing/json").send().expect(200);
    assert_eq!(reply.header("x-pypi-last-serial"), None);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    let etag = reply.header("etag").unwrap();
    server.get("/pypi/some-thing/json").header("If-None-Match", etag).send().expect(304);
    server.get("/pypi/Some.Thing/json").send().expect(301);
}

fn its_json_has_what_its_index_says_and_nothing_made_up(backend: Backend) {
    let upstream = Upstream::start();
    let path = add(&upstream, "foo", "1.0", "Summary: Short\n");
    upstream.add_with(&Dist::sdist("foo", "2.0"), |file| {
        file.without_hashes();
        file.hashes.insert("md5".to_owned(), "ab".repeat(16));
        file.size = None;
        file.upload_time = None;
        file.requires_python = Some(">=3.9".to_owned());
    });
    let all_yanked = |file: &mut Listed| file.yanked = json!("bad");
    upstream.add_with(&Dist::wheel("foo", "3.0"), all_yanked);
    upstream.add(&Dist::wheel("foo", "4.0rc1"));
    let server = mirror(backend, &upstream);
    let all = json_of(&server, "foo");
    // Neither the yanked one nor the pre-release.
    assert_eq!(all["info"]["version"], "2.0");
    // Without metadata there is what the page says.
    assert_eq!(all["info"]["requires_python"], ">=3.9");
    assert_eq!(all["info"]["summary"], Value::Null);
    assert_eq!((&all["info"]["description"], &all["info"]["name"]), (&json!(""), &json!("foo")));
    let keys: Vec<_> = all["releases"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["1.0", "2.0", "3.0", "4.0rc1"]);
    let sdist = &all["urls"][0];
    for (key, expected) in [
        ("packagetype", json!("sdist")),
        ("python_version", json!("source")),
        ("digests", json!({ "md5": "ab".repeat(16) })),
        ("md5_digest", json!("ab".repeat(16))),
        ("size", Value::Null),
        ("upload_time", Value::Null),
        ("upload_time_iso_8601", Value::Null),
        ("core-metadata", json!(false)),
    ] {
        assert_eq!(sdist[key], expected, "{key}");
    }
    let wheel = &all["releases"]["1.0"][0];
    assert_eq!(wheel["url"], format!("{}{path}", server.url()));
    assert_eq!(wheel["upload_time_iso_8601"], LONG_AGO);
    assert_eq!(wheel["upload_time"], "2020-01-02T03:04:05");
    let yanked = json_of(&server, "foo/3.0");
    assert_eq!(yanked.get("releases"), None);
    assert_eq!(
        (&yanked["info"]["yanked"], &yanked["info"]["yanked_reason"]),
        (&json!(true), &json!("bad"))
    );
    assert_eq!(
        (&yanked["urls"][0]["yanked"], &yanked["urls"][0]["yanked_reason"]),
        (&json!(true), &json!("bad"))
    );
    assert_eq!(json_of(&server, "foo/1.0")["info"]["summary"], "Short");
    assert_eq!(upstream.asked_about("foo"), 1);
}

fn metadata_are_fetched_once(backend: Backend) {
    let upstream = Upstream::start();
    let path = add(&upstream, "foo", "1.0", METADATA);
    let beside = format!("{path}.metadata");
    let mut server = mirror(backend, &upstream);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| json_of(&server, "foo"));
            scope.spawn(|| page(&server, "/project/foo/"));
        }
    });
    server.kill();
    server.run();
    assert_eq!(json_of(&server, "foo/1.0")["info"]["summary"], "A test");
    server.get(&beside).send().expect(200);
    assert_eq!((upstream.asked_for(&beside), upstream.asked_for(&path)), (1, 0));
    // What is gone is fetched anew.
    server.kill();
    for file in server.stored() {
        std::fs::remove_file(file).unwrap();
    }
    server.run();
    has(&page(&server, "/project/foo/"), &["<em>there</em>"]);
    assert_eq!(upstream.asked_for(&beside), 2);
    // What an index names beside one file and does not have, it may have beside another.
    let wheel = Dist::wheel("bar", "1.0");
    upstream.add_with(&wheel, |file| {
        file.filename = "bar-1.0-py2-none-any.whl".to_owned();
        file.core_metadata = json!({ "sha256": "ab".repeat(32) });
    });
    add(&upstream, "bar", "1.0", METADATA);
    assert_eq!(json_of(&server, "bar")["info"]["summary"], "A test");
    // Where upstream has none, they come out of the wheel once that is stored.
    let path = upstream.add(&Dist::wheel_with("baz", "1.0", METADATA, ""));
    assert_eq!(json_of(&server, "baz")["info"]["summary"], Value::Null);
    server.get(&path).send().expect(200);
    eventually("the metadata of the wheel", || {
        json_of(&server, "baz")["info"]["summary"] == "A test"
    });
}

fn its_page_says_what_it_is_and_where_it_comes_from(backend: Backend) {
    let upstream = Upstream::start();
    add(&upstream, "Some.Thing", "1.0", METADATA);
    let sdist = Dist::sdist("Some.Thing", "1.0");
    upstream.add_with(&sdist, |file| file.yanked = json!("no <good>"));
    upstream.add_with(&Dist::wheel("Some.Thing", "0.9"), |file| file.yanked = json!(true));
    upstream.add(&Dist::wheel("Some.Thing", "2.0rc1"));
    upstream.change("some-thing", |page| {
        page.status = Some(("deprecated".to_owned(), Some("use another".to_owned())));
    });
    upstream.add(&Dist::wheel("six", "1.0"));
    let server = mirror(backend, &upstream);
    server.upload(&Dist::wheel("Own.It", "1.0")).send().expect(200);
    ask(&server, "six").expect(200);
    let text = page(&server, "/project/some-thing/");
    let index = format!("--index-url {}/simple/ some-thing</code>", server.url());
    has(
        &text,
        &[
            "<h1>Some.Thing <span class=\"version\">1.0</span>",
            &format!("<code>pip install {index}"),
            "<em>there</em>",
            "<p class=\"summary\">A test</p>",
            "<b>Not hosted here:</b> it comes from 127.0.0.1, as that had it on 20",
            "<b>This project is deprecated</b>: use another.",
            "Released 2020-01-02 03:04 UTC",
            "<dd>&#62;=3.8</dd>",
            "<dd>MIT</dd>",
            "title=\"https://docs.example.org/\">Documentation</a>",
            // Needed ones are known here or hosted here.
            "<a href=\"/project/six/\">six</a>",
            "<a href=\"/project/own-it/\">Own.It</a>",
            "<b>nowhere</b>",
            "<span class=\"mark bad\">yanked</span> <span class=\"quiet\">no &#60;good&#62;</span>",
            "2020-01-02 03:04 UTC<div class=\"quiet\">from 127.0.0.1</div>",
            &format!("sha256:{}", sdist.sha256()),
            "py3-none-any.whl.metadata\"",
            "<a href=\"/project/some-thing/2.0rc1/\">2.0rc1</a> <span class=\"mark\">pre</span>",
            "<a href=\"/project/some-thing/0.9/\">0.9</a> <span class=\"mark bad\">yanked</span>",
            "href=\"/pypi/some-thing/1.0/json\"",
        ],
    );
    has_none(&text, &["Maintainers", "Held back", "out of date", ">contents<", "via "]);
    let yanked = page(&server, "/project/some-thing/0.9/");
    has(
        &yanked,
        &["<b>This release is yanked</b>", "some-thing==0.9</code>", "to the latest release"],
    );
    has(&yanked, &["serves no metadata by themselves"]);
    let all = page(&server, "/project/some-thing/releases/");
    has(
        &all,
        &[
            "yanked</span>",
            "pre-release",
            ">1.0</a>",
            "<time class=\"quiet\" datetime=\"2020-01-02\">",
        ],
    );
    let files = page(&server, "/project/some-thing/1.0/files/");
    has(&files, &[&sdist.filename, "Files <span class=\"version\">2</span>"]);
    for (path, status) in [
        ("/project/Some.Thing/", 301),
        ("/project/some-thing/1.0", 301),
        ("/project/some-thing/7.0/", 404),
        ("/project/some-thing/7.0/files/", 404),
        ("/project/some-thing/releases/?page=2", 404),
        ("/project/some-thing/1.0/files/?page=2", 404),
    ] {
        read(&server, path).expect(status);
    }
    assert_eq!(upstream.asked_about("some-thing"), 1);
}

fn old_kinds_of_files_have_their_places(backend: Backend) {
    let upstream = Upstream::start();
    let names = ["foo-1.0-py2.7.egg", "foo-1.0.win32-py2.7.exe", "foo-1.0.tar.bz2"];
    for name in names {
        upstream.add(&Dist::new(name, "foo", "1.0", "sdist", name.as_bytes().to_vec()));
    }
    let server = mirror(backend, &upstream);
    let files = json_of(&server, "foo/1.0")["urls"].clone();
    let types: Vec<_> = files
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["packagetype"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["bdist_egg", "sdist", "bdist_wininst"]);
    let text = page(&server, "/project/foo/");
    has(&text, &names);
    has(&text, &["Built distribution"]);
}

fn only_what_is_stored_can_be_looked_into(backend: Backend) {
    let upstream = Upstream::start();
    let path = upstream.add(&Dist::wheel_with("foo", "1.0", "", "print('hello')"));
    let server = mirror(backend, &upstream);
    let inside = "/project/foo/1.0/files/foo-1.0-py3-none-any.whl/";
    has_none(&page(&server, "/project/foo/"), &[inside]);
    has(&read(&server, inside).expect(404).text(), &["was not asked for here yet"]);
    assert_eq!(upstream.asked_for(&path), 0);
    server.get(&path).send().expect(200);
    eventually("a way into it", || page(&server, "/project/foo/").contains(inside));
    has(&page(&server, inside), &["foo.py", &path]);
    has(&page(&server, &format!("{inside}?member=foo.py")), &["print("]);
    read(&server, &format!("{inside}?member=bar.py")).expect(404);
    read(&server, "/project/foo/1.0/files/foo-2.0-py3-none-any.whl/").expect(404);
    read(&server, "/project/foo/2.0/files/foo-1.0-py3-none-any.whl/").expect(404);
}

fn unknown_names_are_not_found(backend: Backend) {
    let upstream = Upstream::start();
    let server = mirror(backend, &upstream);
    for path in ["", "releases/", "1.0/", "1.0/files/", "1.0/files/x-1.0.tar.gz/"] {
        read(&server, &format!("/project/nothing/{path}")).expect(404);
    }
    for path in ["nothing", "nothing/1.0"] {
        let reply = server.get(&format!("/pypi/{path}/json")).send().expect(404);
        assert_eq!(reply.json(), json!({ "message": "Not Found" }));
    }
    assert_eq!(upstream.asked_about("nothing"), 1);
}

fn hosted_names_are_never_asked_for(backend: Backend) {
    let upstream = Upstream::start();
    for name in ["own", "gone", "away"] {
        add(&upstream, name, "9.0", METADATA);
    }
    let claims = [("CHEESESHOP_MIRROR__CLAIM_NAMES", "everyone")];
    let server = mirror_with(backend, &upstream, &claims);
    for name in ["own", "gone", "away"] {
        server.upload(&Dist::wheel(name, "1.0")).send().expect(200);
    }
    server.ok(&["project", "delete", "gone", "--yes"]);
    server.ok(&["project", "status", "away", "quarantined"]);
    for name in ["own", "gone", "away"] {
        for version in ["9.0/", "9.0/files/", "9.0/files/x-9.0.tar.gz/"] {
            read(&server, &format!("/project/{name}/{version}")).expect(404);
        }
        server.get(&format!("/pypi/{name}/9.0/json")).send().expect(404);
    }
    for name in ["gone", "away"] {
        read(&server, &format!("/project/{name}/")).expect(404);
        read(&server, &format!("/project/{name}/releases/")).expect(404);
        server.get(&format!("/pypi/{name}/json")).send().expect(404);
    }
    has_none(&page(&server, "/project/own/"), &["9.0", "Not hosted here"]);
    assert!(upstream.names_asked().is_empty(), "{:?}", upstream.names_asked());
}

fn on_a_private_index_they_are_private(backend: Backend) {
    let upstream = Upstream::start();
    add(&upstream, "foo", "1.0", METADATA);
    let server = mirror_with(backend, &upstream, &[("CHEESESHOP_PRIVATE", "true")]);
    let paths =
        ["/project/foo/1.0/", "/project/foo/releases/", "/pypi/foo/json", "/pypi/foo/1.0/json"];
    for path in paths {
        server.get(path).send().expect(401);
    }
    assert_eq!(upstream.asked(), []);
    server.upload(&Dist::wheel("own", "1.0")).token(&server.token("ada")).send().expect(200);
    let (whole, limited) =
        (server.token("ada"), server.ok(&["token", "create", "ada", "--project", "own"]));
    for path in paths {
        let with = |token: &str| server.get(path).basic("__token__", token.trim()).send();
        with(&limited).expect(403);
        with(&whole).expect(200);
        server.get(path).send().expect(401);
    }
}

fn a_search_says_that_it_finds_hosted_projects_only(backend: Backend) {
    let upstream = Upstream::start();
    add(&upstream, "foo", "1.0", METADATA);
    let server = mirror(backend, &upstream);
    let text = page(&server, "/search/?q=Foo");
    has(
        &text,
        &["Only projects that are hosted here are searched", "<a href=\"/project/foo/\">foo</a>"],
    );
    let text = page(&server, "/search/?q=two%20words&format=fragment");
    has(&text, &["Only projects that are hosted here are searched"]);
    has_none(&text, &["Look for"]);
    server.upload(&Dist::wheel("own", "1.0")).send().expect(200);
    eventually("found", || !page(&server, "/search/?q=own").contains("Only projects"));
    let plain = Server::start(backend);
    has_none(&page(&plain, "/search/?q=foo"), &["Only projects"]);
}
