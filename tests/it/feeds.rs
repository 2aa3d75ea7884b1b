//! The feeds of what is new.

use std::process::Command;

use crate::support::{Backend, Dist, Reply, Server, on_both, prepared};

on_both!(
    the_newest_come_first,
    hostile_text_stays_text,
    feeds_can_be_revalidated,
    old_addresses_lead_to_the_feeds,
    what_has_no_feed_is_not_found,
);

/// The items of a feed as Python's reader of XML sees them: title, link and description.
fn items(server: &Server, reply: &Reply) -> Vec<Vec<String>> {
    assert_eq!(reply.header("content-type"), Some("text/xml; charset=utf-8"));
    let script = "import json, sys, xml.etree.ElementTree as tree\n\
        from email.utils import parsedate_to_datetime as parse\n\
        channel = tree.parse(sys.argv[1]).getroot().find('channel')\n\
        assert channel.find('title').text and channel.find('link').text\n\
        rows = [[item.find(tag).text or '' for tag in ('title', 'link', 'description')]\n\
                for item in channel.findall('item')]\n\
        dates = [parse(item.find('pubDate').text) for item in channel.findall('item')]\n\
        assert dates == sorted(dates, reverse=True)\n\
        assert [i.find('guid').text for i in channel.findall('item')] == [r[1] for r in rows]\n\
        print(json.dumps(rows))";
    let path = server.scratch().join("feed.xml");
    std::fs::write(&path, &reply.body).unwrap();
    let python = prepared("TEST_CLIENTS").join("python");
    let output = Command::new(python).args(["-c", script]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn feed(server: &Server, path: &str) -> Vec<Vec<String>> {
    items(server, &server.get(path).send().expect(200))
}

fn the_newest_come_first(backend: Backend) {
    let server = Server::start(backend);
    assert_eq!(feed(&server, "/rss/updates.xml"), [] as [Vec<String>; 0]);
    for (name, version) in [("Foo", "1.0"), ("bar", "1.0"), ("bad", "1.0"), ("Foo", "0.9")] {
        server.upload(&Dist::wheel(name, version)).send().expect(200);
    }
    server.ok(&["project", "status", "bad", "quarantined"]);
    let url = server.url();
    let row = |title: &str, path: &str| {
        vec![title.to_owned(), format!("{url}/project/{path}/"), "A test".to_owned()]
    };
    let updates = feed(&server, "/rss/updates.xml");
    let expected =
        [row("Foo 0.9", "foo/0.9"), row("bar 1.0", "bar/1.0"), row("Foo 1.0", "foo/1.0")];
    assert_eq!(updates, expected);
    let packages = feed(&server, "/rss/packages.xml");
    assert_eq!(packages, [row("bar added", "bar"), row("Foo added", "foo")]);
    let releases = feed(&server, "/rss/project/foo/releases.xml");
    assert_eq!(releases, [row("0.9", "foo/0.9"), row("1.0", "foo/1.0")]);
}

fn hostile_text_stays_text(backend: Backend) {
    let settings = [("CHEESESHOP_SITE_NAME", "Käse & <Co>")];
    let server = Server::start_with(backend, &settings);
    let metadata = "Summary: ]]> </item><script> & \u{1b}[31m \u{fffe} \"é😀'\n";
    server.upload(&Dist::wheel_with("foo", "1.0", metadata, "")).send().expect(200);
    for path in ["/rss/updates.xml", "/rss/packages.xml", "/rss/project/foo/releases.xml"] {
        let items = feed(&server, path);
        assert_eq!(items.len(), 1);
        assert_eq!(items[0][2], "]]> </item><script> & [31m  \"é😀'", "{path}");
    }
}

fn feeds_can_be_revalidated(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    for path in ["/rss/updates.xml", "/rss/packages.xml", "/rss/project/foo/releases.xml"] {
        let first = server.get(path).send().expect(200);
        assert_eq!(first.header("cache-control"), Some("no-cache"));
        assert_eq!(first.header("access-control-allow-origin"), Some("*"));
        assert_eq!(first.header("x-pypi-last-serial"), Some("4"));
        let etag = first.header("etag").unwrap();
        server.get(path).header("If-None-Match", etag).send().expect(304);
        let head = server.request("HEAD", path).send().expect(200);
        assert_eq!((head.body.len(), head.header("etag")), (0, Some(etag)));
    }
}

fn old_addresses_lead_to_the_feeds(backend: Backend) {
    let server = Server::start(backend);
    for (path, to) in [
        ("/pypi?:action=rss", "/rss/updates.xml?:action=rss"),
        ("/pypi/?%3Aaction=packages_rss", "/rss/packages.xml?%3Aaction=packages_rss"),
        ("/rss/project/Foo.Bar/releases.xml", "/rss/project/foo-bar/releases.xml"),
        ("/pypi", "/"),
    ] {
        let reply = server.get(path).send().expect(301);
        assert_eq!(reply.header("location"), Some(to), "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
    server.get("/pypi?:action=nothing").send().expect(400);
    let list = server.get("/pypi?:action=list_classifiers").send().expect(200);
    assert_eq!(list.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(list.text().lines().any(|line| line == "Programming Language :: Rust"));
}

fn what_has_no_feed_is_not_found(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("bad", "1.0")).send().expect(200);
    server.ok(&["project", "status", "bad", "quarantined"]);
    for name in ["nothing", "-x-", "%ff", "a%00b", "bad"] {
        server.get(&format!("/rss/project/{name}/releases.xml")).send().expect(404);
    }
    server.get("/rss/nothing.xml").send().expect(404);
}
