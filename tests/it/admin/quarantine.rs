//! Quarantine: nothing of a project is offered anywhere, until it is released.

use serde_json::json;

use super::{done, refused, start, upload};
use crate::manage::act;
use crate::support::{Backend, Dist, Server, eventually, on_both};
use crate::web::{Browser, mail};

on_both!(
    nothing_of_a_quarantined_project_is_anywhere,
    it_comes_back_as_it_was,
    commands_stand_in_the_log,
);

/// Where all projects, or those of an account, are listed.
const LISTINGS: [&str; 7] = [
    "/",
    "/simple/",
    "/rss/updates.xml",
    "/rss/packages.xml",
    "/search/?q=quarry",
    "/user/bob/",
    "/simple/?format=application/vnd.pypi.simple.v1+json",
];
/// Questions of XML-RPC about projects.
const QUESTIONS: [(&str, &str); 8] = [
    ("list_packages_with_serial", ""),
    ("package_releases", "<param><value>quarry</value></param>"),
    ("package_roles", "<param><value>quarry</value></param>"),
    ("user_packages", "<param><value>bob</value></param>"),
    ("release_urls", "<param><value>quarry</value></param><param><value>1.0</value></param>"),
    ("release_data", "<param><value>quarry</value></param><param><value>1.0</value></param>"),
    (
        "search",
        "<param><value><struct><member><name>name</name><value>quarry</value></member></struct>\
         </value></param>",
    ),
    (
        "browse",
        "<param><value><array><data><value>Topic :: Games</value></data></array></value></param>",
    ),
];

fn ask(server: &Server, method: &str, params: &str) -> String {
    let call = format!(
        "<methodCall><methodName>{method}</methodName><params>{params}</params></methodCall>"
    );
    let request = server.request("POST", "/pypi").header("Content-Type", "text/xml");
    request.body(call.into_bytes()).send().expect(200).text()
}

fn is_listed(server: &Server, path: &str) -> bool {
    let reply = server.get(path).send();
    // The search says itself what was looked for.
    let sign = if path.starts_with("/search/") { "/project/quarry/" } else { "quarry" };
    reply.status == 200 && String::from_utf8_lossy(&reply.body).to_lowercase().contains(sign)
}

fn nothing_of_a_quarantined_project_is_anywhere(backend: Backend) {
    let server = start(backend);
    let dist = Dist::wheel_with(
        "Quarry",
        "1.0",
        "Summary: quarry stones\nClassifier: Topic :: Games\n",
        "",
    );
    let bob = crate::support::server::PASSWORD;
    server.upload(&dist).login("bob", bob).send().expect(200);
    let url = server.page("quarry")["files"][0]["url"].as_str().unwrap().to_owned();
    let metadata = format!("{url}.metadata");
    let places = ["/project/quarry/", "/project/quarry/1.0/", "/pypi/quarry/json"];
    let more = ["/pypi/quarry/1.0/json", "/rss/project/quarry/releases.xml", &*url, &*metadata];
    let direct: Vec<&str> = places.into_iter().chain(more).collect();
    eventually("it is found", || is_listed(&server, "/search/?q=quarry"));
    let before: Vec<bool> = LISTINGS.iter().map(|path| is_listed(&server, path)).collect();
    assert!(before[0] && before[1] && before[2] && before[3], "{before:?}");
    let answers = |server: &Server| {
        QUESTIONS.map(|(method, it)| ask(server, method, it).to_lowercase().contains("quarry"))
    };
    let asked = answers(&server);
    for path in &direct {
        server.get(path).send().expect(200);
    }
    let mut ada = Browser::logged_in(&server, "ada");
    let quarantine = "/admin/project/quarry/quarantine";
    refused(&mut ada, quarantine, &[], "Say why");
    done(&mut ada, quarantine, &[("reason", "looks <bad>")], "The project is quarantined");
    refused(&mut ada, quarantine, &[("reason", "again")], "quarantined already");
    for path in LISTINGS {
        // The search follows the journal, half a second behind.
        eventually(path, || !is_listed(&server, path));
    }
    for (method, params) in QUESTIONS {
        let answer = ask(&server, method, params).to_lowercase();
        assert!(!answer.contains("quarry"), "{method}: {answer}");
    }
    for path in &direct {
        server.get(path).send().expect(404);
        server.request("HEAD", path).send().expect(404);
    }
    let page = server.page("quarry");
    assert_eq!(page["files"], json!([]));
    let status = json!({ "status": "quarantined", "reason": "looks <bad>" });
    assert_eq!(page["project-status"], status);
    let words = upload(&server, "quarry", "1.1", 403);
    assert!(words.contains("is quarantined and takes no new files: looks <bad>"), "{words}");
    mail(&server, "bob@example.org", "Quarry is quarantined now");
    // Its owner can do nothing about it.
    let mut bob = Browser::logged_in(&server, "bob");
    let form = [("action", "unarchive")];
    let status = act(&mut bob, "/manage/project/quarry/settings/", &form).status;
    assert!((400..500).contains(&status), "{status}");
    let release = "/admin/project/quarry/release";
    done(&mut ada, release, &[("reason", "it was fine")], "released from its quarantine");
    for (path, was) in LISTINGS.iter().zip(before) {
        eventually(path, || is_listed(&server, path) == was);
    }
    assert_eq!(answers(&server), asked);
    for path in &direct {
        server.get(path).send().expect(200);
    }
    assert_eq!(server.page("quarry")["project-status"], json!({ "status": "active" }));
    refused(&mut ada, release, &[("reason", "again")], "is not quarantined");
    upload(&server, "quarry", "1.1", 200);
    let log = ada.get("/admin/log/?target=quarry").expect(200).text();
    assert!(log.contains("looks &#60;bad&#62;") && log.contains("it was fine"), "{log}");
}

fn it_comes_back_as_it_was(backend: Backend) {
    let server = start(backend);
    server.ok(&["project", "status", "foo", "archived", "--reason", "finished"]);
    let mut ada = Browser::logged_in(&server, "ada");
    let why = [("reason", "x")];
    act(&mut ada, "/admin/project/Foo/quarantine", &why).expect(303);
    assert_eq!(server.page("foo")["project-status"]["status"], "quarantined");
    act(&mut ada, "/admin/project/foo/release", &why).expect(303);
    let archived = json!({ "status": "archived", "reason": "finished" });
    assert_eq!(server.page("foo")["project-status"], archived);
    // So does what a command quarantined; one that names a status ends a quarantine with that.
    server.ok(&["project", "status", "foo", "quarantined"]);
    act(&mut ada, "/admin/project/foo/release", &why).expect(303);
    eventually("it is back", || server.page("foo")["project-status"] == archived);
    server.ok(&["project", "status", "foo", "quarantined"]);
    server.ok(&["project", "status", "foo", "active"]);
    let active = json!({ "status": "active" });
    eventually("the command is seen", || server.page("foo")["project-status"] == active);
    refused(&mut ada, "/admin/project/foo/release", &why, "is not quarantined");
}

fn commands_stand_in_the_log(backend: Backend) {
    let server = start(backend);
    server.upload(&Dist::wheel("bar", "9.0")).token(&server.token("ada")).send().expect(200);
    let file = "bar-9.0-py3-none-any.whl";
    for command in [
        &["status", "bar", "archived", "--reason", "it is <old>"][..],
        &["status", "bar", "active"],
        &["limit", "bar", "--max-file-size", "1GiB"],
        &["yank", "bar", "9.0", "--reason", "broken"],
        &["unyank", "bar", "9.0"],
        &["delete", "bar", "--file", file, "--yes"],
        &["delete", "bar", "--yes"],
        &["permit", "bar"],
        &["prohibit", "bar", "--reason", "no more"],
    ] {
        server.ok(&[&["project"], command].concat());
    }
    let mut ada = Browser::logged_in(&server, "ada");
    let log = ada.get("/admin/log/?target=bar&who=operator").expect(200).text();
    let rows: Vec<&str> = log.split("<tr><td>").skip(1).collect();
    let expected = [
        ("Prohibited the name", "no more"),
        ("Permitted the name", ""),
        ("Deleted the project", ""),
        ("Deleted a file", file),
        ("Took a yank back", "9.0"),
        ("Yanked", "broken"),
        ("Set limits", "1073741824"),
        ("Set the status", "active"),
        ("Set the status", "it is &#60;old&#62;"),
    ];
    assert_eq!(rows.len(), expected.len(), "{log}");
    for (row, (what, detail)) in rows.iter().zip(expected) {
        assert!(row.starts_with(what) && row.contains(detail), "{what}: {row}");
    }
}
