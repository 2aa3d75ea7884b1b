//! Dependency confusion: names of ours are never asked for elsewhere, whatever is there.

use cheeseshop::catalog::project::Status;
use cheeseshop::catalog::{prefix, prohibited, status};
use cheeseshop::packaging::NormalizedName;
use serde_json::json;

use super::{UPSTREAM, ask, files, mirror, mirror_with, write};
use crate::support::upstream::JSON;
use crate::support::{Backend, Dist, Server, Upstream, eventually, on_both};

on_both!(
    names_of_ours_are_never_asked_for,
    what_becomes_ours_stays_ours,
    a_name_that_becomes_ours_while_it_is_asked_for,
    what_is_denied_is_not_served_from_what_is_kept,
    only_what_is_allowed_is_asked_for,
    pages_of_an_index_that_is_not_asked_any_more_are_not_served,
);

fn name(text: &str) -> NormalizedName {
    NormalizedName::parse(text).unwrap()
}

fn reserve(server: &Server, text: &'static str) {
    write(server, move |c| Ok(prefix::add(c, &name(text), &[], "ours", cheeseshop::time::now())?));
}

fn prohibit(server: &Server, text: &'static str) {
    write(server, move |c| Ok(prohibited::add(c, &name(text), "never", cheeseshop::time::now())?));
}

fn names_of_ours_are_never_asked_for(backend: Backend) {
    let upstream = Upstream::start();
    for name in ["hosted", "former", "never", "acme", "acme-tools", "held", "acmeware", "public"] {
        upstream.add(&Dist::wheel(name, "99.0"));
    }
    let server = mirror(backend, &upstream);
    prohibit(&server, "never");
    reserve(&server, "acme");
    for name in ["hosted", "former", "held"] {
        server.upload(&Dist::wheel(name, "1.0")).send().expect(200);
    }
    server.ok(&["project", "delete", "former", "--yes"]);
    write(&server, |c| {
        let held = (Status::Quarantined, Some("malware"));
        status::set(c, &name("held"), held, "ada", cheeseshop::time::now())
    });
    eventually("forgotten", || ask(&server, "former").status == 404);
    assert_eq!(files(&server.page("hosted")), ["hosted-1.0-py3-none-any.whl"]);
    eventually("quarantined", || server.page("held")["project-status"]["status"] == "quarantined");
    assert_eq!(server.page("held")["files"], json!([]));
    for name in ["former", "never", "acme", "acme-tools", "ACME_Tools", "acme.tools"] {
        for accept in [JSON, "text/html", "*/*"] {
            let reply = server.get(&format!("/simple/{name}/")).header("Accept", accept).send();
            assert!([301, 404].contains(&reply.status), "{name}: {}", reply.status);
        }
    }
    assert_eq!(upstream.asked(), [], "a name of ours left the house");
    // What only looks like the prefix is not ours.
    assert_eq!(files(&server.page("acmeware")), ["acmeware-99.0-py3-none-any.whl"]);
    assert_eq!(files(&server.page("public")), ["public-99.0-py3-none-any.whl"]);
    assert_eq!(upstream.names_asked().len(), 2);
}

fn what_becomes_ours_stays_ours(backend: Backend) {
    let upstream = Upstream::start();
    for name in ["claimed", "banned", "acme-x"] {
        upstream.add(&Dist::wheel(name, "99.0"));
    }
    let server = mirror_with(backend, &upstream, &[("CHEESESHOP_MIRROR__TTL_MINUTES", "1000")]);
    let second = server.second();
    for server in [&server, &second] {
        for name in ["claimed", "banned", "acme-x"] {
            assert_eq!(files(&server.page(name)).len(), 1);
        }
    }
    server.upload(&Dist::wheel("claimed", "1.0")).send().expect(200);
    // At once where it was uploaded, and within a second elsewhere.
    assert_eq!(files(&server.page("claimed")), ["claimed-1.0-py3-none-any.whl"]);
    eventually("ours", || files(&second.page("claimed")) == ["claimed-1.0-py3-none-any.whl"]);
    prohibit(&server, "banned");
    reserve(&server, "acme");
    for server in [&server, &second] {
        for name in ["banned", "acme-x"] {
            eventually("ours", || ask(server, name).status == 404);
        }
    }
    // For good: also after the project is gone, and in a new process.
    server.ok(&["project", "delete", "claimed", "--yes"]);
    eventually("gone", || ask(&server, "claimed").status == 404);
    let third = server.second();
    for name in ["claimed", "banned", "acme-x"] {
        ask(&third, name).expect(404);
    }
    let asked: usize =
        ["claimed", "banned", "acme-x"].map(|it| upstream.asked_about(it)).iter().sum();
    assert_eq!(asked, 3);
}

fn a_name_that_becomes_ours_while_it_is_asked_for(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "99.0"));
    let path = crate::support::upstream::page_path("foo");
    let server = mirror(backend, &upstream);
    upstream.hold(&path);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| ask(&server, "foo"));
        upstream.wait_for(&path, 1);
        prohibit(&server, "foo");
        upstream.release();
        // Whoever asked before may see either, but it is not kept.
        reader.join().unwrap();
    });
    eventually("ours", || ask(&server, "foo").status == 404);
    assert_eq!(upstream.asked_about("foo"), 1);
}

fn what_is_denied_is_not_served_from_what_is_kept(backend: Backend) {
    let upstream = Upstream::start();
    for name in ["good-one", "bad-one"] {
        upstream.add(&Dist::wheel(name, "1.0"));
    }
    let mut server = mirror(backend, &upstream);
    for name in ["good-one", "bad-one"] {
        server.page(name);
    }
    server.kill();
    server.set("CHEESESHOP_MIRROR__ALLOW", "Good_*");
    server.run();
    server.page("good-one");
    ask(&server, "bad-one").expect(404);
    let root = server.get("/simple/").header("Accept", JSON).send().expect(200).text();
    assert!(root.contains("good-one") && !root.contains("bad-one"), "{root}");
    assert_eq!(upstream.asked().len(), 2);
}

fn only_what_is_allowed_is_asked_for(backend: Backend) {
    let upstream = Upstream::start();
    for name in ["good-one", "good-bad", "other"] {
        upstream.add(&Dist::wheel(name, "1.0"));
    }
    let rules = [("CHEESESHOP_MIRROR__ALLOW", "good-*"), ("CHEESESHOP_MIRROR__DENY", "*-bad,x")];
    let server = mirror_with(backend, &upstream, &rules);
    server.page("good-one");
    ask(&server, "good-bad").expect(404);
    ask(&server, "other").expect(404);
    assert_eq!(upstream.asked().len(), 1);
}

fn pages_of_an_index_that_is_not_asked_any_more_are_not_served(backend: Backend) {
    let (old, new) = (Upstream::start(), Upstream::start());
    old.add(&Dist::wheel("foo", "1.0"));
    old.add(&Dist::wheel("old-only", "1.0"));
    new.add(&Dist::wheel("foo", "2.0"));
    let mut server = mirror(backend, &old);
    for name in ["foo", "old-only"] {
        server.page(name);
    }
    server.kill();
    server.set(UPSTREAM, &new.url());
    server.run();
    assert_eq!(server.page("foo")["versions"], json!(["2.0"]));
    ask(&server, "old-only").expect(404);
    // By no ETag of the other index.
    assert!(!new.asked()[0].headers.contains_key("if-none-match"));
}
