//! Cooldown and quarantine: what administrators and the configuration hide of a page.

use cheeseshop::mirror::rule::{Action, New, Rule};
use cheeseshop::packaging::{NormalizedName, Sha256, Version};
use cheeseshop::time::{self, Time};
use serde_json::json;

use super::{ask, files, mirror, mirror_with, write};
use crate::support::{Backend, Dist, Server, Upstream, eventually, on_both};

on_both!(
    young_files_are_hidden_until_they_are_of_age,
    a_rule_releases_files_early_until_it_ends,
    a_quarantine_is_seen_at_once_everywhere,
    quarantined_bytes_are_known_when_they_come,
    offline_only_what_is_stored_is_listed,
);

pub(super) const MIN_AGE: (&str, &str) = ("CHEESESHOP_MIRROR__MIN_AGE_DAYS", "7");

pub(super) fn days_ago(days: i64) -> Time {
    time::now() - chrono::TimeDelta::days(days)
}

/// What a rule is about.
#[derive(Clone, Default)]
pub(super) struct What {
    pub(super) project: Option<&'static str>,
    pub(super) version: Option<&'static str>,
    pub(super) filename: Option<String>,
    pub(super) sha256: Option<String>,
}

pub(super) fn rule(server: &Server, action: Action, what: &What, until: Option<Time>) -> i64 {
    let what = what.clone();
    let id = write(server, move |c| {
        let project = what.project.and_then(NormalizedName::parse);
        let version = what.version.and_then(Version::parse);
        let sha256 = what.sha256.as_deref().and_then(Sha256::parse);
        let new = New {
            action,
            project: project.as_ref(),
            version: version.as_ref(),
            filename: what.filename.as_deref(),
            sha256: sha256.as_ref(),
            reason: "because",
            until,
            actor: "ada",
        };
        Ok(Rule::add(c, new, time::now())?)
    });
    id.get()
}

pub(super) fn take_back(server: &Server, id: i64) {
    write(server, move |c| Ok(Rule::remove(c, cheeseshop::db::MirrorRuleId::new(id))?));
}

fn young_files_are_hidden_until_they_are_of_age(backend: Backend) {
    let upstream = Upstream::start();
    upstream.add(&Dist::wheel("foo", "1.0"));
    let young = |version, days| {
        upstream.add_with(&Dist::wheel("foo", version), |file| {
            file.upload_time = Some(time::iso(days_ago(days)));
        })
    };
    young("2.0", 8);
    young("3.0", 6);
    young("4.0", 0);
    upstream.add_with(&Dist::wheel("foo", "5.0"), |file| file.upload_time = None);
    upstream.add_with(&Dist::wheel("foo", "6.0"), |file| {
        file.upload_time = Some("some day".to_owned());
    });
    let server = mirror_with(backend, &upstream, &[MIN_AGE]);
    let page = server.page("foo");
    assert_eq!(page["versions"], json!(["1.0", "2.0"]));
    assert_eq!(files(&page).len(), 2);
    let html = server.get("/simple/foo/").header("Accept", "text/html").send().expect(200).text();
    assert_eq!(html.matches("<a ").count(), 2, "{html}");
    // Own projects are as old as they like.
    server.upload(&Dist::wheel("own", "1.0")).send().expect(200);
    assert_eq!(files(&server.page("own")).len(), 1);
}

fn a_rule_releases_files_early_until_it_ends(backend: Backend) {
    let upstream = Upstream::start();
    for version in ["1.0", "2.0"] {
        upstream.add_with(&Dist::wheel("foo", version), |file| {
            file.upload_time = Some(time::iso(days_ago(1)));
        });
    }
    let server = mirror_with(backend, &upstream, &[MIN_AGE]);
    assert_eq!(server.page("foo")["files"], json!([]));
    let what = What { project: Some("foo"), version: Some("2"), ..What::default() };
    let id = rule(&server, Action::ReleaseEarly, &what, Some(days_ago(-1)));
    eventually("released", || files(&server.page("foo")) == ["foo-2.0-py3-none-any.whl"]);
    take_back(&server, id);
    eventually("hidden", || server.page("foo")["files"] == json!([]));
    rule(&server, Action::ReleaseEarly, &what, Some(days_ago(1)));
    let what = What { project: Some("foo"), ..What::default() };
    let id = rule(&server, Action::ReleaseEarly, &what, None);
    eventually("released", || files(&server.page("foo")).len() == 2);
    take_back(&server, id);
    // A rule that has ended does nothing.
    eventually("hidden", || server.page("foo")["files"] == json!([]));
    assert_eq!(upstream.asked_about("foo"), 1);
}

fn quarantined_bytes_are_known_when_they_come(backend: Backend) {
    let upstream = Upstream::start();
    // A source distribution, and what is so long that it is sent while it comes.
    let all = [Dist::sdist("foo", "1.0"), Dist::noisy_wheel("foo", "2.0", 300_000)];
    for dist in &all {
        let elsewhere = format!("/files/{}", dist.filename);
        upstream.serve_at(&elsewhere, &dist.bytes);
        let url = upstream.at(&elsewhere);
        upstream.add_with(dist, |listed| {
            // Nobody knows their SHA-256 before they have come.
            listed.without_hashes();
            listed.url = url;
        });
    }
    let server = mirror(backend, &upstream);
    for dist in &all {
        let what = What { sha256: Some(dist.sha256()), ..What::default() };
        rule(&server, Action::Quarantine, &what, None);
    }
    let listed = server.page("foo");
    let listed = listed["files"].as_array().unwrap();
    assert_eq!(listed.len(), all.len());
    for (file, dist) in listed.iter().zip(&all) {
        let url = file["url"].as_str().unwrap();
        // What is long breaks off before its end.
        let first = server.get(url).send();
        assert!(first.status == 404 || first.body.len() < dist.bytes.len(), "{}", first.status);
        let words = server.get(url).send().expect(404).text();
        assert!(words.contains("is quarantined here: because"), "{words}");
    }
    eventually("the page says so", || server.page("foo")["files"] == json!([]));
}

fn a_quarantine_is_seen_at_once_everywhere(backend: Backend) {
    let upstream = Upstream::start();
    let bad = Dist::wheel("foo", "2.0");
    for dist in [&Dist::wheel("foo", "1.0"), &Dist::sdist("foo", "2.0"), &bad] {
        upstream.add(dist);
    }
    let server = mirror(backend, &upstream);
    let second = server.second();
    let both = |what: &str, count: usize| {
        for server in [&server, &second] {
            eventually(what, || files(&server.page("foo")).len() == count);
        }
    };
    both("all", 3);
    let version = What { project: Some("foo"), version: Some("2.0.0"), ..What::default() };
    let file =
        What { project: Some("foo"), filename: Some(bad.filename.clone()), ..What::default() };
    let digest = What { sha256: Some(bad.sha256()), ..What::default() };
    let others = What { project: Some("bar"), sha256: Some(bad.sha256()), ..What::default() };
    for (what, left) in [(version, 1), (file, 2), (digest, 2)] {
        let id = rule(&server, Action::Quarantine, &what, None);
        both("quarantined", left);
        let versions = if left == 1 { json!(["1.0"]) } else { json!(["1.0", "2.0"]) };
        assert_eq!(second.page("foo")["versions"], versions);
        take_back(&second, id);
        both("released", 3);
    }
    rule(&server, Action::Quarantine, &others, None);
    rule(&server, Action::Quarantine, &What { project: Some("foo"), ..What::default() }, None);
    both("all gone", 0);
    let page = second.page("foo");
    assert_eq!(page["project-status"], json!({"status": "quarantined", "reason": "because"}));
    assert_eq!(upstream.asked_about("foo"), 1);
}

fn offline_only_what_is_stored_is_listed(backend: Backend) {
    let upstream = Upstream::start();
    let kept = Dist::wheel("foo", "1.0");
    let path = upstream.add(&kept);
    upstream.add(&Dist::wheel("foo", "2.0"));
    let mut server = mirror(backend, &upstream);
    assert_eq!(files(&server.page("foo")).len(), 2);
    server.kill();
    let (path, digest) = (path.trim_start_matches("/packages/").to_owned(), kept.sha256());
    server.sql(&format!(
        "INSERT INTO mirror_files (project, version, version_key, filename, path, url, sha256,
         blake2_256, size, stored_at, used_at, is_pinned) VALUES ('foo', '1.0', '1', '{}', '{path}',
         'http://x/', '{digest}', '{digest}', 5, '2026-01-01 00:00:00', '2026-01-01 00:00:00', FALSE)",
        kept.filename
    ));
    server.set("CHEESESHOP_MIRROR__OFFLINE", "true");
    server.run();
    super::age(&server);
    let asked = upstream.asked().len();
    let reply = ask(&server, "foo").expect(200);
    let page = reply.json();
    assert_eq!(files(&page), [&kept.filename]);
    assert_eq!(page["versions"], json!(["1.0"]));
    assert_eq!(reply.header("cache-status"), None);
    ask(&server, "bar").expect(404);
    assert_eq!(upstream.asked().len(), asked);
    // Without an index to ask it serves the same.
    server.kill();
    server.set(super::UPSTREAM, "");
    server.run();
    assert_eq!(files(&server.page("foo")), [&kept.filename]);
}
