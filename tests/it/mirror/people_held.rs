//! What is shown of mirrored projects when not all is well: held back, quarantined, out of date,
//! hostile.

use cheeseshop::mirror::rule::Action;
use cheeseshop::time;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::people::{add, has, has_none, json_of, page, read};
use super::rules::{MIN_AGE, What, days_ago, rule, take_back};
use super::{age, ask, mirror, mirror_with};
use crate::support::upstream::{JSON, Listed, page_path};
use crate::support::{Backend, Dist, Said, Server, Upstream, eventually, on_both};

on_both!(
    what_is_held_back_is_named_with_its_day,
    what_an_administrator_quarantines_is_not_shown,
    a_project_that_its_index_quarantines_says_so,
    out_of_date_pages_say_so,
    metadata_that_cannot_be_had_are_not_made_up,
    offline_there_is_what_is_stored,
    hostile_metadata_do_nothing,
    hostile_pages_do_nothing,
);

fn what_is_held_back_is_named_with_its_day(backend: Backend) {
    let upstream = Upstream::start();
    add(&upstream, "foo", "1.0", "Summary: Old\n");
    let young = days_ago(2);
    upstream.add_with(&Dist::wheel("foo", "2.0"), |file| {
        file.upload_time = Some(time::iso(young));
        file.core_metadata = json!({ "sha256": "ab".repeat(32) });
    });
    upstream.add_with(&Dist::sdist("foo", "1.0"), |file| file.upload_time = None);
    upstream.add_with(&Dist::wheel("new", "1.0"), |file| {
        file.upload_time = Some(time::iso(days_ago(0)));
    });
    let server = mirror_with(backend, &upstream, &[MIN_AGE]);
    let until = format!("until {}", time::for_people(young + chrono::TimeDelta::days(7)));
    let text = page(&server, "/project/foo/");
    has(
        &text,
        &[
            "<h1>foo <span class=\"version\">1.0</span>",
            "Held back <span class=\"version\">2</span>",
            "must be 7 days old",
            &format!("<div>foo-2.0-py3-none-any.whl</div><span class=\"quiet\">{until}</span>"),
            "<div>foo-1.0.tar.gz</div><span class=\"quiet\">its index does not say when",
            "<a href=\"/project/foo/2.0/\">2.0</a> <span class=\"mark bad\">held back</span>",
        ],
    );
    has_none(&text, &["href=\"/packages/u", "foo-2.0-py3-none-any.whl</a>"]);
    let held = page(&server, "/project/foo/2.0/");
    has(&held, &["None is served.", &until, "to the latest release"]);
    has_none(&held, &["pip install", "foo-1.0.tar.gz", "/pypi/foo/2.0/json"]);
    has(&page(&server, "/project/foo/releases/"), &["held back</span>"]);
    has_none(&page(&server, "/project/foo/2.0/files/"), &["foo-2.0-py3"]);
    let all = json_of(&server, "foo");
    assert_eq!(all["info"]["version"], "1.0");
    let keys: Vec<_> = all["releases"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["1.0"]);
    assert_eq!(all["urls"].as_array().unwrap().len(), 1);
    for path in ["foo/2.0", "new", "new/1.0"] {
        server.get(&format!("/pypi/{path}/json")).send().expect(404);
    }
    // Where everything is held back there is still a page that says so.
    let text = page(&server, "/project/new/");
    has(&text, &["<h1>new</h1>", "new-1.0-py3-none-any.whl</div>", "None is served."]);
    has_none(&text, &["pip install", "Released"]);
    let what = What { project: Some("new"), ..What::default() };
    rule(&server, Action::ReleaseEarly, &what, None);
    eventually("released", || page(&server, "/project/new/").contains("pip install"));
    // Nothing that is held back was asked for.
    assert!(upstream.asked().iter().all(|asked| !asked.path.contains("foo-2.0")));
}

fn what_an_administrator_quarantines_is_not_shown(backend: Backend) {
    let upstream = Upstream::start();
    for version in ["1.0", "2.0"] {
        add(&upstream, "foo", version, "Summary: A test\n");
    }
    let server = mirror(backend, &upstream);
    assert_eq!(json_of(&server, "foo")["info"]["version"], "2.0");
    let version = What { project: Some("foo"), version: Some("2.0"), ..What::default() };
    let id = rule(&server, Action::Quarantine, &version, None);
    eventually("the older release", || json_of(&server, "foo")["info"]["version"] == "1.0");
    let text = page(&server, "/project/foo/");
    has(
        &text,
        &["foo-2.0-py3-none-any.whl</div><span class=\"quiet\">quarantined: because</span>"],
    );
    has_none(&text, &["days old", "foo-2.0-py3-none-any.whl</a>"]);
    server.get("/pypi/foo/2.0/json").send().expect(404);
    take_back(&server, id);
    eventually("the newer release", || json_of(&server, "foo")["info"]["version"] == "2.0");
    rule(&server, Action::Quarantine, &What { project: Some("foo"), ..What::default() }, None);
    let notice = "<b>This project is quarantined</b> by an administrator of this index: because.";
    eventually("quarantined", || page(&server, "/project/foo/").contains(notice));
    let text = page(&server, "/project/foo/1.0/");
    has(&text, &[notice]);
    has_none(&text, &["pip install", "A test", ".whl", "/pypi/foo"]);
    for path in [
        "/project/foo/releases/",
        "/project/foo/1.0/files/",
        "/pypi/foo/json",
        "/pypi/foo/1.0/json",
    ] {
        read(&server, path).expect(404);
    }
}

fn a_project_that_its_index_quarantines_says_so(backend: Backend) {
    let upstream = Upstream::start();
    let path = add(&upstream, "foo", "1.0", "Summary: A test\n");
    upstream.change("foo", |page| {
        page.status = Some(("quarantined".to_owned(), Some("<b>bad</b>".to_owned())));
    });
    let server = mirror(backend, &upstream);
    let text = page(&server, "/project/foo/");
    has(&text, &["by the index that it comes from: &#60;b&#62;bad&#60;/b&#62;."]);
    has_none(&text, &["pip install", ".whl", "<b>bad"]);
    server.get("/pypi/foo/json").send().expect(404);
    assert_eq!(upstream.asked_for(&format!("{path}.metadata")), 0);
}

fn out_of_date_pages_say_so(backend: Backend) {
    let upstream = Upstream::start();
    add(&upstream, "foo", "1.0", "Summary: A test\n\nHello *you*\n");
    let server = mirror(backend, &upstream);
    has_none(&page(&server, "/project/foo/"), &["out of date"]);
    let fresh = server.get("/pypi/foo/json").send().expect(200);
    assert_eq!((fresh.header("cache-status"), fresh.header("age")), (None, None));
    upstream.say(&page_path("foo"), Said::new(503, "later"));
    age(&server);
    let stale = |path: &str| server.get(path).send().expect(200).header("cache-status").is_some();
    eventually("stale", || stale("/pypi/foo/json"));
    let reply = server.get("/pypi/foo/json").send().expect(200);
    assert_eq!(reply.json(), fresh.json());
    assert!(reply.header("age").unwrap().parse::<u64>().unwrap() > 100_000_000);
    let text = page(&server, "/project/foo/");
    has(
        &text,
        &["<b>It may be out of date:</b> that index has not answered since 2020-01-01", "Hello"],
    );
    page(&server, "/project/foo/releases/");
    // What is not known at all cannot be answered.
    for path in ["/project/bar/", "/project/bar/1.0/", "/project/bar/releases/", "/pypi/bar/json"] {
        let reply = read(&server, path).expect(503);
        assert!(reply.header("retry-after").is_some(), "{path}");
    }
    upstream.mend(&page_path("foo"));
    eventually("fresh", || !stale("/pypi/foo/json"));
    has_none(&page(&server, "/project/foo/"), &["out of date"]);
}

fn metadata_that_cannot_be_had_are_not_made_up(backend: Backend) {
    let upstream = Upstream::start();
    let path = add(&upstream, "foo", "1.0", "Summary: A test\nRequires-Dist: six\n");
    let beside = format!("{path}.metadata");
    let server = mirror(backend, &upstream);
    for (said, status) in [
        (Said::new(500, "oops"), 503),
        (
            Said::new(200, "Metadata-Version: 2.1\nName: foo\nVersion: 1.0\nRequires-Dist: evil\n"),
            502,
        ),
    ] {
        upstream.say(&beside, said);
        for path in ["foo", "foo/1.0"] {
            let reply = server.get(&format!("/pypi/{path}/json")).send().expect(status);
            assert!(reply.header("retry-after").is_some());
            has(&reply.text(), &["The metadata of foo-1.0-py3-none-any.whl"]);
        }
        let text = page(&server, "/project/foo/");
        has(&text, &["cannot be had from the index", "pip install", "<dd>&#62;=3.8</dd>"]);
        has_none(&text, &["evil"]);
    }
    upstream.mend(&beside);
    assert_eq!(json_of(&server, "foo")["info"]["requires_dist"], json!(["six"]));
    // Named and not there: then there are none.
    upstream.add_with(&Dist::wheel("bar", "1.0"), |file| {
        file.core_metadata = json!({ "sha256": "ab".repeat(32) });
    });
    assert_eq!(json_of(&server, "bar")["info"]["requires_dist"], Value::Null);
}

fn offline_there_is_what_is_stored(backend: Backend) {
    let upstream = Upstream::start();
    let path = add(&upstream, "foo", "1.0", "Summary: A test\n");
    add(&upstream, "foo", "2.0", "Summary: Another\n");
    let mut server = mirror(backend, &upstream);
    assert_eq!(json_of(&server, "foo/1.0")["info"]["summary"], "A test");
    server.get(&path).send().expect(200);
    eventually("stored", || page(&server, "/project/foo/1.0/").contains(">contents<"));
    server.kill();
    server.set("CHEESESHOP_MIRROR__OFFLINE", "true");
    server.run();
    age(&server);
    let asked = upstream.asked().len();
    let text = page(&server, "/project/foo/");
    has(
        &text,
        &[
            "Other indexes are not asked at this time",
            "A test",
            "<span class=\"version\">1.0</span>",
        ],
    );
    has_none(&text, &["2.0", "out of date"]);
    assert_eq!(json_of(&server, "foo")["info"]["summary"], "A test");
    server.get("/pypi/foo/2.0/json").send().expect(404);
    read(&server, "/project/bar/").expect(404);
    assert_eq!(upstream.asked().len(), asked);
}

fn hostile_metadata_do_nothing(backend: Backend) {
    let upstream = Upstream::start();
    let long =
        "a <b>long</b> line with [a link](javascript:alert(1)) <script>alert(2)</script>\n\n";
    let text = "Summary: <script>alert(3)</script>\u{202e}gnp.exe\nAuthor: <img src=x onerror=alert(4)>\n\
        Home-page: javascript:alert(5)\nProject-URL: \"><script>, https://example.org/\"><script>\n\
        Project-URL: Docs, data:text/html,<script>alert(6)</script>\nKeywords: {{ 7 * 7 }}\n\
        Classifier: <script>alert(8)</script>\nRequires-Dist: <script>alert(9)</script>\n\
        License: </dd><script>alert(10)</script>\nDescription-Content-Type: text/markdown\n\n";
    let huge = long.repeat(5 * 1024 * 1024 / long.len());
    add(&upstream, "foo", "1.0", &format!("{text}{huge}"));
    // Metadata of another project are that project's own affair.
    let other = b"Metadata-Version: 2.1\nName: <script>other\nVersion: 1.0\n";
    let digest = hex::encode(Sha256::digest(other));
    let path = upstream.add_with(&Dist::wheel("bar", "1.0"), |file| {
        file.core_metadata = json!({ "sha256": digest });
    });
    upstream.add_metadata(&path, other);
    let server = mirror(backend, &upstream);
    let text = page(&server, "/project/foo/");
    let beside = text.replace("<script src=\"/static/copy.js\" defer></script>", "");
    has_none(
        &beside,
        &["<script", "href=\"javascript:", "href=\"data:text", "<img src=x", "\u{202e}"],
    );
    assert!(text.len() < 64 * 1024 * 1024);
    assert_eq!(
        json_of(&server, "foo")["info"]["description"].as_str().unwrap().len(),
        huge.trim_end().len()
    );
    has(&page(&server, "/project/bar/"), &["<h1>bar <span"]);
    assert_eq!(json_of(&server, "bar")["info"]["name"], "bar");
}

fn hostile_pages_do_nothing(backend: Backend) {
    let upstream = Upstream::start();
    let odd = |name: &str| Listed {
        filename: name.to_owned(),
        url: upstream.at(&format!("/files/{}", hex::encode(name))),
        hashes: [("sha256".to_owned(), "ab".repeat(32)), ("<b>x".to_owned(), "<i>".to_owned())]
            .into(),
        size: Some(usize::MAX >> 1),
        upload_time: Some("9999-12-31T23:59:59Z".to_owned()),
        requires_python: Some("<script>alert(1)</script>\nSummary: evil".to_owned()),
        yanked: json!("<script>alert(2)</script>"),
        core_metadata: json!(false),
        provenance: Some("javascript:alert(3)".to_owned()),
    };
    for name in [
        "foo-<script>alert(4)<script>.tar.gz",
        "foo-1.0-\"onclick=alert(5).tar.bz2",
        "foo-1.0.tar.gz",
        "foo-1.0+<b>-py3-none-any.whl",
        "foo-1.0-py3-none-<i>.whl",
        "../foo-1.0.zip",
    ] {
        upstream.list("foo", odd(name));
    }
    let server = mirror(backend, &upstream);
    for path in ["", "releases/", "1.0/", "1.0/files/"] {
        let text = page(&server, &format!("/project/foo/{path}"));
        let text = text.replace("<script src=\"/static/copy.js\" defer></script>", "");
        has_none(&text, &["<script", "<b>x", "<i>", "\"onclick", "evil</p>", "../foo"]);
    }
    let all = json_of(&server, "foo");
    assert_eq!(all["info"]["summary"], Value::Null);
    assert_eq!(all["info"]["requires_python"], "<script>alert(1)</script> Summary: evil");
    // A version that is none names no page.
    let bad = "{\"files\": [], \"versions\": [\"1.0<script>\", \"../2.0\", \"3.0\"]}";
    upstream.say(&page_path("bar"), Said::new(200, bad).with("Content-Type", JSON));
    let text = page(&server, "/project/bar/");
    has(&text, &["<h1>bar <span class=\"version\">3.0</span>", "None is served."]);
    has_none(&text, &["1.0&#60;", "../2.0"]);
    ask(&server, "bar").expect(200);
    let held: Server = mirror_with(backend, &upstream, &[MIN_AGE]);
    let text = page(&held, "/project/foo/");
    has(&text, &["Held back", "foo-1.0.tar.gz</div>"]);
    has_none(&text, &["<script>", "\"onclick"]);
}
