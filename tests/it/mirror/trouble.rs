//! Indexes that are down, slow or broken: what is known is still served, and said to be stale.

use super::{age, ask, ask_anew, metric, mirror, mirror_with};
use crate::support::provider::Said;
use crate::support::upstream::{HTML, JSON, page_path};
use crate::support::{Backend, Dist, Server, Upstream, eventually, on_both};

on_both!(
    a_stale_page_is_served_and_says_so,
    whatever_cannot_be_used_leaves_the_page_as_it_was,
    without_a_page_there_is_no_answer,
    a_silent_index_is_waited_for_once,
    a_broken_page_is_trouble_with_that_page_alone,
    an_index_that_is_gone_is_found_again,
    redirects_stay_out_of_private_networks,
);

const HASTY: (&str, &str) = ("CHEESESHOP_MIRROR__TIMEOUT_SECONDS", "1");

/// Waits until the page is stale; its answer then.
#[track_caller]
fn stale(server: &Server, project: &str) -> crate::support::Reply {
    let mut last = None;
    eventually("stale", || {
        let reply = ask(server, project).expect(200);
        let is_stale = reply.header("cache-status").is_some();
        last = Some(reply);
        is_stale
    });
    last.unwrap()
}

fn a_stale_page_is_served_and_says_so(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    let server = mirror(backend, &upstream);
    let fresh = ask(&server, "foo").expect(200);
    assert_eq!((fresh.header("cache-status"), fresh.header("age")), (None, None));
    upstream.say(&page_path("foo"), Said::new(503, "later"));
    age(&server);
    let reply = stale(&server, "foo");
    assert_eq!((&reply.body, reply.header("etag")), (&fresh.body, fresh.header("etag")));
    let status = reply.header("cache-status").unwrap();
    assert!(status.starts_with("cheeseshop; hit; ttl=-"), "{status}");
    assert!(status.ends_with("; detail=\"upstream does not answer\""), "{status}");
    // It is as old as the test made it.
    assert!(reply.header("age").unwrap().parse::<u64>().unwrap() > 100_000_000);
    let etag = reply.header("etag").unwrap();
    let again = server.get("/simple/foo/").header("Accept", JSON).header("If-None-Match", etag);
    assert!(again.send().expect(304).header("cache-status").is_some());
    assert!(metric(&server, "cheeseshop_mirror_pages_stale_total") >= 1);
    assert!(metric(&server, "cheeseshop_mirror_pages_failed_total") >= 1);
    let up = format!("cheeseshop_mirror_upstream_up{{upstream=\"{}\"}}", upstream.url());
    assert_eq!(metric(&server, &up), 0);
    // And it gets well again.
    upstream.mend(&page_path("foo"));
    eventually("fresh", || ask(&server, "foo").expect(200).header("cache-status").is_none());
    assert_eq!(metric(&server, &up), 1);
    let count = |words: &str| server.log().iter().filter(|line| line.contains(words)).count();
    eventually("the log says it", || count("answers again") == 1);
    assert_eq!(count("does not answer"), 1);
}

fn whatever_cannot_be_used_leaves_the_page_as_it_was(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    let server = mirror(backend, &upstream);
    let fresh = ask(&server, "foo").expect(200).body;
    let json = |text: &str| Said::new(200, text).with("Content-Type", JSON);
    let page = "{\"files\": [], \"name\": \"foo\", \"meta\": {\"api-version\": \"1.0\"}}";
    for (what, said) in [
        ("an error", Said::new(500, "oops")),
        ("no login", Said::new(401, "who are you?")),
        ("no right", Said::new(403, "not you")),
        ("too many", Said::new(429, "").with("Retry-After", "1")),
        ("nothing", Said::new(204, "")),
        ("teapot", Said::new(418, page)),
        ("no type", Said::new(200, page)),
        ("another type", Said::new(200, page).with("Content-Type", "text/plain")),
        ("not modified unasked", Said::new(999, "")),
        ("no JSON", json("<html>")),
        ("half of it", json(page).cut()),
        ("another project", json("{\"files\": [], \"name\": \"bar\"}")),
        ("a later version", json("{\"files\": [], \"meta\": {\"api-version\": \"2.0\"}}")),
        (
            "a later version by its type",
            Said::new(200, page).with("Content-Type", "application/vnd.pypi.simple.v2+json"),
        ),
        ("a login page", Said::new(200, "<form>Log in").with("Content-Type", "text/html")),
        ("another page", Said::new(200, "<a href='x'>").with("Content-Type", HTML)),
        ("a deep one", json(&"[".repeat(100_000))),
        ("in circles", Said::redirect(&page_path("foo"))),
        ("nowhere", Said::redirect("gopher://example.org/")),
    ] {
        upstream.say(&page_path("foo"), said);
        age(&server);
        let reply = stale(&server, "foo");
        assert!(reply.body == fresh, "{what}");
        upstream.mend(&page_path("foo"));
        age(&server);
        eventually("fresh", || ask(&server, "foo").expect(200).header("cache-status").is_none());
    }
}

fn without_a_page_there_is_no_answer(backend: Backend) {
    let upstream = Upstream::start();
    upstream.say(&page_path("foo"), Said::new(500, "oops"));
    let server = mirror(backend, &upstream);
    // A 404 would let installers look for another version, or elsewhere.
    let reply = ask(&server, "foo").expect(503);
    assert!(reply.header("retry-after").is_some());
    assert!(reply.text().contains("does not answer"), "{}", reply.text());
    for _ in 0..3 {
        ask(&server, "foo").expect(503);
    }
    assert_eq!(upstream.asked_about("foo"), 1);
    upstream.mend(&page_path("foo"));
    upstream.add(&Dist::wheel("foo", "1.0"));
    eventually("there", || ask(&server, "foo").status == 200);
}

fn a_silent_index_is_waited_for_once(backend: Backend) {
    let upstream = Upstream::start();
    for name in ["foo", "bar"] {
        upstream.add(&Dist::wheel(name, "1.0"));
    }
    let server = mirror_with(backend, &upstream, &[HASTY]);
    for name in ["foo", "bar"] {
        ask(&server, name).expect(200);
    }
    upstream.hold_all();
    age(&server);
    stale(&server, "foo");
    let asked = upstream.asked().len();
    // The second is not even asked for, nor is what is not known.
    stale(&server, "bar");
    ask(&server, "unknown").expect(503);
    for _ in 0..10 {
        stale(&server, "foo");
    }
    let more = upstream.asked().len() - asked;
    assert!(more <= 2, "{more} questions to an index that does not answer");
    upstream.release();
    eventually("fresh", || ask(&server, "bar").expect(200).header("cache-status").is_none());
}

fn a_broken_page_is_trouble_with_that_page_alone(backend: Backend) {
    let upstream = Upstream::start();
    for name in ["foo", "bar"] {
        upstream.add(&Dist::wheel(name, "1.0"));
    }
    let server = mirror_with(backend, &upstream, &[HASTY]);
    let endless = Said::new(200, vec![b' '; 1 << 20]).with("Content-Type", JSON).endless();
    upstream.say(&page_path("foo"), endless);
    ask(&server, "foo").expect(503);
    ask(&server, "bar").expect(200);
    upstream.hold_after(&page_path("slow"), 10);
    upstream.add(&Dist::wheel("slow", "1.0"));
    ask(&server, "slow").expect(503);
    assert!(ask_anew(&server, &upstream, "bar").expect(200).header("cache-status").is_none());
}

fn an_index_that_is_gone_is_found_again(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    let mut server = mirror(backend, &upstream);
    ask(&server, "foo").expect(200);
    drop(upstream);
    age(&server);
    stale(&server, "foo");
    // Nor does it matter that the process is another one.
    server.kill();
    server.run();
    assert!(ask(&server, "foo").expect(200).header("cache-status").is_some());
    ask(&server, "bar").expect(503);
}

fn redirects_stay_out_of_private_networks(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("real", "1.0"));
    let server = mirror(backend, &upstream);
    let moved = |name: &str, to: &str| upstream.say(&page_path(name), Said::redirect(to));
    // To another page of the same host: this is how indexes spell names right.
    moved("other", &page_path("real"));
    moved("within", "/elsewhere/within/");
    let page =
        "{\"files\": [{\"filename\": \"within-1.0.tar.gz\", \"url\": \"within-1.0.tar.gz\"}]}";
    upstream.say("/elsewhere/within/", Said::new(200, page).with("Content-Type", JSON));
    let url = ask(&server, "within").expect(200).json()["files"][0]["url"].clone();
    assert!(url.as_str().unwrap().starts_with("/packages/u/"), "{url}");
    // Not to the page of another project,
    ask(&server, "other").expect(503);
    // and not into other networks of the company.
    let private = Upstream::start();
    private.add(&Dist::wheel("secret", "1.0"));
    let port = private.url().rsplit_once(':').unwrap().1.replace("/simple/", "");
    for (name, host) in [("a", "localhost"), ("b", "127.0.0.2"), ("c", "[::1]"), ("d", "10.0.0.1")]
    {
        moved(name, &format!("http://{host}:{port}/simple/secret/"));
        ask(&server, name).expect(503);
    }
    assert_eq!(private.asked(), []);
}
