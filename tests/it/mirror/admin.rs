//! The page of administrators about the mirror, and its commands.

use serde_json::json;

use super::{ask, files, mirror_with};
use crate::manage::act;
use crate::support::provider::Said;
use crate::support::upstream::page_path;
use crate::support::{Backend, Dist, Server, Upstream, eventually, on_both};
use crate::web::{Browser, FILE};
use cheeseshop::time;

on_both!(
    the_page_says_how_it_stands,
    what_is_quarantined_is_gone_at_once,
    an_exception_ends_the_cooldown_until_its_day,
    rules_that_mean_nothing_are_refused,
    commands_do_the_same,
);

const PLACE: &str = "/admin/mirror/";
const QUARANTINE: &str = "/admin/mirror/quarantine";
const ALLOW: &str = "/admin/mirror/allow";
const RELEASE: &str = "/admin/mirror/release";

/// A mirror that mails to a file.
fn start(backend: Backend, upstream: &Upstream, more: &[(&str, &str)]) -> Server {
    mirror_with(backend, upstream, &[&[FILE], more].concat())
}

#[track_caller]
fn done(browser: &mut Browser<'_>, path: &str, pairs: &[(&str, &str)]) -> String {
    act(browser, path, pairs).expect(303);
    browser.get(PLACE).expect(200).text()
}

#[track_caller]
fn refused(browser: &mut Browser<'_>, path: &str, pairs: &[(&str, &str)], words: &str) {
    let text = act(browser, path, pairs).expect(400).text();
    assert!(text.contains(words), "{path}: {words:?} is not in {text}");
}

/// The number of the newest rule.
fn newest(server: &Server) -> String {
    let ids = server.sql_texts("SELECT CAST(MAX(id) AS TEXT) AS text FROM mirror_rules");
    ids[0].clone()
}

fn the_page_says_how_it_stands(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    let server = start(backend, &upstream, &[]);
    let mut ada = Browser::logged_in(&server, "ada");
    let text = ada.get(PLACE).expect(200).text();
    assert!(text.contains(&upstream.url()) && text.contains("has not asked it yet"), "{text}");
    server.page("foo");
    let text = ada.get(PLACE).expect(200).text();
    assert!(text.contains("It answered at") && text.contains("1 of its pages are kept"), "{text}");
    upstream.say(&page_path("bar"), Said::new(503, ""));
    ask(&server, "bar").expect(503);
    let text = ada.get(PLACE).expect(200).text();
    for part in ["does not answer since", "answers 503", "It is asked again in"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let none = Server::start_with(backend, &[FILE]);
    none.sql("UPDATE users SET is_admin = true WHERE username = 'ada'");
    let text = Browser::logged_in(&none, "ada").get(PLACE).expect(200).text();
    assert!(text.contains("mirror.upstream</code> is not set"), "{text}");
}

fn what_is_quarantined_is_gone_at_once(backend: Backend) {
    let upstream = Upstream::start();
    let bad = Dist::wheel("foo", "2.0");
    for dist in [&Dist::wheel("foo", "1.0"), &bad] {
        upstream.add(dist);
    }
    let server = start(backend, &upstream, &[]);
    let second = server.second();
    let url =
        |number: usize| server.page("foo")["files"][number]["url"].as_str().unwrap().to_owned();
    let (old, new) = (url(0), url(1));
    for server in [&server, &second] {
        assert_eq!(files(&server.page("foo")).len(), 2);
        server.get(&new).send().expect(200);
    }
    let mut ada = Browser::logged_in(&server, "ada");
    let why = ("reason", "steals <keys>");
    let both: [&[(&str, &str)]; 3] = [
        &[("project", "Foo"), ("version", "2"), why],
        &[("project", "foo"), ("file", &bad.filename), why],
        &[("digest", &bad.sha256().to_uppercase()), why],
    ];
    for pairs in both {
        let text = done(&mut ada, QUARANTINE, pairs);
        assert!(text.contains("nobody gets it from here"), "{text}");
        assert!(text.contains("steals &#60;keys&#62;"), "{text}");
        // Here at once, there within a second.
        assert_eq!(files(&server.page("foo")), ["foo-1.0-py3-none-any.whl"]);
        let words = server.get(&new).send().expect(404).text();
        assert!(words.contains("steals <keys>"), "{words}");
        server.get(&old).send().expect(200);
        eventually("gone", || {
            files(&second.page("foo")).len() == 1 && second.get(&new).send().status == 404
        });
        refused(&mut ada, QUARANTINE, pairs, "There is such a rule already");
        let id = newest(&server);
        refused(&mut ada, RELEASE, &[("rule_id", &id)], "Say why");
        let text = done(&mut ada, RELEASE, &[("rule_id", &id), ("reason", "false alarm")]);
        assert!(text.contains("does not hold any more"), "{text}");
        server.get(&new).send().expect(200);
        eventually("back", || second.get(&new).send().status == 200);
    }
    done(&mut ada, QUARANTINE, &[("project", "foo"), why]);
    let page = server.page("foo");
    assert_eq!(page["files"], json!([]));
    assert_eq!(page["project-status"]["status"], "quarantined");
    for url in [&old, &new] {
        server.get(url).send().expect(404);
    }
    assert!(!server.get("/simple/").send().expect(200).text().contains("foo"));
    let log = ada.get("/admin/log/?target=foo").expect(200).text();
    for words in ["Quarantined at the mirror", "Lifted a rule of the mirror", "false alarm"] {
        assert!(log.contains(words), "{words}: {log}");
    }
}

fn an_exception_ends_the_cooldown_until_its_day(backend: Backend) {
    let upstream = Upstream::start();
    let now = time::now();
    let add = |version: &str| {
        let dist = Dist::wheel("foo", version);
        upstream.add_with(&dist, |file| file.upload_time = Some(time::iso(now)))
    };
    let (one, _) = (add("1.0"), add("2.0"));
    let server = start(backend, &upstream, &[("CHEESESHOP_MIRROR__MIN_AGE_DAYS", "7")]);
    assert_eq!(server.page("foo")["files"], json!([]));
    server.get(&one).send().expect(404);
    let mut ada = Browser::logged_in(&server, "ada");
    let (today, yesterday) = (time::day(now), time::day(now - chrono::TimeDelta::days(1)));
    let (project, version, why) = (("project", "foo"), ("version", "1.0"), ("reason", "a fix"));
    refused(&mut ada, ALLOW, &[project, ("until", &today)], "Say why");
    refused(&mut ada, ALLOW, &[project, why], "Say the last day");
    refused(&mut ada, ALLOW, &[project, why, ("until", "10000-01-01")], "Say the last day");
    refused(&mut ada, ALLOW, &[project, why, ("until", &yesterday)], "is over");
    let digest = ("digest", "ab".repeat(32));
    refused(&mut ada, ALLOW, &[(digest.0, &digest.1), why, ("until", &today)], "is for a project");
    let tomorrow = time::day(now + chrono::TimeDelta::days(1));
    let text = done(&mut ada, ALLOW, &[project, version, why, ("until", &tomorrow)]);
    assert!(text.contains("excepted from the cooldown") && text.contains("a fix"), "{text}");
    assert_eq!(files(&server.page("foo")), ["foo-1.0-py3-none-any.whl"]);
    server.get(&one).send().expect(200);
    let pairs = [("rule_id", newest(&server)), ("reason", "no".to_owned())];
    done(&mut ada, RELEASE, &pairs.each_ref().map(|(name, value)| (*name, value.as_str())));
    assert_eq!(server.page("foo")["files"], json!([]));
    server.get(&one).send().expect(404);
}

fn rules_that_mean_nothing_are_refused(backend: Backend) {
    let upstream = Upstream::start();
    let server = start(backend, &upstream, &[]);
    server.upload(&Dist::wheel("own", "1.0")).send().expect(200);
    let mut ada = Browser::logged_in(&server, "ada");
    let (named, why) = (("project", "foo"), ("reason", "x"));
    for (pairs, words) in [
        (&[named][..], "Say why"),
        (&[named, ("reason", " ")], "Say why"),
        (&[why], "Name the project"),
        (&[("project", "-"), why], "Name the project"),
        (&[("project", "own"), why], "own is hosted here"),
        (&[named, ("version", "x"), why], "is not a version"),
        (&[named, ("file", "a/b"), why], "not the name of a file"),
        (&[named, ("version", "1"), ("file", "a"), why], "not both"),
        (&[("digest", "abc"), why], "64 hexadecimal digits"),
        (&[named, ("digest", "abc"), why], "A digest stands alone"),
    ] {
        refused(&mut ada, QUARANTINE, pairs, words);
    }
    act(&mut ada, RELEASE, &[("rule_id", "x"), why]).expect(400);
    act(&mut ada, RELEASE, &[("rule_id", "7"), why]).expect(404);
}

fn commands_do_the_same(backend: Backend) {
    let upstream = Upstream::start();
    let dist = Dist::wheel("foo", "1.0");
    upstream.add_with(&dist, |file| file.upload_time = Some(time::iso(time::now())));
    let server = start(backend, &upstream, &[("CHEESESHOP_MIRROR__MIN_AGE_DAYS", "7")]);
    let is_shown = |server: &Server| server.page("foo")["files"] != json!([]);
    assert!(!is_shown(&server));
    let reason = ["--reason", "why not"];
    let until = time::day(time::now());
    let allowed = ["mirror", "allow", "foo", "--until", &until, reason[0], reason[1]];
    assert!(server.ok(&allowed).contains("allowed until"));
    eventually("allowed", || is_shown(&server));
    let digest = dist.sha256();
    let said = server.ok(&["mirror", "quarantine", "--digest", &digest, reason[0], reason[1]]);
    eventually("quarantined", || !is_shown(&server));
    let id = said.strip_prefix("rule ").and_then(|rest| rest.split(':').next()).unwrap();
    server.ok(&["mirror", "release", id]);
    eventually("released", || is_shown(&server));
    for (arguments, code, words) in [
        (&["mirror", "release", id][..], 1, "there is no rule"),
        (&["mirror", "quarantine", "--reason", "x"], 2, "Name the project"),
        (&["mirror", "quarantine", "foo", "--reason", ""], 1, "Say why"),
        (&["mirror", "allow", "foo", "--until", "x", "--reason", "x"], 2, "not a day"),
    ] {
        let output = server.run_command(arguments, "");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(words), "{said}");
    }
    let mut ada = Browser::logged_in(&server, "ada");
    let log = ada.get("/admin/log/?who=operator").expect(200).text();
    assert!(log.contains("Excepted from the cooldown") && log.contains("why not"), "{log}");
}
