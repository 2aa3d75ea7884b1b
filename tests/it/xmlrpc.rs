//! XML-RPC, as `pip search`, scripts and older mirrors speak it.

use serde_json::{Value, json};

use crate::clients::{client, succeed};
use crate::support::{Backend, Dist, Reply, Server, on_both};

on_both!(
    pip_searches,
    python_calls_every_method,
    a_search_takes_words_as_words,
    what_is_not_answered_is_a_clear_fault,
    bad_input_is_refused_cleanly,
    what_the_fuzzer_starts_from_is_answered,
    uploads_to_the_old_address_are_refused,
    a_list_of_many_projects_is_whole,
);

/// Publishes three projects and quarantines one of them.
fn start(backend: Backend) -> Server {
    let server = Server::start(backend);
    let web = "Summary: Serves 100% of the Web\nClassifier: Topic :: Web\nClassifier: A\n";
    server.upload(&Dist::wheel_with("Web.Server", "1.0", web, "")).send().expect(200);
    server.upload(&Dist::wheel_with("Web.Server", "1.10", web, "")).send().expect(200);
    let tool = "Summary: A tool\nClassifier: Topic :: Web\n";
    server.upload(&Dist::wheel_with("tool_box", "2.0", tool, "")).send().expect(200);
    server.upload(&Dist::wheel_with("web-bad", "1.0", web, "")).send().expect(200);
    server.ok(&["project", "status", "web-bad", "quarantined"]);
    server
}

/// Runs calls through Python's own client; faults are given as `[code, words]`.
fn python(server: &Server, path: &str, calls: &[&str]) -> Vec<Value> {
    let script = format!(
        "import json, sys, xmlrpc.client\n\
         server = xmlrpc.client.ServerProxy('{}{path}', allow_none=True)\n\
         def run(call):\n\
         \x20   try:\n\
         \x20       return eval('server.' + call)\n\
         \x20   except xmlrpc.client.Fault as fault:\n\
         \x20       return [fault.faultCode, fault.faultString]\n\
         print(json.dumps([run(call) for call in sys.argv[1:]]))",
        server.url()
    );
    let mut python = client("python", server.scratch());
    let output = succeed(python.args(["-c", &script]).args(calls));
    serde_json::from_str(&output).unwrap()
}

fn pip_searches(backend: Backend) {
    let server = start(backend);
    let index = format!("{}/pypi", server.url());
    let mut pip = client("pip", server.scratch());
    let output = succeed(pip.args(["search", "--disable-pip-version-check", "-i", &index, "WEB"]));
    assert!(output.contains("Web.Server (1.10)"), "{output}");
    assert!(output.contains("Serves 100% of the Web"), "{output}");
    assert!(!output.contains("bad") && !output.contains("tool"), "{output}");
}

fn python_calls_every_method(backend: Backend) {
    let server = start(backend);
    let calls = [
        "changelog_last_serial()",
        "list_packages_with_serial()",
        "package_roles('web_server')",
        "package_roles('web-bad')",
        "package_roles('no such')",
        "user_packages('ADA')",
        "user_packages('nobody')",
        "browse(['Topic :: Web'])",
        "browse(['Topic :: Web', 'A', 'A'])",
        "browse(['nothing'])",
        "changelog_since_serial(15)",
        "changelog_since_serial(-1)",
        "changelog_since_serial(4)",
    ];
    let answers = python(&server, "/pypi", &calls);
    let expected = [
        json!(15),
        json!({"Web.Server": 6, "tool_box": 10}),
        json!([["Owner", "ada"]]),
        json!([]),
        json!([]),
        json!([["Owner", "tool_box"], ["Owner", "Web.Server"]]),
        json!([]),
        json!([["tool_box", "2.0"], ["Web.Server", "1.0"], ["Web.Server", "1.10"]]),
        json!([["Web.Server", "1.0"], ["Web.Server", "1.10"]]),
        json!([]),
        json!([]),
    ];
    for ((call, answer), expected) in calls.iter().zip(&answers).zip(&expected) {
        assert_eq!(answer, expected, "{call}");
    }
    let all = answers[11].as_array().unwrap();
    let serials: Vec<_> = all.iter().map(|row| row[4].as_i64().unwrap()).collect();
    assert_eq!(serials, (1..=15).collect::<Vec<_>>());
    assert!(all[0][2].as_i64().unwrap() > 1_700_000_000);
    let row = &answers[12][0];
    assert_eq!((&row[0], &row[1]), (&json!("Web.Server"), &json!("1.10")));
    assert_eq!((&row[3], &row[4]), (&json!("new release"), &json!(5)));
    assert_eq!(answers[12][10][1], Value::Null, "a change of status is about no version");
    for path in ["/pypi/", "/RPC2"] {
        assert_eq!(python(&server, path, &calls[..1]), [json!(15)]);
    }
    server.ok(&["user", "disable", "ada"]);
    assert_eq!(python(&server, "/pypi", &["user_packages('ada')"]), [json!([])]);
}

fn a_search_takes_words_as_words(backend: Backend) {
    let server = start(backend);
    let found = |call: &str| -> Vec<String> {
        let answer = python(&server, "/pypi", &[call]).remove(0);
        let hits = answer.as_array().unwrap_or_else(|| panic!("{call}: {answer}"));
        hits.iter().map(|hit| hit["name"].as_str().unwrap().to_owned()).collect()
    };
    for (call, expected) in [
        ("search({'name': 'web'})", &["Web.Server"][..]),
        ("search({'name': ['WEB_ser']})", &["Web.Server"]),
        ("search({'name': 'o', 'summary': 'tool'}, 'and')", &["tool_box"]),
        ("search({'name': 'web', 'summary': 'tool'}, 'and')", &[]),
        ("search({'name': 'web', 'summary': 'tool'}, 'or')", &["tool_box", "Web.Server"]),
        ("search({'name': ['tool', 'server']}, 'or')", &["tool_box", "Web.Server"]),
        ("search({'summary': '100%'})", &["Web.Server"]),
        ("search({'summary': 't%l'})", &[]),
        ("search({'summary': 't__l'})", &[]),
        ("search({'summary': '\\\\'})", &[]),
        ("search({'summary': \"';--\"})", &[]),
        ("search({'name': '%'})", &[]),
        ("search({'name': ''})", &[]),
        ("search({})", &[]),
        ("search({'name': 'é😀'})", &[]),
    ] {
        assert_eq!(found(call), expected, "{call}");
    }
}

fn what_is_not_answered_is_a_clear_fault(backend: Backend) {
    let server = start(backend);
    for (call, code, words) in [
        ("release_data('a', '1')", -32500, "/pypi/{project}/{version}/json"),
        ("list_packages()", -32500, "/simple/"),
        ("system.multicall([])", -32500, "call each method by itself"),
        ("no_such_method()", -32601, "not found"),
        ("changelog_since_serial('1')", -32602, "a whole number"),
        ("package_roles()", -32602, "one name"),
        ("package_roles(None)", -32602, "one name"),
        ("browse('A')", -32602, "a list"),
        ("search('a')", -32602, "name and summary"),
        ("search({'name': 'a'}, 'xor')", -32602, "\"and\" or \"or\""),
        ("search({'name': 'a' * 60000})", -32602, "500 characters"),
    ] {
        let answer = python(&server, "/pypi", &[call]).remove(0);
        assert_eq!(answer[0], code, "{call}: {answer}");
        assert!(answer[1].as_str().unwrap().contains(words), "{call}: {answer}");
    }
}

fn post(server: &Server, body: impl Into<Vec<u8>>) -> Reply {
    let request = server.request("POST", "/pypi").header("Content-Type", "text/xml");
    request.body(body.into()).send()
}

fn bad_input_is_refused_cleanly(backend: Backend) {
    let server = start(backend);
    let call = |params: &str| {
        format!("<methodCall><methodName>search</methodName><params>{params}</params></methodCall>")
    };
    let (open, close) = ("<param><value><array><data><value>", "</value></data></array></value>");
    let deep = |depth: usize| call(&format!("{}{}", open.repeat(depth), close.repeat(depth)));
    let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>\
                <methodCall><methodName>&b;</methodName></methodCall>";
    let outside = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><methodCall/>";
    let mut cases: Vec<Vec<u8>> = vec![
        b"".into(),
        b"{}".into(),
        b"\xff\xfe<\0".into(),
        b"<methodCall><methodName>\xff</methodName></methodCall>".into(),
        bomb.into(),
        outside.into(),
        deep(20).into(),
        deep(10_000).into(),
        "<a>".repeat(300_000).into(),
        "&#0;".repeat(1000).into(),
        vec![b'<'; 1 << 20],
        vec![0; 1 << 20],
        call("<param><value><int>x</int></value>").into(),
    ];
    cases.push(call("<value>").repeat(1000).into());
    for case in cases {
        let shown: Vec<u8> = case.iter().copied().take(60).collect();
        let shown = String::from_utf8_lossy(&shown).into_owned();
        let reply = post(&server, case).expect(200);
        assert_eq!(reply.header("content-type"), Some("text/xml"), "{shown}");
        assert!(reply.text().contains("<int>-32700</int>"), "{shown}: {}", reply.text());
    }
    for huge in [(1 << 20) + 1, 40 << 20] {
        post(&server, vec![b' '; huge]).expect(413);
    }
    // Cut off in the middle.
    let request = server.request("POST", "/pypi").header("Content-Type", "text/xml");
    request.body(call("").into_bytes()).send_cut(10).expect(400);
    for method in ["PUT", "DELETE", "OPTIONS", "PATCH"] {
        let status = server.request(method, "/pypi").send().status;
        assert!((400..500).contains(&status), "{method}: {status}");
    }
    let faults = server.log().into_iter().filter(|line| line.contains("ERROR"));
    assert_eq!(faults.collect::<Vec<_>>(), [] as [String; 0]);
    assert_eq!(python(&server, "/pypi", &["changelog_last_serial()"]), [json!(15)]);
}

/// The corpus of the fuzz target, posted as it is.
fn what_the_fuzzer_starts_from_is_answered(backend: Backend) {
    let server = start(backend);
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/xmlrpc");
    let mut faults = Vec::new();
    for entry in std::fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        let reply = post(&server, std::fs::read(&path).unwrap()).expect(200);
        if reply.text().contains("<fault>") {
            faults.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    faults.sort_unstable();
    assert_eq!(faults, ["deep", "document-type", "not-utf8", "wrong-type"]);
}

/// What a publishing tool takes for success would be lost.
fn uploads_to_the_old_address_are_refused(backend: Backend) {
    let server = Server::start(backend);
    for path in ["/pypi", "/pypi/", "/RPC2"] {
        let reply = server.upload(&Dist::wheel("foo", "1.0")).path(path).send().expect(415);
        assert!(reply.text().contains("/legacy/"), "{}", reply.text());
    }
}

fn a_list_of_many_projects_is_whole(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    // More than are read at once, and then just as many.
    for (from, count) in [(1, 20_500), (20_501, 29_999)] {
        server.sql(&format!(
            "INSERT INTO projects (name, normalized, created_at, last_serial, confusable, status)
             WITH RECURSIVE n (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {count})
             SELECT 'P' || i, 'p' || i, (SELECT MIN(created_at) FROM projects), i, 'p' || i, 'active'
             FROM n"
        ));
        let call = "list_packages_with_serial()";
        let all = python(&server, "/pypi", &[call]).remove(0);
        assert_eq!(all.as_object().unwrap().len(), count + 1);
        assert_eq!((&all["foo"], &all[format!("P{count}")]), (&json!(4), &json!(count)));
    }
}
