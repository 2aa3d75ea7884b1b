//! The simple repository API.

use crate::support::{Backend, Dist, Server, eventually, on_both};

on_both!(
    a_page_has_all_that_installers_need,
    pages_come_in_the_form_that_is_asked_for,
    pages_can_be_revalidated,
    other_spellings_are_redirected,
    the_index_lists_all_projects,
    what_is_not_there_is_not_found,
    a_prefix_is_respected,
    changes_by_commands_show_in_the_running_server,
);

const JSON: &str = "application/vnd.pypi.simple.v1+json";

fn a_page_has_all_that_installers_need(backend: Backend) {
    let server = Server::start(backend);
    for version in ["1.10", "1.9", "1.9rc1"] {
        server.upload(&Dist::wheel("foo", version)).send().expect(200);
    }
    let local = Dist::wheel_with("foo", "2.0+local.1", "Requires-Python: >=3.9,<4\n", "");
    server.upload(&local).send().expect(200);
    let page = server.page("foo");
    assert_eq!(page["meta"]["api-version"], "1.4");
    assert_eq!(page["versions"], serde_json::json!(["1.9rc1", "1.9", "1.10", "2.0+local.1"]));
    let file = &page["files"][3];
    assert_eq!(file["size"], local.bytes.len());
    assert_eq!(file["requires-python"], ">=3.9,<4");
    assert_eq!(file["yanked"], false);
    let time = file["upload-time"].as_str().unwrap();
    assert!(time.len() == "2026-11-21T19:30:00.000000Z".len() && time.ends_with('Z'), "{time}");
    let url = file["url"].as_str().unwrap();
    assert!(url.ends_with("/foo-2.0%2Blocal.1-py3-none-any.whl"), "{url}");
    assert_eq!(server.get(url).send().expect(200).body, local.bytes);
    let metadata = server.get(&format!("{url}.metadata")).send().expect(200);
    let digest = Dist { bytes: metadata.body, ..local }.sha256();
    assert_eq!(file["core-metadata"]["sha256"], digest);
    let html = server.get("/simple/foo/").send().expect(200).text();
    assert_eq!(html.matches("<a ").count(), 4, "{html}");
    assert!(html.contains("data-requires-python=\"&#62;=3.9,&#60;4\""), "{html}");
    assert!(html.contains(&format!("data-core-metadata=\"sha256={digest}\"")), "{html}");
    assert!(html.contains("<meta name=\"pypi:repository-version\" content=\"1.4\">"), "{html}");
}

fn pages_come_in_the_form_that_is_asked_for(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    for (accept, expected) in [
        ("*/*", "text/html; charset=utf-8"),
        (
            "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01",
            JSON,
        ),
        ("application/vnd.pypi.simple.latest+json", JSON),
        ("application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.v1+html"),
        ("image/png", "text/html; charset=utf-8"),
    ] {
        for path in ["/simple/", "/simple/foo/"] {
            let reply = server.get(path).header("Accept", accept).send().expect(200);
            assert_eq!(reply.header("content-type"), Some(expected), "{accept}");
            assert_eq!(reply.header("vary"), Some("Accept, Accept-Encoding"));
        }
    }
    let path = format!("/simple/foo/?format={}", JSON.replace('+', "%2B"));
    assert_eq!(server.get(&path).send().expect(200).header("content-type"), Some(JSON));
}

fn pages_can_be_revalidated(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let get = |etag: &str| {
        server.get("/simple/foo/").header("Accept", JSON).header("If-None-Match", etag).send()
    };
    let first = get("\"x\"").expect(200);
    let etag = first.header("etag").unwrap();
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    assert_eq!(first.header("x-pypi-last-serial"), Some("4"));
    let again = get(etag).expect(304);
    assert_eq!((again.body.len(), again.header("etag")), (0, Some(etag)));
    let html = server.get("/simple/foo/").header("If-None-Match", etag).send().expect(200);
    assert_ne!(html.header("etag"), Some(etag));
    server.upload(&Dist::wheel("foo", "1.1")).send().expect(200);
    get(etag).expect(200);
    let head = server.request("HEAD", "/simple/foo/").header("Accept", JSON).send().expect(200);
    let get = server.get("/simple/foo/").header("Accept", JSON).send().expect(200);
    assert_eq!(head.body.len(), 0);
    for name in ["etag", "content-type", "content-length", "cache-control", "vary"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
}

fn other_spellings_are_redirected(backend: Backend) {
    let server = Server::start(backend);
    for (path, to) in [
        ("/simple", "/simple/"),
        ("/simple?x=1", "/simple/?x=1"),
        ("/simple/Foo.Bar", "/simple/foo-bar/"),
        ("/simple/foo__bar/?x=1", "/simple/foo-bar/?x=1"),
        ("/simple/foo-bar", "/simple/foo-bar/"),
        ("/project/Foo", "/project/foo/"),
    ] {
        let reply = server.get(path).send().expect(301);
        assert_eq!(reply.header("location"), Some(to), "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
}

fn the_index_lists_all_projects(backend: Backend) {
    let server = Server::start(backend);
    let empty = server.get("/simple/").header("Accept", JSON).send().expect(200).json();
    assert_eq!(empty["projects"], serde_json::json!([]));
    server.upload(&Dist::wheel("Zoo", "1.0")).send().expect(200);
    server.upload(&Dist::wheel("a.b", "1.0")).send().expect(200);
    let page = server.get("/simple/").header("Accept", JSON).send().expect(200).json();
    let names: Vec<_> = page["projects"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["a.b", "Zoo"]);
    assert_eq!(page["meta"]["_last-serial"], 8);
    let html = server.get("/simple/").send().expect(200).text();
    assert!(html.contains("<a href=\"/simple/a-b/\">a.b</a>"), "{html}");
}

fn what_is_not_there_is_not_found(backend: Backend) {
    let server = Server::start(backend);
    let address = "0".repeat(60);
    for path in [
        "/simple/nothing/",
        "/simple/-bad-/",
        "/simple/a%00b/",
        "/simple/%ff/",
        "/simple/%C3%A9/",
        "/project/nothing/",
        "/project/nothing/1.0/",
        "/nothing",
        "/static/nothing",
        "/packages/00/00/x/y.whl",
        &format!("/packages/00/00/{address}/y.whl"),
        "/simple/a/b/",
    ] {
        let reply = server.get(path).send();
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"), "{path}");
    }
    let page = server.get("/project/nothing/").header("Accept", "text/html").send().expect(404);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
}

fn a_prefix_is_respected(backend: Backend) {
    let url = [("CHEESESHOP_PUBLIC_URL", "https://example.org/py/index/")];
    let server = Server::start_with(backend, &url);
    server.upload(&Dist::wheel("foo", "1.0")).path("/py/index/legacy/").send().expect(200);
    let page = server.page("foo");
    let path = page["files"][0]["url"].as_str().unwrap();
    assert!(path.starts_with("/py/index/packages/"), "{path}");
    // Whether the proxy in front takes the prefix away or not.
    server.get(path).send().expect(200);
    server.get(path.strip_prefix("/py/index").unwrap()).send().expect(200);
    let redirect = server.get("/py/index/simple/Foo?x").send().expect(301);
    assert_eq!(redirect.header("location"), Some("/py/index/simple/foo/?x"));
    let home = server.get("/py/index/").send().expect(200).text();
    assert!(home.contains("https://example.org/py/index/simple/"), "{home}");
    assert!(home.contains("href=\"/py/index/project/foo/\""), "{home}");
}

fn changes_by_commands_show_in_the_running_server(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    assert_eq!(server.page("foo")["files"].as_array().unwrap().len(), 1);
    let folder = server.scratch().join("dist");
    std::fs::create_dir(&folder).unwrap();
    let dist = Dist::wheel("foo", "1.1");
    std::fs::write(folder.join(&dist.filename), &dist.bytes).unwrap();
    server.ok(&["import", folder.to_str().unwrap(), "--owner", "ada"]);
    eventually("the imported file shows", || {
        server.page("foo")["files"].as_array().unwrap().len() == 2
    });
}
