//! Pages: what they say, how long they are fresh, and that nobody is asked twice.

use serde_json::{Value, json};

use super::{ask, ask_anew, files, metric, mirror, mirror_with};
use crate::support::provider::Said;
use crate::support::upstream::{JSON, LONG_AGO, Speaks, page_path, path_of};
use crate::support::{Backend, Dist, Upstream, on_both};

on_both!(
    everything_that_json_says_is_said_again,
    everything_that_html_says_is_said_again,
    other_paths_are_addressed_by_digest,
    a_page_is_fresh_for_a_while_in_all_processes,
    an_old_page_is_asked_for_by_its_etag,
    changes_upstream_come_through,
    deletion_and_quarantine_upstream_come_through,
    without_a_time_to_live_each_reader_asks,
    many_readers_ask_once,
    who_goes_away_stops_nobody,
    unknown_names_are_remembered,
    a_compressed_page_of_40_000_files,
    nothing_of_it_exists_unless_it_is_configured,
);

fn everything_that_json_says_is_said_again(backend: Backend) {
    let upstream = Upstream::start();
    let wheel = Dist::wheel("Some.Thing", "1.0+local");
    let metadata = upstream.add_metadata("/m", b"metadata");
    let path = upstream.add_with(&wheel, |file| {
        file.requires_python = Some(">=3.8,<4".to_owned());
        file.yanked = json!("it is <broken>");
        file.core_metadata = metadata.clone();
        file.provenance = Some("https://index.example.org/integrity/x".to_owned());
    });
    upstream.add(&Dist::sdist("Some.Thing", "0.9"));
    upstream.change("some-thing", |page| {
        page.status = Some(("deprecated".to_owned(), Some("use another".to_owned())));
    });
    let server = mirror(backend, &upstream);
    let page = server.page("some-thing");
    assert_eq!(page["name"], "some-thing");
    assert_eq!(page["versions"], json!(["0.9", "1.0+local"]));
    assert_eq!(page["project-status"], json!({"status": "deprecated", "reason": "use another"}));
    let expected = json!({
        "core-metadata": metadata,
        "filename": wheel.filename,
        "hashes": {"sha256": wheel.sha256()},
        "provenance": "https://index.example.org/integrity/x",
        "requires-python": ">=3.8,<4",
        "size": wheel.bytes.len(),
        "upload-time": LONG_AGO,
        "url": path.replace('+', "%2B"),
        "yanked": "it is <broken>",
    });
    assert_eq!(page["files"][1], expected);
    let html = server.get("/simple/some-thing/").header("Accept", "text/html").send().expect(200);
    let html = html.text();
    for part in [
        &format!("{}#sha256={}\"", path.replace('+', "%2B"), wheel.sha256()),
        "data-requires-python=\"&#62;=3.8,&#60;4\"",
        "data-yanked=\"it is &#60;broken&#62;\"",
        &format!("data-core-metadata=\"sha256={}\"", metadata["sha256"].as_str().unwrap()),
        "data-provenance=\"https://index.example.org/integrity/x\"",
        "content=\"deprecated\"",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    // The form was wished for, the name normalized, and nothing else was asked.
    let asked = &upstream.asked()[0];
    assert!(asked.headers["accept"].starts_with(JSON), "{asked:?}");
    assert_eq!(upstream.asked().len(), 1);
    // Its serial is none of ours.
    assert_eq!(ask(&server, "some-thing").header("x-pypi-last-serial"), None);
}

fn everything_that_html_says_is_said_again(backend: Backend) {
    let upstream = Upstream::start();
    upstream.speak(Speaks::Html);
    let wheel = Dist::wheel("foo", "1.0");
    upstream.add_with(&wheel, |file| {
        file.requires_python = Some(">=3.8,<4".to_owned());
        file.yanked = json!(true);
        file.core_metadata = json!({"sha256": "ab".repeat(32)});
        file.url = format!("../../packages/{}", file.url.split("/packages/").nth(1).unwrap());
    });
    upstream.add_with(&Dist::sdist("foo", "1.0"), |file| file.core_metadata = json!(true));
    upstream.change("foo", |page| page.status = Some(("archived".to_owned(), None)));
    let server = mirror(backend, &upstream);
    let page = server.page("foo");
    assert_eq!(page["project-status"], json!({"status": "archived"}));
    // HTML does not say sizes and times, and nobody makes them up.
    let expected = json!({
        "core-metadata": {"sha256": "ab".repeat(32)},
        "filename": wheel.filename,
        "hashes": {"sha256": wheel.sha256()},
        "requires-python": ">=3.8,<4",
        "url": path_of(&wheel.bytes, &wheel.filename),
        "yanked": true,
    });
    assert_eq!(page["files"][0], expected);
    // Metadata without a digest are never advertised.
    assert_eq!(page["files"][1]["core-metadata"], json!(false));
}

fn other_paths_are_addressed_by_digest(backend: Backend) {
    let upstream = Upstream::start();
    let (known, unknown) = (Dist::wheel("foo", "1.0"), Dist::wheel("foo", "2.0"));
    upstream.add_with(&known, |file| file.url = "../../files/foo-1.0-py3-none-any.whl".to_owned());
    upstream.add_with(&unknown, |file| {
        file.url = "../../files/foo-2.0-py3-none-any.whl".to_owned();
        file.without_hashes();
    });
    let server = mirror(backend, &upstream);
    let page = server.page("foo");
    let url = |number: usize| page["files"][number]["url"].as_str().unwrap().to_owned();
    assert_eq!(url(0), format!("/packages/u/{}/{}", known.sha256(), known.filename));
    let address = url(1);
    let parts: Vec<_> = address.split('/').collect();
    assert_eq!(
        (parts[1], parts[2], parts[3].len(), parts[4]),
        ("packages", "u", 64, &*unknown.filename)
    );
    assert_eq!(page["files"][1]["hashes"], json!({}));
}

fn a_page_is_fresh_for_a_while_in_all_processes(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    let server = mirror(backend, &upstream);
    let page = server.page("foo");
    let second = server.second();
    for server in [&server, &second, &server] {
        assert_eq!(server.page("foo"), page);
        server.get("/simple/foo/").header("Accept", "text/html").send().expect(200);
    }
    assert_eq!(upstream.asked_about("foo"), 1);
    // Readers that have it are told so.
    let etag = ask(&server, "foo").header("etag").unwrap().to_owned();
    let again = server.get("/simple/foo/").header("Accept", JSON).header("If-None-Match", &etag);
    assert_eq!(again.send().expect(304).header("cache-control"), Some("no-cache"));
    // Another spelling leads to it.
    server.get("/simple/Foo/").send().expect(301);
}

fn an_old_page_is_asked_for_by_its_etag(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    let server = mirror(backend, &upstream);
    let first = ask(&server, "foo").expect(200);
    let reply = ask_anew(&server, &upstream, "foo").expect(200);
    assert_eq!(reply.header("etag"), first.header("etag"));
    assert_eq!(reply.header("cache-status"), None);
    let asked = upstream.asked();
    assert!(!asked[0].headers.contains_key("if-none-match"));
    assert!(asked[1].headers["if-none-match"].starts_with('"'), "{asked:?}");
    // Now it is fresh again.
    ask(&server, "foo").expect(200);
    assert_eq!(upstream.asked_about("foo"), 2);
    assert_eq!(metric(&server, "cheeseshop_mirror_pages_asked_total"), 2);
    assert_eq!(metric(&server, "cheeseshop_mirror_pages_not_modified_total"), 1);
}

fn changes_upstream_come_through(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    let server = mirror(backend, &upstream);
    assert_eq!(server.page("foo")["versions"], json!(["1.0"]));
    upstream.add(&Dist::wheel("foo", "2.0"));
    upstream.change("foo", |page| page.files[0].yanked = json!("bad"));
    // Before its time nobody looks.
    assert_eq!(server.page("foo")["versions"], json!(["1.0"]));
    let page = ask_anew(&server, &upstream, "foo").expect(200).json();
    assert_eq!(page["versions"], json!(["1.0", "2.0"]));
    assert_eq!(page["files"][0]["yanked"], "bad");
    let html = server.get("/simple/foo/").header("Accept", "text/html").send().expect(200);
    assert!(html.text().contains("foo-2.0-py3-none-any.whl"));
    // The same without ETags, and in the other form.
    upstream.forget_etags();
    upstream.speak(Speaks::Html);
    upstream.add(&Dist::wheel("foo", "3.0"));
    let page = ask_anew(&server, &upstream, "foo").expect(200).json();
    assert_eq!(page["versions"], json!(["1.0", "2.0", "3.0"]));
    // An index that knows nothing but JSON.
    upstream.speak(Speaks::Json);
    upstream.add(&Dist::wheel("foo", "4.0"));
    let page = ask_anew(&server, &upstream, "foo").expect(200).json();
    assert_eq!(page["versions"], json!(["1.0", "2.0", "3.0", "4.0"]));
}

fn deletion_and_quarantine_upstream_come_through(backend: Backend) {
    let upstream = Upstream::start();
    for name in ["gone", "bad", "away"] {
        upstream.add(&Dist::wheel(name, "1.0"));
    }
    let server = mirror(backend, &upstream);
    for name in ["gone", "bad", "away"] {
        assert_eq!(files(&server.page(name)).len(), 1);
    }
    upstream.remove("gone");
    upstream.say(&page_path("away"), Said::new(410, "gone for good"));
    upstream.change("bad", |page| page.status = Some(("quarantined".to_owned(), None)));
    ask_anew(&server, &upstream, "gone").expect(404);
    ask_anew(&server, &upstream, "away").expect(404);
    // Whatever its files are, none of them is offered.
    let page = ask_anew(&server, &upstream, "bad").expect(200).json();
    assert_eq!(page["project-status"], json!({"status": "quarantined"}));
    assert_eq!((&page["files"], &page["versions"]), (&json!([]), &json!([])));
    // It may come back.
    let second = server.second();
    ask(&second, "gone").expect(404);
}

fn without_a_time_to_live_each_reader_asks(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    let server = mirror_with(backend, &upstream, &[("CHEESESHOP_MIRROR__TTL_MINUTES", "0")]);
    for count in 1..=3 {
        server.page("foo");
        assert_eq!(upstream.asked_about("foo"), count);
    }
    upstream.add(&Dist::wheel("foo", "2.0"));
    assert_eq!(server.page("foo")["versions"], json!(["1.0", "2.0"]));
    // Names that are not there are asked for each time, too.
    ask(&server, "bar").expect(404);
    upstream.add(&Dist::wheel("bar", "1.0"));
    server.page("bar");
}

fn many_readers_ask_once(backend: Backend) {
    const READERS: usize = 50;
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    upstream.hold(&page_path("foo"));
    upstream.hold(&page_path("nothing"));
    let server = mirror(backend, &upstream);
    std::thread::scope(|scope| {
        let read = |name: &'static str, status: u16| {
            let server = &server;
            scope.spawn(move || ask(server, name).expect(status))
        };
        let mut readers: Vec<_> = (0..READERS).map(|_| read("foo", 200)).collect();
        readers.extend((0..READERS).map(|_| read("nothing", 404)));
        upstream.wait_for(&page_path("foo"), 1);
        upstream.wait_for(&page_path("nothing"), 1);
        upstream.release();
        for reader in readers {
            reader.join().unwrap();
        }
    });
    assert_eq!((upstream.asked_about("foo"), upstream.asked_about("nothing")), (1, 1));
}

fn who_goes_away_stops_nobody(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    upstream.hold(&page_path("foo"));
    let server = mirror(backend, &upstream);
    let hasty = server.get("/simple/foo/").header("Accept", JSON).begin(0);
    upstream.wait_for(&page_path("foo"), 1);
    drop(hasty);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| server.page("foo"));
        upstream.release();
        assert_eq!(files(&reader.join().unwrap()).len(), 1);
    });
    assert_eq!(upstream.asked_about("foo"), 1);
}

fn unknown_names_are_remembered(backend: Backend) {
    let upstream = Upstream::start();
    let server = mirror(backend, &upstream);
    for _ in 0..3 {
        assert!(ask(&server, "nothing").expect(404).text().contains("nothing"));
    }
    assert_eq!(upstream.asked_about("nothing"), 1);
    assert_eq!(metric(&server, "cheeseshop_mirror_unknown_remembered_total"), 2);
    // What no project can be named is asked of nobody.
    for odd in ["-x", "x%20y", "..", "%2e%2e%2fx"] {
        let reply = server.get(&format!("/simple/{odd}/")).send();
        assert!([400, 404].contains(&reply.status), "{odd}: {}", reply.status);
    }
    assert_eq!(upstream.asked().len(), 1);
}

fn a_compressed_page_of_40_000_files(backend: Backend) {
    const FILES: usize = 40_000;
    let upstream = Upstream::start();
    upstream.pack();
    upstream.add_many("foo", FILES);
    // Neither of both is quick where nothing is optimized.
    let patience = [("CHEESESHOP_MIRROR__TIMEOUT_SECONDS", "60")];
    let server = mirror_with(backend, &upstream, &patience);
    let page = server.page("foo");
    assert_eq!(page["files"].as_array().unwrap().len(), FILES);
    assert_eq!(page["versions"].as_array().unwrap().len(), FILES);
    assert_eq!(page["files"][FILES - 1]["size"], Value::from(FILES - 1));
}

fn nothing_of_it_exists_unless_it_is_configured(backend: Backend) {
    let server = crate::support::Server::start(backend);
    ask(&server, "foo").expect(404);
    assert!(!server.get("/metrics").send().expect(200).text().contains("cheeseshop_mirror"));
}
