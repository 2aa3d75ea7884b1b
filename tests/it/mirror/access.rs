//! Who may read mirrored pages, and who learns which credentials.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{UPSTREAM, ask, mirror_with};
use crate::support::provider::Said;
use crate::support::upstream::{JSON, page_path};
use crate::support::{Backend, Dist, Server, Upstream, eventually, on_both};

on_both!(
    on_a_private_index_mirrored_pages_are_private,
    credentials_come_from_the_url_or_a_file,
    credentials_are_for_the_index_alone,
);

fn on_a_private_index_mirrored_pages_are_private(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    let server = mirror_with(backend, &upstream, &[("CHEESESHOP_PRIVATE", "true")]);
    server.upload(&Dist::wheel("own", "1.0")).token(&server.token("ada")).send().expect(200);
    let limited = server.ok(&["token", "create", "ada", "--project", "own"]);
    let whole = server.token("ada");
    let with = |token: &str, project: &str| {
        let page = server.get(&format!("/simple/{project}/")).header("Accept", JSON);
        page.basic("__token__", token.trim()).send()
    };
    // The upload of a new name asks whether it is anybody's.
    let before = upstream.asked();
    // Neither cold nor warm.
    ask(&server, "foo").expect(401);
    assert_eq!(upstream.asked(), before);
    for _ in 0..2 {
        with(&limited, "foo").expect(404);
        let reply = with(&whole, "foo").expect(200);
        assert_eq!(reply.header("cache-control"), Some("private, no-cache"));
        ask(&server, "foo").expect(401);
    }
    with(&limited, "own").expect(200);
}

fn credentials_come_from_the_url_or_a_file(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    upstream.demand("ada:s@cret");
    let url = upstream.url_with("ada:s%40cret");
    let server = Server::start_with(backend, &[(UPSTREAM, &url)]);
    ask(&server, "foo").expect(200);
    let shown = server.ok(&["config"]);
    assert!(shown.contains("***:***@") && !shown.contains("s%40cret"), "{shown}");
    let kept = server.sql_texts("SELECT upstream AS text FROM mirror_pages");
    assert_eq!(kept, [upstream.url()]);
    let mut server = Server::prepare(backend, &[(UPSTREAM, &upstream.url())]);
    let netrc = server.scratch().join("netrc");
    std::fs::write(&netrc, "machine 127.0.0.1 login ada password s@cret\n").unwrap();
    server.set("NETRC", netrc.to_str().unwrap());
    server.run();
    ask(&server, "foo").expect(200);
    server.kill();
    server.set("NETRC", "/nowhere");
    server.run();
    ask(&server, "bar").expect(503);
    let words = "user name and password for it are missing or wrong";
    eventually("the log says why", || server.log().iter().any(|line| line.contains(words)));
}

fn credentials_are_for_the_index_alone(backend: Backend) {
    let (upstream, other) = (Upstream::start(), Upstream::start());
    other.add(&Dist::wheel("foo", "1.0"));
    upstream.say(&page_path("foo"), Said::redirect(&other.at(&page_path("foo"))));
    upstream.say(&page_path("bar"), Said::redirect("/simple/baz/"));
    let server = Server::start_with(backend, &[(UPSTREAM, &upstream.url_with("ada:secret"))]);
    ask(&server, "foo").expect(200);
    ask(&server, "bar").expect(404);
    let expected = format!("Basic {}", STANDARD.encode("ada:secret"));
    for asked in upstream.asked() {
        assert_eq!(asked.headers.get("authorization"), Some(&expected), "{}", asked.path);
    }
    assert!(other.asked().iter().all(|asked| !asked.headers.contains_key("authorization")));
    assert_eq!(other.asked().len(), 1);
}
