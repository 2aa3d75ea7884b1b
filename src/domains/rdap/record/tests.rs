//! Records of all kinds.

use serde_json::json;

use super::*;

fn now() -> Time {
    crate::time::from_unix(1_795_000_000)
}

fn ago(days: i64) -> String {
    let time = now() - chrono::Duration::days(days);
    format!("{}Z", time.format("%Y-%m-%dT%H:%M:%S"))
}

fn answer(record: &Value) -> Result<Answer, AskError> {
    let record = serde_json::from_value(record.clone());
    read("example.com", record.map_err(|error| AskError::Failed(error.to_string()))?, now())
}

fn finding(record: &Value) -> Option<Finding> {
    answer(record).ok().map(|answer| answer.finding)
}

#[test]
fn statuses() {
    for (status, expected) in [
        (json!(["active"]), Finding::Held),
        (json!([]), Finding::Held),
        (json!(null), Finding::Held),
        (json!(["client transfer prohibited", "server delete prohibited"]), Finding::Held),
        (json!(["auto renew period"]), Finding::Held),
        (json!(["inactive"]), Finding::Held),
        (json!(["pending transfer", "pending restore"]), Finding::Held),
        (json!(["redemption period"]), Finding::Lapsed),
        (json!(["pending delete"]), Finding::Lapsed),
        (json!(["active", "Pending Delete"]), Finding::Lapsed),
        (json!(["redemptionPeriod"]), Finding::Lapsed),
        (json!(["pendingDelete"]), Finding::Lapsed),
        (json!(["PENDING_DELETE"]), Finding::Lapsed),
        (json!(["pending delete scheduled for release"]), Finding::Lapsed),
    ] {
        let record = json!({"ldhName": "example.com", "status": status});
        assert_eq!(finding(&record), Some(expected), "{status}");
    }
}

#[test]
fn expiration_counts_after_its_grace() {
    for (date, expected) in [
        (ago(-100), Finding::Held),
        (ago(1), Finding::Held),
        (ago(30), Finding::Held),
        (ago(31), Finding::Lapsed),
        ("2001-02-03".to_owned(), Finding::Lapsed),
        ("2001-02-03T04:05:06.7".to_owned(), Finding::Lapsed),
        ("2001-02-03T04:05:06+09:00".to_owned(), Finding::Lapsed),
        ("once".to_owned(), Finding::Held),
    ] {
        let events = json!([{"eventAction": "Expiration", "eventDate": date}]);
        let record = json!({"objectClassName": "domain", "events": events});
        assert_eq!(finding(&record), Some(expected), "{date}");
    }
    let events = json!([
        {"eventAction": "registrar expiration", "eventDate": ago(100)},
        {"eventAction": "expiration", "eventDate": ago(400)},
        {"eventAction": "expiration", "eventDate": ago(-10)},
    ]);
    let record = json!({"ldhName": "example.com", "events": events});
    assert_eq!(finding(&record), Some(Finding::Held));
}

#[test]
fn the_last_registration_counts() {
    let registered = |events: Value| {
        let record = json!({"ldhName": "EXAMPLE.com.", "events": events});
        answer(&record).ok().and_then(|answer| answer.registered_at).map(|time| now() - time)
    };
    let event = |action: &str, days| json!({"eventAction": action, "eventDate": ago(days)});
    let days = |days| Some(chrono::Duration::days(days));
    assert_eq!(registered(json!([event("registration", 50)])), days(50));
    let events = json!([event("registration", 50), event("reregistration", 5)]);
    assert_eq!(registered(events), days(5));
    let events = json!([event("registration", 50), event("transfer", 5), event("last changed", 1)]);
    assert_eq!(registered(events), days(50));
    assert_eq!(registered(json!([event("registration", -1)])), days(0));
    assert_eq!(registered(json!([{"eventAction": "registration"}, {}])), None);
}

#[test]
fn what_is_said_is_one_line() {
    let said = |record: Value| answer(&record).ok().map(|answer| answer.said);
    let record = json!({"ldhName": "example.com", "status": ["active", "locked\nx"]});
    assert_eq!(said(record).as_deref(), Some("active, locked x"));
    let events = json!([{"eventAction": "expiration", "eventDate": "2001-02-03"}]);
    let record = json!({"ldhName": "example.com", "events": events});
    assert_eq!(said(record).as_deref(), Some("expired on 2001-02-03; registered"));
}

#[test]
fn what_is_no_record_of_the_domain() {
    for bad in [
        json!({}),
        json!([]),
        json!({"status": ["active"]}),
        json!({"ldhName": "example.org"}),
        json!({"ldhName": "example.comx", "objectClassName": "domain"}),
        json!({"unicodeName": "bücher.com"}),
        json!({"ldhName": "example.com", "objectClassName": "nameserver"}),
        json!({"ldhName": "example.com", "errorCode": 404}),
        json!({"ldhName": "example.com", "status": "active"}),
        json!({"ldhName": "example.com", "events": {}}),
        json!({"ldhName": 7}),
    ] {
        assert!(matches!(answer(&bad), Err(AskError::Failed(_))), "{bad}");
    }
    assert!(is_name_of("bücher.de", "xn--bcher-kva.de"));
}
