//! Registries as they behave, and as they should not.

use std::time::Duration;

use cheeseshop::domains::answer::{Answer, AskError, Finding, Provider as _};
use cheeseshop::domains::rdap::Rdap;
use cheeseshop::outbound::{Limits, Outbound};

use super::{block, client, has_failed, hasty, nonsense, url, waits};
use crate::support::{Provider, Said, eventually};

const DOMAIN: &str = "lapsed.example";
const LIST: &str = "/dns.json";

fn ask(provider: &Provider, client: Outbound, below: &str) -> Result<Answer, AskError> {
    let base = url(&format!("{}{below}", provider.url()));
    block(Rdap::fixed(client, base).ask(DOMAIN))
}

/// The bootstrap file that names a provider for zones.
fn list(zones: &[&str], provider: &Provider) -> Said {
    let services = serde_json::json!({"services": [[zones, [provider.url()]]]});
    Said::new(200, services.to_string())
}

fn bootstrapped(provider: &Provider, client: Outbound) -> Rdap {
    Rdap::bootstrapped(client, Some(url(&format!("{}{LIST}", provider.url()))))
}

async fn later(by: Duration) {
    tokio::time::pause();
    tokio::time::advance(by).await;
    tokio::time::resume();
}

#[test]
fn a_fixed_server_is_asked_about_everything() {
    let provider = Provider::start();
    let events = [("registration", "2020-01-02T03:04:05Z"), ("expiration", "2999-01-01T00:00:00Z")];
    provider.otherwise(Said::rdap(DOMAIN, &["active"], &events));
    for below in ["", "/", "/rdap/v1/"] {
        let answer = ask(&provider, client(&provider), below).unwrap();
        assert_eq!((answer.said.as_str(), answer.finding), ("active", Finding::Held));
        let registered = answer.registered_at.unwrap().to_string();
        assert_eq!(registered, "2020-01-02 03:04:05");
    }
    let paths: Vec<String> = provider.asked().into_iter().map(|asked| asked.path).collect();
    let path = "/domain/lapsed.example";
    assert_eq!(paths, [path, path, &format!("/rdap/v1{path}")]);
    assert!(provider.asked()[0].headers["accept"].contains("application/rdap+json"));
}

#[test]
fn absence_is_conclusive_whatever_a_fixed_server_says_with_it() {
    let provider = Provider::start();
    let page = Said::new(404, "<h1>Not found</h1>").with("Content-Type", "text/html");
    for said in [Said::not_found(), Said::new(404, ""), page] {
        provider.otherwise(said);
        let answer = ask(&provider, client(&provider), "").unwrap();
        assert_eq!((answer.said.as_str(), answer.finding), ("not found", Finding::Lapsed));
    }
}

#[test]
fn redirects_lead_to_the_answer() {
    let provider = Provider::start();
    provider.answer(DOMAIN, Said::redirect("/elsewhere"));
    provider.answer("/elsewhere", Said::rdap(DOMAIN, &["pending delete"], &[]));
    let answer = ask(&provider, client(&provider), "").unwrap();
    assert_eq!(answer.finding, Finding::Lapsed);
}

#[test]
fn nonsense_is_no_answer() {
    let provider = Provider::start();
    let another = ("another domain", Said::rdap("other.example", &["pending delete"], &[]));
    let good = Said::rdap(DOMAIN, &["pending delete"], &[]);
    for (what, said) in nonsense(&good).into_iter().chain([another]) {
        provider.otherwise(said);
        let answer = ask(&provider, hasty(&provider), "");
        assert!(has_failed(&answer), "{what}: {answer:?}");
    }
}

#[test]
fn wishes_to_wait_are_understood() {
    let provider = Provider::start();
    for (said, expected) in waits() {
        provider.otherwise(said);
        assert_eq!(ask(&provider, client(&provider), ""), Err(AskError::Busy(expected)));
    }
}

#[test]
fn each_registry_is_asked_about_its_own() {
    let (registry, provider) = (Provider::start(), Provider::start());
    provider.answer(LIST, list(&["example", "uk"], &registry));
    registry.otherwise(Said::not_found());
    let page = Said::new(404, "<h1>Moved</h1>").with("Content-Type", "text/html; charset=utf-8");
    registry.answer("moved.example", page);
    let rdap = bootstrapped(&provider, client(&provider));
    block(async {
        for (domain, expected) in [
            ("lapsed.example", Finding::Lapsed),
            ("moved.example", Finding::Doubtful),
            ("lapsed.ac.uk", Finding::Doubtful),
            ("held.test", Finding::NotCheckable),
        ] {
            let answer = rdap.ask(domain).await.unwrap();
            assert_eq!(answer.finding, expected, "{domain}: {}", answer.said);
        }
    });
    assert_eq!((provider.asked_count(), registry.asked_about("held.test")), (1, 0));
}

#[test]
fn the_list_is_fetched_once_a_day_and_serves_on_when_it_is_old() {
    let provider = Provider::start();
    provider.answer(LIST, list(&["example"], &provider));
    provider.otherwise(Said::not_found());
    let rdap = bootstrapped(&provider, client(&provider));
    let hours = |hours| later(Duration::from_hours(hours));
    block(async {
        let all = [rdap.ask("a.example"), rdap.ask("b.example"), rdap.ask("c.example")];
        let all = futures_util::future::join_all(all).await;
        assert!(all.iter().all(Result::is_ok), "{all:?}");
        hours(23).await;
        assert!(rdap.ask("a.example").await.is_ok());
        assert_eq!(provider.asked_about(LIST), 1);
        provider.answer(LIST, Said::new(500, ""));
        hours(2).await;
        assert!(rdap.ask("a.example").await.is_ok());
        assert!(rdap.ask("a.example").await.is_ok());
        assert_eq!(provider.asked_about(LIST), 2);
        provider.answer(LIST, list(&["test"], &provider));
        later(Duration::from_secs(61)).await;
        let answer = rdap.ask("a.example").await.unwrap();
        assert_eq!((answer.finding, provider.asked_about(LIST)), (Finding::NotCheckable, 3));
    });
}

#[test]
fn without_a_list_nothing_is_said_about_any_domain() {
    let provider = Provider::start();
    let empty = ("empty", Said::new(200, r#"{"services": []}"#));
    for (what, said) in nonsense(&list(&["example"], &provider)).into_iter().chain([empty]) {
        provider.answer(LIST, said);
        let is_silent = what == "silent";
        let outbound = if is_silent { hasty(&provider) } else { client(&provider) };
        let rdap = bootstrapped(&provider, outbound);
        let before = provider.asked_about(LIST);
        block(async {
            for domain in ["a.example", "a.test"] {
                let answer = rdap.ask(domain).await;
                assert!(has_failed(&answer), "{what}: {answer:?}");
            }
        });
        assert!(is_silent || provider.asked_about(LIST) == before + 1, "{what}");
    }
}

#[test]
fn a_registry_in_a_private_network_is_not_asked() {
    let (registry, provider) = (Provider::start(), Provider::start());
    let by_name = registry.url().replace("127.0.0.1", "localhost");
    let services = serde_json::json!({"services": [[["example"], [by_name]]]});
    provider.answer(LIST, Said::new(200, services.to_string()));
    let outbound = Outbound::new(Limits::default(), [&url(&provider.url())]).unwrap();
    let answer = block(bootstrapped(&provider, outbound).ask(DOMAIN));
    assert!(has_failed(&answer), "{answer:?}");
    assert_eq!(registry.asked_count(), 0);
}

#[test]
fn questions_do_not_wait_for_each_other() {
    let provider = Provider::start();
    provider.otherwise(Said::not_found());
    provider.hold();
    let rdap = Rdap::fixed(client(&provider), url(&provider.url()));
    let asking = std::thread::spawn(move || {
        block(futures_util::future::join(rdap.ask("a.example"), rdap.ask("b.example")))
    });
    eventually("both have been asked", || provider.waiting() == 2);
    provider.release();
    let (first, second) = asking.join().unwrap();
    assert!(first.is_ok() && second.is_ok());
}
