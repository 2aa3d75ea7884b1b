//! What operators see.

use cheeseshop::domains::answer::Finding;
use serde_json::Value;

use super::{World, says};
use crate::support::{Backend, Server, on_both};
use crate::web::Browser;

on_both!(operators_see_what_was_found);

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
    let metrics = server.get("/metrics").send().expect(200).text();
    assert!(metrics.contains("\ncheeseshop_domains_unverified_total 1\n"), "{metrics}");
    assert!(metrics.contains("\ncheeseshop_domains_asked_total 2\n"), "{metrics}");
}
