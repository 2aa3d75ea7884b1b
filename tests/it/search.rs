//! The search: its page, what it finds, and how soon.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use url::form_urlencoded::byte_serialize;

use crate::support::{Backend, Dist, Reply, Server, eventually, on_both};

on_both!(
    what_fits_best_comes_first,
    filters_leave_out_what_does_not_fit,
    pages_have_each_project_once,
    nothing_typed_is_ever_a_failure,
    the_index_follows_every_change,
    an_empty_index_fills_by_itself,
    enormous_metadata_is_found_by_its_beginning,
    the_form_works_without_a_script,
);

fn publish(server: &Server, name: &str, version: &str, metadata: &str) {
    server.upload(&Dist::wheel_with(name, version, metadata, "")).send().expect(200);
}

fn query(parameters: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    format!("/search/?{}", query.finish())
}

fn search(server: &Server, parameters: &[(&str, &str)]) -> Reply {
    server.get(&query(parameters)).header("Accept", "text/html").send()
}

/// The normalized names on a page of results, in order.
fn names(page: &str) -> Vec<String> {
    let results = page.split_once("id=\"results\"").map_or(page, |(_, results)| results);
    let links = results.split("href=\"/project/").skip(1);
    links.map(|link| link.split('/').next().unwrap().to_owned()).collect()
}

fn found(server: &Server, parameters: &[(&str, &str)]) -> Vec<String> {
    names(&search(server, parameters).expect(200).text())
}

/// Waits until a search finds just that.
#[track_caller]
fn finds(server: &Server, text: &str, expected: &[&str]) {
    eventually(&format!("{text} finds {expected:?}"), || found(server, &[("q", text)]) == expected);
}

fn what_fits_best_comes_first(backend: Backend) {
    let server = Server::start(backend);
    for (name, metadata) in [
        ("requests", "Summary: Python HTTP for Humans.\nKeywords: http,client\n"),
        ("requests-oauthlib", "Summary: OAuth for requests\n"),
        ("httpx", "Summary: The next generation HTTP client.\n"),
        ("Django", "Summary: A high-level Web framework\nClassifier: Framework :: Django\n"),
        ("djangorestframework", "Summary: Web APIs for Django, made easy.\n"),
        ("Flask", "Summary: A simple framework for building complex web applications.\n"),
        ("PyYAML", "Summary: A parser and emitter\n\nIt reads documents with zealous care.\n"),
        ("scikit-learn", "Summary: machine learning\n\nEstimators, requests, the lot.\n"),
        ("zope.interface", "Summary: Interfaces\nKeywords: Käse\n"),
        ("numpy", "Summary: Arrays\n\n日本語の説明\n"),
    ] {
        publish(&server, name, "1.0", metadata);
    }
    finds(&server, "numpy", &["numpy"]);
    for (text, expected) in [
        // Exact, then what begins so, then where it is a word.
        ("requests", &["requests", "requests-oauthlib", "scikit-learn"][..]),
        ("REQUESTS", &["requests", "requests-oauthlib", "scikit-learn"]),
        ("reque", &["requests", "requests-oauthlib"]),
        ("django", &["django", "djangorestframework"]),
        ("Zope_Interface", &["zope-interface"]),
        ("scikit learn", &["scikit-learn"]),
        ("scikitlearn", &["scikit-learn"]),
        // Slips of the finger.
        ("reqeusts", &["requests"]),
        ("djagno", &["django"]),
        ("numpyy", &["numpy"]),
        ("flsk", &["flask"]),
        ("sckit-lern", &["scikit-learn"]),
        // Parts of names.
        ("yaml", &["pyyaml"]),
        ("rest framework", &["djangorestframework"]),
        // Words of summaries, keywords, classifiers and descriptions, in any order.
        ("web framework", &["django", "flask"]),
        ("humans http", &["requests"]),
        ("client", &["requests", "httpx"]),
        ("kase", &["zope-interface"]),
        ("zealous documents", &["pyyaml"]),
        ("語", &["numpy"]),
        ("no such words at all", &[]),
    ] {
        let found = found(&server, &[("q", text)]);
        assert_eq!(found, expected, "{text}");
    }
}

fn filters_leave_out_what_does_not_fit(backend: Backend) {
    let server = Server::start(backend);
    let web = "Classifier: Topic :: Web\n";
    publish(&server, "older", "1.0", &format!("Summary: tool\n{web}Requires-Python: <3\n"));
    publish(&server, "newer", "1.0", &format!("Summary: tool\n{web}Requires-Python: >=3.9.2\n"));
    publish(
        &server,
        "either",
        "1.0",
        "Summary: tool\nClassifier: Topic :: Web\nClassifier: A%_'\n",
    );
    publish(&server, "latest", "1.0", "Summary: tool\n");
    finds(&server, "latest", &["latest"]);
    let today = cheeseshop::time::day(cheeseshop::time::now());
    for (parameters, expected) in [
        (&[("q", "tool")][..], &["either", "latest", "newer", "older"][..]),
        (&[("q", "tool"), ("c", "Topic :: Web")], &["either", "newer", "older"]),
        (&[("c", "Topic :: Web"), ("c", "A%_'")], &["either"]),
        (&[("c", "topic :: web")], &[]),
        (&[("q", "tool"), ("python", "3.12")], &["either", "latest", "newer"]),
        (&[("q", "tool"), ("python", "2.7")], &["either", "latest", "older"]),
        (&[("q", "tool"), ("python", "3.9")], &["either", "latest", "newer"]),
        (&[("q", "tool"), ("python", "3.9.1")], &["either", "latest"]),
        (&[("q", "tool"), ("python", "3.99")], &["either", "latest", "newer"]),
        (&[("q", "newer"), ("python", "2.7")], &[]),
        (&[("q", "newe"), ("c", "Topic :: Web")], &["newer"]),
        (&[("q", "nweer"), ("c", "Topic :: Web")], &["newer"]),
        (&[("q", "tool"), ("since", &today)], &["either", "latest", "newer", "older"]),
        (&[("q", "tool"), ("since", "2999-01-01")], &[]),
        (&[("since", "2999-01-01")], &[]),
        (&[("q", "tool"), ("o", "updated")], &["latest", "either", "newer", "older"]),
        (&[("q", "")], &["latest", "either", "newer", "older"]),
        (&[("python", "2.7"), ("c", "Topic :: Web")], &["either", "older"]),
    ] {
        let mut found = found(&server, parameters);
        if !parameters.contains(&("o", "updated")) && !parameters.contains(&("q", "")) {
            found.sort();
        }
        assert_eq!(found, expected, "{parameters:?}");
    }
    for (name, value, words) in [
        ("python", "three", "is not a Python version"),
        ("since", "yesterday", "is not a day"),
        ("o", "random", "there is no order"),
        ("page", "0", "numbered from 1"),
        ("page", "99999999999999999999", "numbered from 1"),
    ] {
        let page = search(&server, &[("q", "tool"), (name, value)]).expect(400).text();
        assert!(page.contains(words), "{page}");
    }
    search(&server, &[("q", "tool"), ("page", "2")]).expect(404);
}

fn pages_have_each_project_once(backend: Backend) {
    const COUNT: usize = 45;
    let server = Server::start(backend);
    let token = server.token("ada");
    for number in 0..COUNT {
        let name = format!("tool-{number:02}");
        let wheel = Dist::wheel_with(&name, "1.0", "Summary: A tool\n", "");
        server.upload(&wheel).token(&token).send().expect(200);
    }
    for order in ["", "updated"] {
        let page = |number: usize| {
            let number = number.to_string();
            search(&server, &[("q", "tool"), ("o", order), ("page", &number)])
        };
        eventually("all are found", || page(1).text().contains("45 projects"));
        let all: Vec<_> = (1..=3).flat_map(|it| names(&page(it).expect(200).text())).collect();
        let mut sorted = all.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!((all.len(), sorted.len()), (COUNT, COUNT));
        assert_eq!(sorted == all, order.is_empty());
        page(4).expect(404);
        let first = page(1).text();
        assert!(first.contains("page 1 of 3") && first.contains("rel=\"next\""), "{first}");
        assert!(!first.contains("rel=\"prev\""), "{first}");
        // The links lead on with all that was asked.
        let (_, link) = first.split_once("<a href=\"/search/?q=tool").unwrap();
        let link = link.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
        let second = server.get(&format!("/search/?q=tool{link}")).send().expect(200).text();
        assert_eq!(names(&second), names(&page(2).text()));
    }
}

fn nothing_typed_is_ever_a_failure(backend: Backend) {
    let server = Server::start(backend);
    publish(&server, "foo-bar", "1.0", "Summary: O'Reilly says \"NEAR\" AND (OR) NOT *\n");
    finds(&server, "foo", &["foo-bar"]);
    let ask = |text: &[u8]| {
        let escaped: String = byte_serialize(text).collect();
        let reply = server.get(&format!("/search/?q={escaped}&format=fragment")).send();
        assert!([200, 400].contains(&reply.status), "{text:?}: {}", reply.status);
        reply
    };
    for text in [
        "\"",
        "'",
        "''",
        "\\",
        "\\'",
        "*",
        "a*",
        "^a",
        "(",
        ")",
        "()",
        "foo)",
        "\"foo",
        "foo\"bar",
        "words:foo",
        "{words letters} : foo",
        "- foo",
        "NEAR(foo bar)",
        "NEAR",
        "AND",
        "OR",
        "NOT",
        "foo AND",
        "AND foo",
        "foo & bar",
        "foo | bar",
        "foo:*",
        "!foo",
        "foo <-> bar",
        "%",
        "_",
        "$1",
        "?",
        ":1",
        ";--",
        "\0",
        "foo\0bar",
        "\u{feff}",
        "\u{202e}",
        "😀",
        "ﷺ",
        "İ",
        "ß",
        "e\u{301}",
        "\u{e000}3x12",
        "क्षत्रिय",
        "ไทย",
        "\u{10ffff}",
        "x7f",
        "-",
        "--",
        "...",
        "foo-",
    ] {
        ask(text.as_bytes()).expect(200);
    }
    for text in [&b"\xff\xfe"[..], b"foo\xc0", b"%%%"] {
        ask(text).expect(200);
    }
    for text in ["or", "near and", "foo bar", "O'Reilly", "FOO_BAR", "fo\0o"] {
        let found = names(&ask(text.as_bytes()).expect(200).text());
        assert_eq!(found, ["foo-bar"], "{text:?}");
    }
    for text in ["%", "_", "*", "\u{e000}3x12", "😀"] {
        assert_eq!(names(&ask(text.as_bytes()).text()), Vec::<String>::new(), "{text:?}");
    }
    ask("a".repeat(500).as_bytes()).expect(200);
    ask("日".repeat(20).as_bytes()).expect(200);
    for long in ["a".repeat(501), "a ".repeat(21), "日".repeat(21), "x".repeat(50_000)] {
        ask(long.as_bytes()).expect(400);
    }
    let reply = server.get(&format!("/search/?q={}", "a".repeat(100_000))).send();
    assert!([400, 414, 431].contains(&reply.status), "{}", reply.status);
    for path in ["/search/?", "/search/?&&=&q", "/search/?q=%", "/search/?q=%zz", "/search/?c=%00"]
    {
        server.get(path).send().expect(200);
    }
    server.get("/search?q=foo").send().expect(301);
    server.request("POST", "/search/").send().expect(405);
    let mut runner =
        TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() });
    let texts =
        prop_oneof![".{0,40}", "([\"'()*:^&|!<>\\\\{}+-]|foo|bar|AND|OR|NOT|NEAR| ){0,12}",];
    let whole = (texts, "[ -~]{0,10}", "[ -~]{0,10}");
    let outcome = runner.run(&whole, |(text, classifier, python)| {
        let reply = search(&server, &[("q", &text), ("c", &classifier), ("python", &python)]);
        prop_assert!([200, 400].contains(&reply.status), "{}", reply.status);
        Ok(())
    });
    outcome.unwrap();
}

fn the_index_follows_every_change(backend: Backend) {
    let server = Server::start(backend);
    publish(&server, "foo", "1.0", "Summary: An apple\n");
    finds(&server, "apple", &["foo"]);
    publish(&server, "foo", "2.0", "Summary: A banana\n");
    finds(&server, "banana", &["foo"]);
    finds(&server, "apple", &[]);
    server.ok(&["project", "yank", "foo", "2.0", "--reason", "no"]);
    finds(&server, "apple", &["foo"]);
    server.ok(&["project", "unyank", "foo", "2.0"]);
    finds(&server, "banana", &["foo"]);
    server.ok(&["project", "status", "foo", "quarantined"]);
    finds(&server, "foo", &[]);
    server.ok(&["project", "status", "foo", "archived"]);
    finds(&server, "foo", &["foo"]);
    eventually("it is marked", || search(&server, &[("q", "foo")]).text().contains(">archived<"));
    server.ok(&["project", "status", "foo", "active"]);
    eventually("it is not", || !search(&server, &[("q", "foo")]).text().contains(">archived<"));
    server.ok(&["project", "delete", "foo", "--release", "2.0", "--yes"]);
    finds(&server, "apple", &["foo"]);
    server.ok(&["project", "delete", "foo", "--yes"]);
    finds(&server, "foo", &[]);
    publish(&server, "foo", "3.0", "Summary: A cherry\n");
    finds(&server, "cherry", &["foo"]);
}

fn an_empty_index_fills_by_itself(backend: Backend) {
    let mut server = Server::start(backend);
    for name in ["one", "two", "three"] {
        publish(&server, name, "1.0", "Summary: A number\n");
        publish(&server, name, "2.0", "Summary: A number\n");
    }
    eventually("all are found", || found(&server, &[("q", "number")]).len() == 3);
    server.kill();
    let tables = match backend {
        Backend::Sqlite => "DELETE FROM search_heads; DELETE FROM search_texts",
        Backend::Postgres => "DELETE FROM search_tokens",
    };
    server
        .sql(&format!("{tables}; DELETE FROM search_entries; UPDATE search_state SET serial = 0"));
    server.set("CHEESESHOP_READ_ONLY", "true");
    server.run();
    assert!(found(&server, &[("q", "number")]).is_empty(), "who may not write does not");
    server.kill();
    server.set("CHEESESHOP_READ_ONLY", "false");
    server.run();
    let second = server.second();
    for server in [&server, &second] {
        eventually("all are found", || found(server, &[("q", "number")]).len() == 3);
    }
    publish(&second, "four", "1.0", "Summary: A number\n");
    eventually("the new one is found", || found(&server, &[("q", "number")]).len() == 4);
    for server in [&server, &second] {
        assert!(!server.log().iter().any(|line| line.contains("WARN")), "{:?}", server.log());
    }
}

fn enormous_metadata_is_found_by_its_beginning(backend: Backend) {
    let server = Server::start(backend);
    let words = |kind: &str, count: usize| {
        (0..count).map(|it| format!("{kind}{it}")).collect::<Vec<_>>().join(" ")
    };
    let mut metadata = format!("Summary: An apple\nKeywords: {}\n", words("key", 1_000));
    for number in 0..300 {
        let line =
            format!("Classifier: {} :: {}\n", words("c", 1), words(&format!("{number}x"), 200));
        metadata.push_str(&line);
    }
    metadata.push('\n');
    metadata.push_str(&words("w", 200_000));
    publish(&server, "huge", "1.0", &metadata);
    publish(&server, "long", "1.0", &format!("\nstart {} end\n", "日a".repeat(100_000)));
    publish(&server, "small", "1.0", "Summary: An apple\n");
    finds(&server, "apple", &["small", "huge"]);
    finds(&server, "start", &["long"]);
    finds(&server, "end", &[]);
}

fn the_form_works_without_a_script(backend: Backend) {
    let server = Server::start(backend);
    publish(&server, "foo", "1.0", "Summary: <b>bold</b> & \"more\"\nClassifier: A <i>\n");
    finds(&server, "foo", &["foo"]);
    let attack = "\"><script>alert(1)</script>";
    let parameters = [("q", attack), ("c", attack), ("c", "A <i>")];
    let reply = search(&server, &parameters).expect(200);
    let policy = reply.header("content-security-policy").unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; connect-src 'self';"));
    assert!(!policy.contains("unsafe"), "{policy}");
    let page = reply.text();
    assert!(!page.contains("<script>") && !page.contains("<i>"), "{page}");
    assert!(page.contains("<form class=\"search\" role=\"search\" method=\"get\""), "{page}");
    assert_eq!(page.matches("type=\"checkbox\"").count(), 2, "{page}");
    let page = search(&server, &[("q", "bold")]).expect(200).text();
    assert!(page.contains("&#60;b&#62;bold") && page.contains("1 project for"), "{page}");
    let fragment = search(&server, &[("q", "bold"), ("format", "fragment")]).expect(200).text();
    assert!(fragment.contains("href=\"/project/foo/\"") && !fragment.contains("<html"));
    assert!(page.contains(fragment.trim()), "{page} {fragment}");
    let script = server.get("/static/search.js").send().expect(200);
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    server.request("HEAD", "/search/?q=foo").send().expect(200);
}
