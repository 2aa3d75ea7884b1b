//! The list of all projects: what is hosted here, and what was fetched.

use serde_json::Value;

use super::{ask, ask_anew, mirror};
use crate::support::upstream::JSON;
use crate::support::{Backend, Dist, Server, Upstream, eventually, on_both};

on_both!(fetched_names_are_listed_everywhere, the_changelog_knows_hosted_ones_only);

fn names(server: &Server) -> Vec<String> {
    let root = server.get("/simple/").header("Accept", JSON).send().expect(200).json();
    let names = root["projects"].as_array().unwrap().iter();
    names.map(|project| project["name"].as_str().unwrap().to_owned()).collect()
}

fn fetched_names_are_listed_everywhere(backend: Backend) {
    let upstream = Upstream::start();
    for name in ["Alpha", "gamma", "omega"] {
        upstream.add(&Dist::wheel(name, "1.0"));
    }
    let server = mirror(backend, &upstream);
    server.upload(&Dist::wheel("Beta", "1.0")).send().expect(200);
    let second = server.second();
    let listed = |wanted: &[&str]| {
        for server in [&server, &second] {
            eventually("listed", || names(server) == wanted);
        }
    };
    listed(&["Beta"]);
    server.page("gamma");
    second.page("alpha");
    ask(&server, "nothing").expect(404);
    listed(&["alpha", "Beta", "gamma"]);
    let html = second.get("/simple/").header("Accept", "text/html").send().expect(200).text();
    assert!(html.contains("<a href=\"/simple/alpha/\">alpha</a>"), "{html}");
    // One of them becomes ours, one is gone.
    server.upload(&Dist::wheel("Gamma", "2.0")).send().expect(200);
    listed(&["alpha", "Beta", "Gamma"]);
    upstream.remove("alpha");
    ask_anew(&server, &upstream, "alpha").expect(404);
    listed(&["Beta", "Gamma"]);
    // So it is in a new process.
    second.page("omega");
    assert_eq!(names(&server.second()), ["Beta", "Gamma", "omega"]);
}

fn the_changelog_knows_hosted_ones_only(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    let server = mirror(backend, &upstream);
    server.upload(&Dist::wheel("own", "1.0")).send().expect(200);
    server.page("foo");
    let call = |method: &str, parameters: &str| {
        let call = format!(
            "<methodCall><methodName>{method}</methodName><params>{parameters}</params></methodCall>"
        );
        let request = server.request("POST", "/pypi").header("Content-Type", "text/xml");
        request.body(call.into_bytes()).send().expect(200).text()
    };
    let since = "<param><value><int>0</int></value></param>";
    for answer in [call("changelog_since_serial", since), call("list_packages_with_serial", "")] {
        assert!(answer.contains("own") && !answer.contains("foo"), "{answer}");
    }
    eventually("listed", || names(&server) == ["foo", "own"]);
    let root = server.get("/simple/").header("Accept", JSON).send().expect(200).json();
    assert_eq!(root["projects"][0]["_last-serial"], Value::from(0));
}
