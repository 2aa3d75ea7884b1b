//! What operators see.

use cheeseshop::domains::answer::Finding;
use serde_json::Value;

use super::processes::prepare;
use super::{World, says};
use crate::manage::act;
use crate::support::{Backend, Provider, Said, Server, eventually, on_both};
use crate::web::Browser;

on_both!(operators_see_what_was_found, administrators_sweep_on_the_page);

fn operators_see_what_was_found(backend: Backend) {
    let server = Server::start(backend);
    server.sql("UPDATE users SET is_admin = true WHERE username = 'ada'");
    let mut world = World::new(server);
    world.now = cheeseshop::time::now();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        world.add("bob", &["bob@lapsed.com"]).await;
        world.oracle.says("lapsed.com", says(Finding::Lapsed));
        assert_eq!(world.sweep().await.unverified, 1);
    });
    let server = &world.server;
    let list: Value = serde_json::from_str(&server.ok(&["domains", "list", "--json"])).unwrap();
    assert_eq!(list[0]["domain"], "example.org");
    assert_eq!(list[1]["domain"], "lapsed.com");
    assert_eq!((&list[1]["addresses"], &list[1]["status"]), (&1.into(), &"lapsed".into()));
    assert!(list[1]["last_checked"].is_string() && list[1]["next_due"].is_string());
    let table = server.ok(&["domains", "list"]);
    assert!(table.contains("1 address unverified: it has expired"), "{table}");
    let user: Value = serde_json::from_str(&server.ok(&["user", "show", "bob", "--json"])).unwrap();
    assert_eq!(user["emails"][0]["unverify_reason"], "its domain has expired");
    let mut ada = Browser::logged_in(server, "ada");
    let page = ada.get("/admin/domains/").expect(200).text();
    assert!(page.contains("lapsed.com") && page.contains("1 address unverified"), "{page}");
    let of = |ada: &mut Browser<'_>, path: &str| ada.get(path).expect(200).text();
    let page = of(&mut ada, "/admin/domains/lapsed.com/");
    assert!(
        page.contains("/admin/users/bob/history/") && page.contains("bob@lapsed.com"),
        "{page}"
    );
    assert!(page.contains("verified no more since"), "{page}");
    ada.get("/admin/domains/nobody.com/").expect(404);
    ada.get("/admin/domains/lapsed.com/?after=x").expect(200);
    for (result, expected) in [
        ("lapsed", (true, false)),
        ("held", (false, true)),
        ("never", (false, false)),
        ("no-such-result", (true, true)),
    ] {
        let page = of(&mut ada, &format!("/admin/domains/?result={result}"));
        let shows = |name: &str| page.contains(&format!("/admin/domains/{name}/"));
        assert_eq!((shows("lapsed.com"), shows("example.org")), expected, "{result}");
    }
    // Who is new is in the list before anybody was asked.
    server.add_user("carl");
    server.ok(&["user", "add", "dora", "--email", "dora@new.example", "--password-stdin"]);
    assert!(of(&mut ada, "/admin/domains/").contains("1 address is new since the last sweep"));
    let list: Value = serde_json::from_str(&server.ok(&["domains", "list", "--json"])).unwrap();
    assert_eq!(list[0]["addresses"], 2);
    let metrics = server.get("/metrics").send().expect(200).text();
    assert!(metrics.contains("\ncheeseshop_domains_unverified_total 1\n"), "{metrics}");
    assert!(metrics.contains("\ncheeseshop_domains_asked_total 2\n"), "{metrics}");
    assert!(metrics.contains("\ncheeseshop_job_runs_total{job=\"domains\"} 1\n"), "{metrics}");
    assert!(metrics.contains("\ncheeseshop_job_done_timestamp_seconds{job=\"domains\"} "));
    assert!(!metrics.contains("cheeseshop_job_runs_failed{job=\"domains\"} 1"), "{metrics}");
}

const SWEEP: &str = "/admin/domains/sweep";

fn administrators_sweep_on_the_page(backend: Backend) {
    let provider = Provider::start();
    provider.otherwise(Said::fastly("active"));
    provider.answer("lapsed.com", Said::fastly("inactive"));
    let mut server = prepare(backend, &provider, &[("CHEESESHOP_DOMAINS__BRAKE", "0")]);
    server.add_user("ada");
    let bob = ["user", "add", "bob", "--email", "bob@lapsed.com", "--verified", "--password-stdin"];
    server.ok(&bob);
    server.sql("UPDATE users SET is_admin = true WHERE username = 'ada'");
    server.run();
    let mut ada = Browser::logged_in(&server, "ada");
    provider.hold();
    act(&mut ada, SWEEP, &[]).expect(303);
    eventually("somebody is asked", || provider.waiting() > 0);
    let refused = act(&mut ada, SWEEP, &[]).expect(400).text();
    assert!(refused.contains("another run of the job domains is under way"), "{refused}");
    assert!(refused.contains("A sweep is under way since"), "{refused}");
    provider.release();
    let mut page = ada.clone();
    let mut says = |path: &str, words: &str| page.get(path).expect(200).text().contains(words);
    eventually("the brake holds", || says("/admin/domains/", "The brake stopped a sweep"));
    assert!(says("/admin/", "mail domains lapsed or in other hands, more than is likely"));
    assert!(says("/admin/domains/?result=held-back", "/admin/domains/lapsed.com/"));
    assert!(says("/admin/domains/lapsed.com/", "verified on"));
    eventually("the run has ended", || says("/admin/domains/", "The last sweep began"));
    act(&mut ada, SWEEP, &[("confirm", "yes")]).expect(303);
    eventually("it went ahead", || says("/admin/domains/lapsed.com/", "verified no more since"));
}
