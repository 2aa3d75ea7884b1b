//! Fastly's API as it behaves, and as it should not.

use std::sync::Arc;

use cheeseshop::config::ApiKey;
use cheeseshop::domains::answer::{Answer, AskError, Finding, Provider as _};
use cheeseshop::domains::fastly::Fastly;
use cheeseshop::outbound::Outbound;

use super::{block, client, has_failed, hasty, nonsense, url, waits};
use crate::support::{Provider, Said};

const DOMAIN: &str = "lapsed.example";

fn ask(provider: &Provider, client: Outbound, below: &str) -> Result<Answer, AskError> {
    let base = url(&format!("{}{below}", provider.url()));
    let fastly = Fastly::new(client, Some(base), ApiKey::parse("hunter2").unwrap());
    block(Arc::new(fastly).ask(DOMAIN))
}

#[test]
fn the_question_is_what_fastly_expects() {
    let provider = Provider::start();
    provider.otherwise(Said::fastly("undelegated inactive"));
    for below in ["", "/", "/some/where"] {
        let answer = ask(&provider, client(&provider), below).unwrap();
        assert_eq!(
            (answer.said.as_str(), answer.finding),
            ("undelegated inactive", Finding::Lapsed)
        );
        assert_eq!(answer.registered_at, None);
    }
    let asked = provider.asked();
    let path = "/domain-management/v1/tools/status?domain=lapsed.example";
    assert_eq!(asked[0].path, path);
    assert_eq!(asked[1].path, path);
    assert_eq!(asked[2].path, format!("/some/where{path}"));
    assert!(asked.iter().all(|asked| asked.headers["fastly-key"] == "hunter2"));
}

#[test]
fn fields_and_words_that_nobody_knows_are_borne() {
    let provider = Provider::start();
    for (body, said, finding) in [
        (r#"{"status": "active", "errors": [], "new": {"a": 1}}"#, "active", Finding::Held),
        (r#"{"status": " active \n brandnew ", "errors": null}"#, "active brandnew", Finding::Held),
        (r#"{"status": "unknown"}"#, "unknown", Finding::Doubtful),
    ] {
        provider.otherwise(Said::new(200, body));
        let answer = ask(&provider, client(&provider), "").unwrap();
        assert_eq!((answer.said.as_str(), answer.finding), (said, finding), "{body}");
    }
}

#[test]
fn errors_and_nonsense_are_no_answer() {
    let provider = Provider::start();
    let bodies = [
        r#"{"status": ""}"#,
        r#"{"status": "  "}"#,
        r#"{"status": null}"#,
        r#"{"status": ["inactive"]}"#,
        r#"{"status": 7}"#,
        r#"{"status": "inactive", "errors": [{"code": 404, "message": "unknown zone"}]}"#,
        r#"{"status": "inactive", "errors": "no"}"#,
        r#"{"domain": "lapsed.example"}"#,
    ];
    let bodies = bodies.into_iter().map(|body| (body, Said::new(200, body)));
    let not_found = ("not found", Said::not_found());
    let cases = nonsense(&Said::fastly("inactive")).into_iter().chain(bodies).chain([not_found]);
    for (what, said) in cases {
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
