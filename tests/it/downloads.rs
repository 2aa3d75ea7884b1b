//! Counting downloads, and who has got what.

use std::sync::Arc;
use std::time::Duration;

use cheeseshop::db::{FileId, ProjectId};
use cheeseshop::downloads::sums::Sums;
use cheeseshop::downloads::{Follower, Tally};

use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Reply, Server, eventually, on_both};
use crate::web::Browser;

on_both!(
    whole_files_and_their_beginnings_are_counted,
    two_processes_add_up,
    counts_are_written_in_batches,
    a_public_index_knows_numbers_only,
    a_private_index_knows_who_has_what,
    downloads_are_found_by_what_was_downloaded,
    what_is_gone_is_still_found,
    exports_are_safe_to_open,
    only_administrators_look,
    single_downloads_are_forgotten_and_numbers_are_not,
);

const PRIVATE: (&str, &str) = ("CHEESESHOP_PRIVATE", "true");

/// Publishes a distribution by a token; returns the path of its file.
fn published(server: &Server, dist: &Dist) -> String {
    let token = server.token("ada");
    server.upload(dist).token(&token).send().expect(200);
    let accept = "application/vnd.pypi.simple.v1+json";
    let page = server.get(&format!("/simple/{}/", dist.name)).header("Accept", accept);
    let page = page.basic("__token__", &token).send().expect(200).json();
    let files = page["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["filename"] == dist.filename.as_str()).unwrap();
    file["url"].as_str().unwrap().to_owned()
}

/// Stops the server as an operator does, and starts it again: what it counted is written.
fn restart(server: &mut Server) {
    server.tell_to_stop();
    assert!(server.wait());
    server.run();
}

/// Downloads of a project in the last week: no test lasts that long.
fn week(server: &Server, project: &str) -> i64 {
    let page = server.get(&format!("/pypi/{project}/json")).basic("ada", PASSWORD).send();
    let page = page.expect(200).json();
    let downloads = &page["info"]["downloads"];
    let number = |field: &str| downloads[field].as_i64().unwrap();
    assert_eq!(number("last_week"), number("last_month"));
    assert!(number("last_day") <= number("last_week"));
    number("last_week")
}

/// The single downloads, as the command lists them.
fn listed(server: &Server, arguments: &[&str]) -> Vec<serde_json::Value> {
    let all: Vec<&str> = ["downloads", "list", "--json"].iter().chain(arguments).copied().collect();
    serde_json::from_str(&server.ok(&all)).unwrap()
}

fn whole_files_and_their_beginnings_are_counted(backend: Backend) {
    let mut server = Server::start(backend);
    let small = Dist::wheel("foo", "1.0");
    let large = Dist::noisy_wheel("bar", "1.0", 3_000_001);
    for dist in [small, large] {
        let url = published(&server, &dist);
        let etag = server.request("HEAD", &url).send().expect(200);
        let etag = etag.header("etag").unwrap().to_owned();
        let size = dist.bytes.len();
        let metadata = format!("{url}.metadata");
        let nowhere = url.replace("-1.0-", "-1.1-");
        let mut expected = 0;
        for (method, path, header, status, counts) in [
            ("GET", &url, ("Accept", "*/*".to_owned()), 200, 1),
            ("GET", &url, ("Range", "bytes=0-9".to_owned()), 206, 1),
            ("GET", &url, ("Range", "bytes=0-".to_owned()), 206, 1),
            // More than one part is answered with the whole file.
            ("GET", &url, ("Range", "bytes=0-1,3-4".to_owned()), 200, 1),
            ("GET", &url, ("Range", format!("bytes=-{size}")), 206, 1),
            ("GET", &url, ("Range", "bytes=1-".to_owned()), 206, 0),
            ("GET", &url, ("Range", "bytes=-10".to_owned()), 206, 0),
            ("GET", &url, ("Range", format!("bytes={size}-")), 416, 0),
            ("GET", &url, ("If-None-Match", etag.clone()), 304, 0),
            ("HEAD", &url, ("Accept", "*/*".to_owned()), 200, 0),
            ("GET", &metadata, ("Accept", "*/*".to_owned()), 200, 0),
            ("GET", &nowhere, ("Accept", "*/*".to_owned()), 404, 0),
        ] {
            let (name, value) = header;
            server.request(method, path).header(name, &value).send().expect(status);
            expected += counts;
            let metrics = server.get("/metrics").send().expect(200).text();
            let total = if dist.name == "foo" { expected } else { expected + 5 };
            let line = format!("\ncheeseshop_downloads_total {total}\n");
            assert!(metrics.contains(&line), "{method} {path} {name}: {value}, {metrics}");
        }
        assert_eq!(expected, 5);
    }
    restart(&mut server);
    assert_eq!([week(&server, "foo"), week(&server, "bar")], [5, 5]);
    let page = server.get("/project/foo/").send().expect(200).text();
    assert!(page.contains("<svg class=\"chart\" role=\"img\" aria-label=\"Downloads on each of"));
    assert!(page.contains("<dt>Last 90 days</dt><dd>5</dd>"), "{page}");
}

fn two_processes_add_up(backend: Backend) {
    let mut server = Server::start(backend);
    let url = published(&server, &Dist::wheel("foo", "1.0"));
    let mut other = server.second();
    for _ in 0..3 {
        server.get(&url).send().expect(200);
        other.get(&url).send().expect(200);
    }
    server.tell_to_stop();
    other.tell_to_stop();
    assert!(server.wait() && other.wait());
    server.run();
    assert_eq!(week(&server, "foo"), 6);
}

fn counts_are_written_in_batches(backend: Backend) {
    let server = Server::start(backend);
    published(&server, &Dist::wheel("foo", "1.0"));
    let db = server.open_database();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let tally = Arc::new(Tally::default());
    let every = Duration::from_millis(10);
    let follower = runtime.block_on(async { Follower::start(db.clone(), tally.clone(), every) });
    let week = || {
        let now = cheeseshop::time::now();
        let read = db.read(move |c| Ok(Sums::of_project(c, ProjectId::new(1), now)?));
        runtime.block_on(read).unwrap().last_week()
    };
    for expected in [2, 4] {
        // There is no file with such an id: it holds nothing up.
        for file in [1, 1, 999] {
            tally.count(FileId::new(file));
        }
        eventually("it is written", || week() == expected);
    }
    tally.count(FileId::new(1));
    runtime.block_on(follower.stop());
    assert_eq!(week(), 5);
}

fn a_public_index_knows_numbers_only(backend: Backend) {
    let mut server = Server::start(backend);
    let url = published(&server, &Dist::wheel("foo", "1.0"));
    server.get(&url).send().expect(200);
    server.get(&url).basic("ada", PASSWORD).send().expect(200);
    restart(&mut server);
    assert_eq!(week(&server, "foo"), 2);
    assert!(listed(&server, &[]).is_empty());
    server.sql("UPDATE users SET is_admin = true");
    let page = Browser::logged_in(&server, "ada").get("/admin/downloads/").expect(200).text();
    assert!(page.contains("its downloads are only counted"), "{page}");
}

/// A private index where everything of `foo` was downloaded by `ada`: her wheel by a token, her
/// sdist by her password and in her browser.
fn pulled(backend: Backend) -> Server {
    let mut server = Server::start_with(backend, &[PRIVATE]);
    server.sql("UPDATE users SET is_admin = true WHERE username = 'ada'");
    let wheel = published(&server, &Dist::wheel("foo", "1.0"));
    let sdist = published(&server, &Dist::sdist("foo", "1.1"));
    let token = server.token("ada");
    server.get(&wheel).basic("__token__", &token).header("User-Agent", AGENT).send().expect(200);
    server.get(&sdist).basic("ada", PASSWORD).send().expect(200);
    Browser::logged_in(&server, "ada").get(&sdist).expect(200);
    server.get(&wheel).send().expect(401);
    restart(&mut server);
    server
}

/// What spreadsheets and pages would take for something else.
const AGENT: &str = "=cmd|' /C calc'!A0,\"<script>alert(1)</script>";

fn a_private_index_knows_who_has_what(backend: Backend) {
    let server = pulled(backend);
    assert_eq!(week(&server, "foo"), 3);
    let found = listed(&server, &[]);
    // The newest first.
    let [browser, password, token] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(token["user_agent"], AGENT);
    assert!(token["token"].is_i64() && token["token_label"].is_string(), "{token}");
    assert!(password["token"].is_null() && password["user_agent"].is_null(), "{password}");
    assert_eq!(browser["user_agent"], "Mozilla/5.0 (Test)");
    for it in &found {
        assert_eq!([&it["user"], &it["project"], &it["ip"]], ["ada", "foo", "127.0.0.1"]);
    }
    assert_eq!(token["file"], "foo-1.0-py3-none-any.whl");
    assert_eq!([&browser["version"], &password["version"]], ["1.1", "1.1"]);
}

fn downloads_are_found_by_what_was_downloaded(backend: Backend) {
    let server = pulled(backend);
    let all = listed(&server, &[]);
    let digest = all[2]["sha256"].as_str().unwrap();
    let wheel = "foo-1.0-py3-none-any.whl";
    let mut ada = Browser::logged_in(&server, "ada");
    for (flag, value, expected) in [
        ("project", "FOO", 3),
        ("project", "bar", 0),
        ("version", "1.1.0", 2),
        ("version", "2", 0),
        ("file", wheel, 1),
        ("file", "foo", 0),
        ("digest", digest, 1),
        ("digest", &"0".repeat(64), 0),
        ("user", "ada", 3),
        ("user", "bob", 0),
        ("since", "2020-01-01", 3),
        ("since", "2999-01-01", 0),
    ] {
        assert_eq!(listed(&server, &[&format!("--{flag}"), value]).len(), expected, "{flag}");
        let page = ada.get(&format!("/admin/downloads/?{flag}={value}")).expect(200).text();
        assert_eq!(page.matches("<tr><td>").count(), expected, "{flag}={value} {page}");
    }
    assert_eq!(listed(&server, &["--limit", "2"]).len(), 2);
    assert_eq!(listed(&server, &["--since", "1h", "--version", "1.0"]).len(), 1);
    for (flag, bad) in [("project", "-"), ("version", "x"), ("digest", "0"), ("since", "x")] {
        let output = server.run_command(&["downloads", "list", &format!("--{flag}"), bad], "");
        assert_eq!(output.status.code(), Some(2), "{flag}");
        let page = ada.get(&format!("/admin/downloads/?{flag}={bad}")).expect(400).text();
        assert!(page.contains(" is not "), "{flag} {page}");
        ada.get(&format!("/admin/downloads/export?format=csv&{flag}={bad}")).expect(400);
    }
    for odd in ["project=%00&before=x", "before=-1", "user=%F0%9F%A7%80", "file=%2e%2e"] {
        ada.get(&format!("/admin/downloads/?{odd}")).expect(200);
    }
    let first = ada.get("/admin/downloads/").expect(200).text();
    assert!(first.contains("&#60;script&#62;") && !first.contains("<script>alert"), "{first}");
}

/// Who has a file is asked when it turned out to be a bad one, and was removed.
fn what_is_gone_is_still_found(backend: Backend) {
    let server = pulled(backend);
    let digest = listed(&server, &[])[2]["sha256"].as_str().unwrap().to_owned();
    server.ok(&["project", "delete", "foo", "--yes"]);
    assert_eq!(listed(&server, &["--project", "foo"]).len(), 3);
    assert_eq!(listed(&server, &["--digest", &digest]).len(), 1);
    // A later project of that name begins at nothing.
    server.sql("DELETE FROM prohibited_names");
    published(&server, &Dist::wheel("foo", "9.0"));
    assert_eq!(week(&server, "foo"), 0);
}

fn exports_are_safe_to_open(backend: Backend) {
    let server = pulled(backend);
    let mut ada = Browser::logged_in(&server, "ada");
    let csv = ada.get("/admin/downloads/export?format=csv&version=1.0").expect(200);
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(csv.header("cache-control"), Some("no-store"));
    let disposition = csv.header("content-disposition").unwrap();
    assert_eq!(disposition, "attachment; filename=\"downloads.csv\"");
    let text = unchunked(&csv);
    let guarded = ",\"'=cmd|' /C calc'!A0,\"\"<script>alert(1)</script>\",foo,1.0,foo-1.0-";
    assert!(text.contains(guarded) && text.starts_with("at,user,token,"), "{text}");
    let same = server.ok(&["downloads", "list", "--csv", "--version", "1.0"]);
    assert_eq!(same, text);
    let lines = ada.get("/admin/downloads/export?format=jsonl").expect(200);
    let text = unchunked(&lines);
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, listed(&server, &[]));
    assert_eq!(lines[2]["user_agent"], AGENT);
    ada.get("/admin/downloads/export").expect(400);
    ada.get("/admin/downloads/export?format=xls").expect(400);
    // More than is read at once.
    let more = (0..2_500).map(|_| "(1, 'eve', '2026-01-01 00:00:00')").collect::<Vec<_>>();
    let more = more.join(", ");
    server.sql(&format!("INSERT INTO downloads (file_id, username, at) VALUES {more}"));
    let eve = ada.get("/admin/downloads/export?format=jsonl&user=eve").expect(200);
    assert_eq!(unchunked(&eve).lines().count(), 2_500);
    let page = ada.get("/admin/downloads/?user=eve").expect(200).text();
    assert_eq!(page.matches("<tr><td>").count(), 100);
    let older = page.split_once("user=eve&amp;before=").unwrap().1.split('"').next().unwrap();
    let page = ada.get(&format!("/admin/downloads/?user=eve&before={older}")).expect(200).text();
    assert_eq!(page.matches("<tr><td>").count(), 100);
}

/// The body of an answer that came in chunks.
fn unchunked(reply: &Reply) -> String {
    assert_eq!(reply.header("transfer-encoding"), Some("chunked"));
    let (mut rest, mut text) = (reply.text(), String::new());
    loop {
        let (length, more) = rest.split_once("\r\n").unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            return text;
        }
        let (chunk, after) = more.split_at(length);
        text.push_str(chunk);
        rest = after.strip_prefix("\r\n").unwrap().to_owned();
    }
}

fn only_administrators_look(backend: Backend) {
    let server = pulled(backend);
    server.add_user("bob");
    for path in ["/admin/downloads/", "/admin/downloads/export?format=csv"] {
        Browser::logged_in(&server, "ada").get(path).expect(200);
        let refusal = Browser::logged_in(&server, "bob").get(path).expect(404);
        assert!(!refusal.text().contains("foo-1.0"));
        Browser::new(&server).get(path).expect(303);
        // A token is for programs, also that of an administrator.
        let token = server.token("ada");
        server.get(path).basic("__token__", &token).send().expect(303);
        server.get(path).send().expect(401);
    }
}

fn single_downloads_are_forgotten_and_numbers_are_not(backend: Backend) {
    let mut server = pulled(backend);
    server.sql("UPDATE downloads SET at = '2020-01-01 00:00:00' WHERE token_id IS NULL");
    server.ok(&["jobs", "run", "clean"]);
    let left = listed(&server, &[]);
    assert_eq!(left.len(), 1);
    assert!(!left[0]["token"].is_null());
    assert_eq!(week(&server, "foo"), 3);
    // They are kept as long as the operator says.
    server.set("CHEESESHOP_DOWNLOADS__KEEP_DAYS", "100000");
    server.sql("UPDATE downloads SET at = '2020-01-01 00:00:00'");
    server.ok(&["jobs", "run", "clean"]);
    assert_eq!(listed(&server, &[]).len(), 1);
    server.set("CHEESESHOP_DOWNLOADS__KEEP_DAYS", "0");
    let output = server.run_command(&["config"], "");
    assert!(String::from_utf8_lossy(&output.stderr).contains("downloads.keep_days"));
}
