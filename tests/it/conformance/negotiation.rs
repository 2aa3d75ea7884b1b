//! Content negotiation on the wire. The table of `Accept` headers stands with the code that reads
//! them.

use super::{HTML, JSON, TEXT_HTML, checks};
use crate::support::{Backend, Dist, Request, Server};

checks! {
    pages_come_in_the_form_that_the_client_prefers:
        "S-022" "S-023" "S-024" "S-025" "S-026" "S-027" "S-028" "S-032" "S-033" "S-034" "S-035";
    a_format_in_the_query_wins: "S-029" "S-030";
}

const PATHS: [&str; 2] = ["/simple/", "/simple/foo/"];

fn started(backend: Backend) -> Server {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    server
}

/// The content type of an answer without its parameters, whose body is in that form indeed.
fn form_of(request: Request) -> String {
    let reply = request.send().expect(200);
    let content_type = reply.header("content-type").unwrap();
    // Clients compare the beginning, in lower case.
    let form = content_type.split(';').next().unwrap();
    match form {
        JSON => assert!(reply.json().is_object()),
        HTML | TEXT_HTML => assert!(reply.text().starts_with("<!DOCTYPE html>")),
        other => panic!("no client knows {other}"),
    }
    assert_eq!(reply.header("vary"), Some("Accept, Accept-Encoding"));
    form.to_owned()
}

fn pages_come_in_the_form_that_the_client_prefers(backend: Backend) {
    let server = started(backend);
    let v1 = "application/vnd.pypi.simple.v1";
    for path in PATHS {
        assert_eq!(form_of(server.get(path)), TEXT_HTML, "no Accept at all");
        for (accept, expected) in [
            ("*/*", TEXT_HTML),
            (&format!("{v1}+json"), JSON),
            (&format!("{v1}+html"), HTML),
            (TEXT_HTML, TEXT_HTML),
            ("application/vnd.pypi.simple.latest+json", JSON),
            ("application/vnd.pypi.simple.latest+html", HTML),
            // pip and uv.
            (&format!("{v1}+json, {v1}+html; q=0.1, text/html; q=0.01"), JSON),
            (&format!("{v1}+json, {v1}+html;q=0.2, text/html;q=0.01"), JSON),
            // A browser.
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", TEXT_HTML),
            // The order means nothing.
            (&format!("text/html, {v1}+html, {v1}+json"), JSON),
            (&format!("{v1}+json, {v1}+html, text/html"), JSON),
            (&format!("text/html;q=0.01, {v1}+json;q=0.011"), JSON),
            // More specific ranges count, q=0 excludes, case does not matter.
            (&format!("*/*, {v1}+json;q=0.1"), TEXT_HTML),
            (&format!("{v1}+json;q=0, */*;q=0.1"), TEXT_HTML),
            (&format!("{}+JSON;Q=0.5", v1.to_uppercase()), JSON),
            (&format!("text/html;q=0, x-{v1}+json, {v1}+html"), HTML),
            // Nothing acceptable: never 406, and never 300.
            ("image/png", TEXT_HTML),
            ("application/json", TEXT_HTML),
            (&format!("{v1}+json;q=0"), TEXT_HTML),
        ] {
            let request = server.get(path).header("Accept", accept);
            assert_eq!(form_of(request), expected, "{path} with Accept: {accept}");
        }
        // Lines of one header are one list.
        let lines = server.get(path).header("Accept", "text/html;q=0.1").header("Accept", JSON);
        assert_eq!(form_of(lines), JSON, "{path}");
    }
}

fn a_format_in_the_query_wins(backend: Backend) {
    let server = started(backend);
    for path in PATHS {
        for (format, accept, expected) in [
            (JSON, TEXT_HTML, JSON),
            // Form decoding makes a blank of it.
            (&JSON.replace('+', "%2B"), TEXT_HTML, JSON),
            (&JSON.replace('+', "%20"), "*/*", JSON),
            (HTML, JSON, HTML),
            ("text/html", JSON, TEXT_HTML),
            ("text%2Fhtml", JSON, TEXT_HTML),
            ("application/vnd.pypi.simple.latest+json", TEXT_HTML, JSON),
            ("application/vnd.pypi.simple.latest%2Bhtml", JSON, HTML),
            // What names no form says nothing: neither lists nor wildcards nor q-values count.
            ("", JSON, JSON),
            ("json", JSON, JSON),
            ("*/*", JSON, JSON),
            ("text/html,text/html", JSON, JSON),
            ("text/html;q=1", JSON, JSON),
            ("application/vnd.pypi.simple.v2+json", TEXT_HTML, TEXT_HTML),
            ("%ff%00", JSON, JSON),
        ] {
            for query in [format!("format={format}"), format!("x=1&format={format}&y=%")] {
                let request = server.get(&format!("{path}?{query}")).header("Accept", accept);
                assert_eq!(form_of(request), expected, "{path}?{query} with {accept}");
            }
        }
    }
}
