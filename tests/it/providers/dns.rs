//! Mail and address records.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use cheeseshop::config::DnsServer as Configured;
use cheeseshop::domains::answer::{AskError, DnsState, Resolver as _};
use cheeseshop::domains::dns::{Dns, PATIENCE};

use super::block;
use crate::support::DnsServer;
use crate::support::dns::{Known, Record};

const NAME: &str = "lapsed.example";

fn look(server: &DnsServer, patience: Duration) -> Result<DnsState, AskError> {
    let server = Some(Configured(server.address()));
    block(async { Dns::new(server, patience).look(NAME).await })
}

#[test]
fn names_are_in_use_bare_or_unknown() {
    let server = DnsServer::start();
    let (v4, v6) = (Ipv4Addr::new(192, 0, 2, 1), Ipv6Addr::LOCALHOST);
    for (records, expected) in [
        (vec![Record::Mx("mail.example.org")], DnsState::InUse),
        (vec![Record::A(v4)], DnsState::InUse),
        (vec![Record::Aaaa(v6)], DnsState::InUse),
        (vec![Record::Mx("."), Record::Aaaa(v6)], DnsState::InUse),
        (vec![Record::Mx("."), Record::Mx("mail.example.org")], DnsState::InUse),
        (vec![Record::Mx(".")], DnsState::Bare),
        (vec![], DnsState::Bare),
    ] {
        let words = format!("{records:?}");
        server.knows(NAME, Known::Records(records));
        assert_eq!(look(&server, PATIENCE), Ok(expected), "{words}");
    }
    server.forget(NAME);
    assert_eq!(look(&server, PATIENCE), Ok(DnsState::Unknown));
}

#[test]
fn failures_say_nothing_about_a_name() {
    let server = DnsServer::start();
    server.knows(NAME, Known::Failing);
    let failing = look(&server, PATIENCE);
    assert!(matches!(failing, Err(AskError::Failed(_))), "{failing:?}");
    server.knows(NAME, Known::Silent);
    let silent = look(&server, Duration::from_millis(100));
    assert!(matches!(silent, Err(AskError::Failed(_))), "{silent:?}");
    assert!(server.asked_about(NAME) >= 2);
}

#[test]
fn what_is_no_name_is_not_looked_up() {
    let server = DnsServer::start();
    for bad in ["", "a..b", &"a".repeat(64)] {
        let server = Some(Configured(server.address()));
        let answer = block(async { Dns::new(server, PATIENCE).look(bad).await });
        assert!(matches!(answer, Err(AskError::Failed(_))), "{bad}: {answer:?}");
    }
}
