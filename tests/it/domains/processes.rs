//! Sweeps as processes of their own, which die, and a provider that is asked over HTTP.

use std::collections::BTreeSet;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Backend, Provider, Said, Server, eventually, on_both};

use super::scale::{ADDRESSES, DOMAINS, ON_ITS_WAY, USERS};

on_both!(
    a_killed_sweep_costs_what_was_on_its_way,
    of_two_servers_one_sweeps_and_the_other_goes_on,
    the_command_says_what_it_does,
);

fn settings(provider: &Provider) -> [(&'static str, String); 4] {
    [
        ("CHEESESHOP_DOMAINS__PROVIDER", "fastly".to_owned()),
        ("CHEESESHOP_DOMAINS__API_KEY", "key".to_owned()),
        ("CHEESESHOP_DOMAINS__API_URL", provider.url()),
        ("CHEESESHOP_DOMAINS__MAX_REQUESTS_PER_SECOND", "1000".to_owned()),
    ]
}

pub fn prepare(backend: Backend, provider: &Provider, more: &[(&str, &str)]) -> Server {
    let mut server = Server::prepare(backend, more);
    for (name, value) in settings(provider) {
        server.set(name, &value);
    }
    server.ok(&["jobs", "list"]);
    server
}

fn a_killed_sweep_costs_what_was_on_its_way(backend: Backend) {
    let provider = Provider::start();
    provider.otherwise(Said::fastly("active"));
    let server = prepare(backend, &provider, &[]);
    server.sql(USERS);
    server.sql(ADDRESSES);
    let mut command = server.command(&["domains", "sweep"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    eventually("the sweep is under way", || provider.asked_count() >= DOMAINS / 4);
    child.kill().unwrap();
    child.wait().unwrap();
    let output = server.run_command(&["domains", "sweep"], "");
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(words, "cheeseshop: another run of the job domains is under way\n");
    server.sql("UPDATE leases SET expires_at = '2026-01-01 00:00:00'");
    server.ok(&["domains", "sweep"]);
    let asked = provider.asked();
    assert!(asked.len() <= DOMAINS + ON_ITS_WAY, "{}", asked.len());
    let names: BTreeSet<_> = asked.into_iter().map(|asked| asked.domain).collect();
    assert_eq!(names.len(), DOMAINS);
}

fn of_two_servers_one_sweeps_and_the_other_goes_on(backend: Backend) {
    let provider = Provider::start();
    provider.otherwise(Said::fastly("active"));
    let schedule = ("CHEESESHOP_DOMAINS__SCHEDULE", "* * * * * *");
    let mut server = prepare(backend, &provider, &[schedule]);
    server.sql(USERS);
    server.sql(ADDRESSES);
    provider.hold();
    server.run();
    eventually("one sweeps", || provider.waiting() > 0);
    let other = server.second();
    let before = provider.asked_count();
    server.kill();
    server.sql("UPDATE leases SET expires_at = '2026-01-01 00:00:00' WHERE name = 'domains'");
    eventually("the other one goes on", || provider.asked_count() > before);
    provider.release();
    let is_complete = || {
        let names = provider.asked().into_iter().map(|asked| asked.domain);
        names.collect::<BTreeSet<_>>().len() == DOMAINS
    };
    eventually("all were asked about", is_complete);
    assert!(provider.asked_count() <= DOMAINS + ON_ITS_WAY, "{}", provider.asked_count());
    drop(other);
}

fn the_command_says_what_it_does(backend: Backend) {
    let provider = Provider::start();
    provider.otherwise(Said::fastly("active"));
    provider.answer("lapsed.com", Said::fastly("undelegated inactive"));
    let mut server = prepare(backend, &provider, &[]);
    server.ok(&[
        "user",
        "add",
        "bob",
        "--email",
        "b@a.lapsed.com",
        "--verified",
        "--password-stdin",
    ]);
    server.add_user("ada");
    let said = server.ok(&["domains", "sweep", "--dry-run"]);
    assert!(said.contains("lapsed.com: undelegated inactive: would unverify"), "{said}");
    let list: Value = serde_json::from_str(&server.ok(&["domains", "list", "--json"])).unwrap();
    let names = list.as_array().unwrap().iter().map(|it| it["domain"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["example.org", "lapsed.com"]);
    assert!(list[1]["last_checked"].is_null() && list[1]["addresses"] == 1, "{list}");
    let said = server.ok(&["jobs", "run", "domains"]);
    assert!(said.starts_with("2 domains checked, 0 not answered, 1 lapsed"), "{said}");
    assert!(said.trim().ends_with(" s were spent in the database"), "{said}");
    assert!(server.ok(&["user", "show", "bob"]).contains("its domain has expired"));
    server.set("CHEESESHOP_DOMAINS__TRUSTED", "example.org");
    let before = provider.asked_count();
    server.ok(&["user", "add", "eve", "--email", "e@lapsed.com", "--verified", "--password-stdin"]);
    let said = server.ok(&["domains", "sweep", "--all"]);
    let words = "lapsed.com: undelegated inactive: 1 address unverified: it has expired\n\
                 unverified: e@lapsed.com of eve\n1 domain checked";
    assert!(said.starts_with(words), "{said}");
    assert_eq!((provider.asked_count() - before, provider.asked_about("example.org")), (1, 2));
    let list = server.ok(&["domains", "list"]);
    assert!(list.contains("trusted") && list.contains("undelegated inactive"), "{list}");
    server.set("CHEESESHOP_DOMAINS__PROVIDER", "off");
    assert!(server.ok(&["domains", "sweep"]).contains("is off"));
}
