//! The simple repository API beyond its standards, which `conformance` walks.

use crate::support::{Backend, Dist, Server, eventually, on_both};

on_both!(
    other_spellings_are_redirected,
    what_is_not_there_is_not_found,
    a_prefix_is_respected,
    changes_by_commands_show_in_the_running_server,
);

fn other_spellings_are_redirected(backend: Backend) {
    let server = Server::start(backend);
    for (path, to) in
        [("/project/Foo", "/project/foo/"), ("/project/foo_bar/?x=1", "/project/foo-bar/?x=1")]
    {
        let reply = server.get(path).send().expect(301);
        assert_eq!(reply.header("location"), Some(to), "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
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
