//! Limits: they hold for all replicas together, and whoever waits is let in again.

use cheeseshop::accounts::event::{Filter, Tag, list};
use cheeseshop::accounts::log_in;
use cheeseshop::accounts::reset::{self, Requested};
use cheeseshop::accounts::tidy::tidy;
use cheeseshop::accounts::{addresses, sign_in};
use cheeseshop::config::Count;
use cheeseshop::db::Db;
use cheeseshop::error::Kind;

use super::{HOURS, Index, PASSWORD, at, from, head, on_both, recovery, refused, totp, visit};

on_both!(
    wrong_passwords_are_limited_by_name_on_all_replicas,
    a_name_that_nobody_has_is_limited_like_one_that_somebody_has,
    wrong_passwords_are_limited_by_network,
    a_burst_does_not_pass_the_limit,
    right_passwords_do_not_count,
    codes_are_limited_over_all_logins_and_kinds,
    resets_are_limited_whoever_is_meant,
    mails_are_limited,
    what_is_over_is_forgotten,
    what_is_old_goes_and_what_is_new_stays,
);

/// An address of its own for each number.
fn network(number: usize) -> String {
    format!("2001:db8:0:{number:x}::1")
}

async fn wrong(db: &Db, name: &str, address: &str, now: i64) -> cheeseshop::error::Error {
    let visit = from(address, at(now));
    match sign_in::by_password(db, &visit, name, "not the password").await {
        Ok(_) => panic!("it is the password"),
        Err(error) => error,
    }
}

async fn wrong_passwords_are_limited_by_name_on_all_replicas(index: Index) {
    index.add("ada").await;
    index.add("bob").await;
    for number in 0..10 {
        let db = if number % 2 == 0 { &index.db } else { &index.other };
        let name = if number % 3 == 0 { "ADA" } else { " ada" };
        assert_eq!(wrong(db, name, &network(number), 0).await.kind(), Kind::Forbidden);
    }
    let over = wrong(&index.db, "ada", &network(99), 1).await;
    assert_eq!(over.kind(), Kind::TooMany);
    let wait = over.wait().unwrap().as_secs();
    assert!((300..=361).contains(&wait), "{wait}");
    // The right password does not help, and others are not kept out.
    let elsewhere = from(&network(99), at(2));
    let right =
        log_in::with_password(&index.other, HOURS, &elsewhere, ("ada", PASSWORD), None).await;
    refused(right, Kind::TooMany);
    index.log_in("bob", at(3)).await;
    let after = i64::try_from(wait).unwrap() + 1;
    index.log_in("ada", at(after)).await;
}

async fn a_name_that_nobody_has_is_limited_like_one_that_somebody_has(index: Index) {
    for number in 0..10 {
        let refusal = wrong(&index.db, "nobody", &network(number), 0).await;
        assert_eq!(refusal.kind(), Kind::Forbidden);
    }
    let over = wrong(&index.db, "nobody", &network(99), 1).await;
    assert_eq!((over.kind(), over.reason()), (Kind::TooMany, "Too many failed logins"));
}

async fn wrong_passwords_are_limited_by_network(index: Index) {
    index.add("ada").await;
    for number in 0..10 {
        let (name, address) = (format!("user{number}"), format!("2001:db8::{number}"));
        assert_eq!(wrong(&index.db, &name, &address, 0).await.kind(), Kind::Forbidden);
    }
    let over = wrong(&index.db, "ada", "2001:db8::ffff", 1).await;
    assert_eq!(over.kind(), Kind::TooMany);
    assert_eq!(wrong(&index.db, "ada", &network(1), 1).await.kind(), Kind::Forbidden);
}

async fn a_burst_does_not_pass_the_limit(index: Index) {
    let ada = index.add("ada").await;
    let all = (0..40).map(|number| {
        let db = if number % 2 == 0 { &index.db } else { &index.other };
        async move { wrong(db, "ada", &network(number), 0).await.kind() }
    });
    let kinds = futures_util::future::join_all(all).await;
    let hashed = kinds.iter().filter(|kind| **kind == Kind::Forbidden).count();
    // Two hash at a time, so at most one gets past the limit that the other is about to reach.
    assert!((10..=11).contains(&hashed), "{hashed}");
    assert_eq!(index.count(ada, Tag::LoginFailure).await, hashed);
}

async fn right_passwords_do_not_count(index: Index) {
    index.add("ada").await;
    for _ in 0..15 {
        index.log_in("ada", at(0)).await;
    }
}

async fn codes_are_limited_over_all_logins_and_kinds(index: Index) {
    let ada = index.add("ada").await;
    let (app, codes) = index.set_up(ada, at(0)).await;
    for number in 0..5 {
        let pending = index.pending("ada", at(60)).await;
        let db = if number % 2 == 0 { &index.db } else { &index.other };
        let factor = if number == 3 { recovery("0123456789abcdef") } else { totp("12 34 56") };
        let from = from(&network(number), at(60));
        let how = (factor, false);
        let entered = log_in::with_second_factor(db, &index.key, HOURS, &from, &pending, how);
        refused(entered.await, Kind::Invalid);
    }
    let pending = index.pending("ada", at(61)).await;
    let code = totp(&app.code(at(61)));
    let over = refused(index.factor(&pending, code, at(61)).await, Kind::TooMany);
    assert_eq!(over.reason(), "Too many wrong codes");
    refused(index.factor(&pending, recovery(&codes[0]), at(61)).await, Kind::TooMany);
    let after = 61 + i64::try_from(over.wait().unwrap().as_secs()).unwrap();
    let pending = index.pending("ada", at(after)).await;
    index.factor(&pending, totp(&app.code(at(after))), at(after)).await.unwrap();
}

async fn resets_are_limited_whoever_is_meant(index: Index) {
    let ada = index.add("ada").await;
    for name in ["ada", "nobody"] {
        for number in 0..5 {
            let visit = from(&network(number), at(0));
            reset::admit(&index.db, &visit, name).await.unwrap();
        }
        let visit = from(&network(9), at(1));
        refused(reset::admit(&index.db, &visit, name).await, Kind::TooMany);
    }
    // Nobody's mail box is filled by asking under other names.
    for number in 0..6 {
        let asked = reset::request(&index.db, &head(), &visit(at(number)), "ada", None).await;
        assert!(matches!(asked, Ok(Requested::Mail(..))));
    }
    let asked = reset::request(&index.db, &head(), &visit(at(9)), "ada@example.org", None).await;
    assert!(matches!(asked, Ok(Requested::Nothing)));
    // And nobody is kept from the mails that they ask for themselves.
    let other = cheeseshop::address::EmailAddress::parse("ada@example.com").unwrap();
    addresses::add(&index.db, &head(), &visit(at(9)), ada, &other).await.unwrap();
}

async fn mails_are_limited(index: Index) {
    let ada = index.add("ada").await;
    let add = async |number: usize| {
        let address = format!("ada{number}@example.org");
        let address = cheeseshop::address::EmailAddress::parse(&address).unwrap();
        addresses::add(&index.db, &head(), &visit(at(0)), ada, &address).await
    };
    let mut last = None;
    for number in 0..5 {
        last = Some(add(number).await.unwrap().email.id);
    }
    let last = last.unwrap();
    addresses::reverify(&index.db, &head(), &visit(at(1)), ada, last).await.unwrap();
    refused(addresses::reverify(&index.db, &head(), &visit(at(2)), ada, last).await, Kind::TooMany);
    refused(add(7).await, Kind::TooMany);
}

async fn what_is_over_is_forgotten(index: Index) {
    let ada = index.add("ada").await;
    wrong(&index.db, "ada", "192.0.2.1", 0).await;
    index.log_in("ada", at(0)).await;
    let day = 24 * 3600;
    let none = tidy(&index.db, Count(2), at(3600)).await.unwrap();
    assert_eq!((none.ended, none.counters, none.events), (0, 0, 0));
    let some = tidy(&index.db, Count(2), at(day * 3 / 2)).await.unwrap();
    assert_eq!((some.ended, some.counters, some.events), (1, 4, 0));
    let all = tidy(&index.db, Count(2), at(2 * day + 1)).await.unwrap();
    assert_eq!((all.ended, all.counters, all.events), (0, 0, 2));
    // What is kept outlives the account, and is found by its name and what happened.
    index.log_in("ada", at(0)).await;
    index.sql("DELETE FROM users").await;
    let filter = Filter {
        username: Some("ada".to_owned()),
        tag: Some(Tag::LoginSuccess),
        ip: Some("192.0.2.1".to_owned()),
        ..Filter::default()
    };
    let events = index.read(move |c| Ok(list(c, &filter, 10)?)).await;
    assert_eq!(events.len(), 1);
    assert!(events[0].user_id.is_none());
    let older = Filter { before: Some(events[0].id), ..Filter::default() };
    assert!(index.read(move |c| Ok(list(c, &older, 10)?)).await.is_empty());
    assert!(index.history(ada).await.is_empty());
}

async fn what_is_old_goes_and_what_is_new_stays(index: Index) {
    let day = 24 * 3600;
    index.add("ada").await;
    // By a clock that was ahead, and is not any more.
    wrong(&index.db, "ada", "192.0.2.1", 900 * day).await;
    wrong(&index.db, "ada", "192.0.2.1", 0).await;
    index.log_in("ada", at(0)).await;
    let kept = index.log_in("ada", at(2 * day)).await;
    wrong(&index.db, "ada", "192.0.2.1", 2 * day).await;
    // A clock that is behind forgets nothing.
    let behind = tidy(&index.db, Count(1), at(-900 * day)).await.unwrap();
    assert_eq!((behind.ended, behind.counters, behind.events), (0, 0, 0));
    let tidied = tidy(&index.db, Count(1), at(2 * day + 60)).await.unwrap();
    // An event for each login and each guess.
    assert_eq!((tidied.ended, tidied.events), (1, 2));
    assert!(index.current(&kept, at(2 * day + 60)).await.is_some());
    for (tag, left) in [
        (Tag::LoginSuccess, vec![at(2 * day)]),
        (Tag::LoginFailure, vec![at(2 * day), at(900 * day)]),
    ] {
        let filter = Filter { tag: Some(tag), ..Filter::default() };
        let events = index.read(move |c| Ok(list(c, &filter, 10)?)).await;
        assert_eq!(events.iter().map(|event| event.at).collect::<Vec<_>>(), left);
    }
}
