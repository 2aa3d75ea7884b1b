//! What a sweep does.

use std::collections::BTreeMap;
use std::time::Duration;

use cheeseshop::accounts::act::Order;
use cheeseshop::accounts::addresses;
use cheeseshop::accounts::event::{Filter, list};
use cheeseshop::accounts::link::{Link, Purpose};
use cheeseshop::db::Conn;
use cheeseshop::domains::answer::{AskError, DnsState, Finding};
use cheeseshop::domains::collect::{self, New, uncollected};
use cheeseshop::domains::domain::Domain;
use cheeseshop::domains::sweep::{Clock, How, Sweeper, rehearse};
use cheeseshop::domains::totals::{Standing, Totals};
use cheeseshop::domains::verify::verify;
use cheeseshop::error::Kind;
use cheeseshop::secret::Ticket;

use super::{DAY, failed, in_world, registered, says};
use crate::accounts::head;
use crate::support::{Backend, on_both};

on_both!(
    each_domain_is_asked_about_once_and_again_in_time,
    addresses_of_old_get_their_domain,
    another_public_suffix_list_is_another_domain,
    a_lapsed_domain_takes_its_addresses_and_nothing_else,
    doubts_are_asked_about_again_a_day_later,
    a_domain_that_changed_hands_takes_what_was_verified_before,
    failures_are_tried_again_and_never_count,
    a_provider_is_left_alone_when_it_asks_for_it,
    a_provider_that_is_out_of_order_ends_the_run,
    a_registry_that_does_not_answer_keeps_no_other_waiting,
    the_brake_waits_for_a_word,
    the_last_administrator_is_reported,
    tokens_stand_still_until_an_address_is_verified,
    verifying_again_needs_a_fine_domain,
    a_rehearsal_writes_nothing,
    figures_add_up,
);

fn each_domain_is_asked_about_once_and_again_in_time(backend: Backend) {
    in_world(backend, async |mut world| {
        world.add("ada", &["a@one.example.com", "A@Example.com", "a@two.org"]).await;
        world.add("bob", &["b@example.com", "b@localhost"]).await;
        let report = world.sweep().await;
        let mut asked = world.oracle.asked();
        asked.sort();
        assert_eq!(asked, ["example.com", "two.org"]);
        assert_eq!((report.asked, report.failed, report.unverified), (2, 0, 0));
        // A new one is asked about at once, the others when they would be too old a day later.
        world.add("carl", &["c@three.org"]).await;
        world.sweep_after(1).await;
        assert_eq!(world.oracle.asked(), ["three.org"]);
        world.sweep_after(27).await;
        assert!(world.oracle.asked().is_empty());
        world.sweep_after(1).await;
        assert_eq!(world.oracle.asked().len(), 2);
        world.try_sweep(How { all: true, confirm: false }).await.unwrap();
        assert!(world.oracle.asked().len() == 1, "those asked a moment ago are not");
        world.now += DAY;
        world.try_sweep(How { all: true, confirm: false }).await.unwrap();
        assert_eq!(world.oracle.asked().len(), 3);
    });
}

fn addresses_of_old_get_their_domain(backend: Backend) {
    in_world(backend, async |world| {
        world.add("ada", &["a@one.example.com", "a@two.org", "a@localhost"]).await;
        world.add("bob", &["b@example.com"]).await;
        // As they were kept before domains were kept with them.
        world.sql("UPDATE emails SET domain = NULL").await;
        world.add("carl", &["c@two.org"]).await;
        let counts = |found: BTreeMap<String, New>| -> Vec<_> {
            found.into_iter().map(|(name, new)| (name, new.addresses)).collect()
        };
        let both = [("example.com".to_owned(), 2), ("two.org".to_owned(), 2)];
        assert_eq!(counts(uncollected(&world.db).await.unwrap()), both);
        world.sweep().await;
        let mut asked = world.oracle.asked();
        asked.sort();
        assert_eq!(asked, ["example.com", "two.org"]);
        assert!(uncollected(&world.db).await.unwrap().is_empty());
        let names = both.map(|(name, _)| name);
        let kept = world.db.read(move |c| Ok(collect::addresses(c, &names)?)).await.unwrap();
        assert_eq!(kept.into_values().collect::<Vec<_>>(), [2, 2]);
    });
}

fn another_public_suffix_list_is_another_domain(backend: Backend) {
    in_world(backend, async |mut world| {
        world.add("ada", &["a@mail.example.com", "a@two.org"]).await;
        world.sweep().await;
        // As a version left it that took `mail.example.com` for what one registers.
        world
            .sql("UPDATE emails SET domain = 'mail.example.com' WHERE domain = 'example.com'")
            .await;
        world.sql("UPDATE domains SET name = 'mail.example.com' WHERE name = 'example.com'").await;
        world.oracle.asked();
        world.sweep_after(1).await;
        assert!(world.oracle.asked().is_empty(), "this version knows what it found out itself");
        world.sql("UPDATE domain_totals SET collected_by = '0.0.1'").await;
        world.sweep_after(1).await;
        assert_eq!(world.oracle.asked(), ["example.com"]);
        let left = |c: &mut Conn| Ok(Domain::by_name(c, "mail.example.com")?);
        assert_eq!(world.db.read(left).await.unwrap(), None);
    });
}

fn a_lapsed_domain_takes_its_addresses_and_nothing_else(backend: Backend) {
    in_world(backend, async |world| {
        let ada = world.add("ada", &["ada@lapsed.org", "ada@example.com"]).await;
        let bob = world.add("bob", &["bob@example.com", "bob@lapsed.org"]).await;
        let email = world.emails(ada).await[0].id;
        let tickets =
            [Purpose::ResetPassword, Purpose::VerifyEmail].map(|it| (Ticket::generate(), it));
        for (ticket, purpose) in &tickets {
            let (digest, purpose, at) = (ticket.digest(), *purpose, world.now);
            let link =
                move |c: &mut _| Ok(Link::create(c, &digest, purpose, ada, Some(email), at)?);
            world.db.write(link).await.unwrap();
        }
        world.oracle.says("lapsed.org", says(Finding::Lapsed));
        let report = world.sweep().await;
        assert_eq!((report.domains, report.unverified), (1, 2));
        let emails = world.emails(ada).await;
        let reasons: Vec<_> = emails.iter().map(|it| it.unverify_reason.as_deref()).collect();
        assert_eq!(reasons, [Some("its domain has expired"), None]);
        assert!(emails[0].verified_at.is_none() && emails[0].unverified_at.is_some());
        assert!(emails[1].verified_at.is_some() && world.is_verified(bob).await);
        for (ticket, purpose) in &tickets {
            let (digest, purpose, at) = (ticket.digest(), *purpose, world.now);
            let live = move |c: &mut _| Ok(Link::live(c, &digest, purpose, at)?.is_some());
            assert!(!world.db.read(live).await.unwrap());
        }
        let mut mails = world.mails().await;
        mails.sort();
        let told = |to: &str| (to.to_owned(), "An address is verified no more".to_owned());
        assert_eq!(mails, [told("ada@example.com"), told("bob@example.com")]);
        let filter = Filter { user: Some(ada), ..Filter::default() };
        let events = world.db.read(move |c| Ok(list(c, &filter, 9)?)).await.unwrap();
        assert_eq!(events[0].tag, "account:email:unverified");
        let action = world.domain("lapsed.org").await.action;
        assert_eq!(action.as_deref(), Some("2 addresses unverified: it has expired"));
        // Once is enough.
        assert_eq!(world.sweep().await.domains, 0);
    });
}

fn doubts_are_asked_about_again_a_day_later(backend: Backend) {
    in_world(backend, async |mut world| {
        let ada = world.add("ada", &["ada@doubtful.org"]).await;
        let bob = world.add("bob", &["bob@nobody.tld"]).await;
        world.oracle.says("doubtful.org", says(Finding::Doubtful));
        world.oracle.finds("doubtful.org", Ok(DnsState::Bare));
        world.oracle.says("nobody.tld", says(Finding::NotCheckable));
        world.oracle.finds("nobody.tld", Ok(DnsState::Unknown));
        world.sweep().await;
        world.sweep().await;
        assert_eq!(world.oracle.asked().len(), 2);
        assert_eq!(world.oracle.looked(), ["nobody.tld"]);
        assert!(world.is_verified(ada).await && world.is_verified(bob).await);
        assert_eq!(world.sweep_after(1).await.unverified, 2);
        assert!(!world.is_verified(ada).await && !world.is_verified(bob).await);
    });
}

fn a_domain_that_changed_hands_takes_what_was_verified_before(backend: Backend) {
    in_world(backend, async |world| {
        let ada = world.add("ada", &["ada@sold.org"]).await;
        let bob = world.add("bob", &["bob@sold.org"]).await;
        let old = world.add("old", &["old@aged.org"]).await;
        world
            .sql("UPDATE emails SET verified_at = '2030-01-01 00:00:00' WHERE address LIKE 'bob%'")
            .await;
        world.oracle.says("sold.org", registered(world.now - DAY));
        world.oracle.says("aged.org", registered(world.now - DAY * 11));
        assert_eq!(world.sweep().await.unverified, 1);
        assert!(!world.is_verified(ada).await);
        assert!(world.is_verified(bob).await && world.is_verified(old).await);
        let reason = world.emails(ada).await[0].unverify_reason.clone().unwrap();
        assert!(reason.contains("registered anew"), "{reason}");
    });
}

fn failures_are_tried_again_and_never_count(backend: Backend) {
    in_world(backend, async |mut world| {
        let ada = world.add("ada", &["ada@shaky.org"]).await;
        world.add("bob", &["bob@down.org"]).await;
        world.oracle.says_all("shaky.org", vec![failed(), failed(), says(Finding::Held)]);
        world.oracle.says("down.org", failed());
        let report = world.sweep().await;
        assert_eq!((report.asked, report.failed, report.unverified), (2, 1, 0));
        let asked = world.oracle.asked();
        assert_eq!(asked.iter().filter(|it| *it == "shaky.org").count(), 3);
        let down = world.domain("down.org").await;
        assert_eq!((down.failures, down.answered_at), (1, None));
        assert_eq!(down.last_error.as_deref(), Some("out of order"));
        assert!(world.is_verified(ada).await);
        // The next run asks after all others.
        world.add("carl", &["carl@new.org"]).await;
        world.sweep_after(1).await;
        assert_eq!(world.oracle.asked(), ["new.org", "down.org", "down.org", "down.org"]);
        world.oracle.says("down.org", says(Finding::Held));
        world.sweep_after(1).await;
        assert_eq!(world.domain("down.org").await.failures, 0);
    });
}

fn a_provider_is_left_alone_when_it_asks_for_it(backend: Backend) {
    in_world(backend, async |mut world| {
        world.add("ada", &["ada@busy.org"]).await;
        let busy = |seconds| Err(AskError::Busy(Some(Duration::from_secs(seconds))));
        world.oracle.says_all("busy.org", vec![busy(30), busy(60), says(Finding::Held)]);
        let before = tokio::time::Instant::now();
        let report = world.sweep().await;
        assert!(before.elapsed() >= Duration::from_secs(90));
        assert_eq!((report.asked, report.failed, report.put_off), (1, 0, None));
        world.now += DAY * 30;
        world.add("bob", &["bob@lapsed.org"]).await;
        world.oracle.says("busy.org", busy(3_600));
        world.oracle.asked();
        let report = world.sweep().await;
        assert_eq!(report.put_off, Some(Duration::from_hours(1)));
        assert_eq!(world.domain("busy.org").await.failures, 0);
        world.oracle.says("busy.org", says(Finding::Held));
        assert_eq!(world.sweep().await.put_off, None);
        let never_ends = Err(AskError::Busy(None));
        world.now += DAY * 30;
        world.oracle.says("busy.org", never_ends);
        assert!(world.sweep().await.put_off.is_some());
    });
}

fn a_provider_that_is_out_of_order_ends_the_run(backend: Backend) {
    in_world(backend, async |world| {
        world.sql(super::scale::USERS).await;
        world.sql(super::scale::ADDRESSES).await;
        for n in 0..super::scale::DOMAINS {
            world.oracle.says(&format!("d{n}.example"), failed());
        }
        let error = world.try_sweep(How::default()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(error.detail().contains("out of order"), "{}", error.detail());
        assert!(world.oracle.asked().len() < 1_000);
    });
}

fn a_registry_that_does_not_answer_keeps_no_other_waiting(backend: Backend) {
    in_world(backend, async |mut world| {
        world.oracle.has_registries();
        world.sql(super::scale::USERS).await;
        world.sql(super::scale::ADDRESSES).await;
        world.add("ada", &["a@busy.de", "a@other.de", "a@fine.org"]).await;
        for n in 0..super::scale::DOMAINS {
            world.oracle.says(&format!("d{n}.example"), failed());
        }
        for name in ["busy.de", "other.de"] {
            world.oracle.says(name, Err(AskError::Busy(Some(Duration::from_hours(1)))));
        }
        let report = world.sweep().await;
        let left: Vec<_> = report.left.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((&*left, report.put_off), (&["de", "example"][..], None));
        assert!(report.to_string().contains("the registry of .de asks to wait for"), "{report}");
        assert!(world.domain("fine.org").await.answered_at.is_some());
        assert!(report.asked < 500, "{report}");
        // The next day the first registry answers, and nothing of it was counted as a failure.
        world.oracle.says("busy.de", says(Finding::Held));
        world.oracle.says("other.de", says(Finding::Held));
        let report = world.sweep_after(1).await;
        assert_eq!(report.left.len(), 1);
        let other = world.domain("other.de").await;
        assert!(other.answered_at.is_some() && other.failures == 0);
    });
}

fn the_brake_waits_for_a_word(backend: Backend) {
    in_world(backend, async |mut world| {
        let admin = world.add("root", &["root@example.com"]).await;
        world.sql("UPDATE users SET is_admin = true").await;
        let mut users = Vec::new();
        for n in 0..21 {
            users.push(world.add(&format!("u{n}"), &[&format!("u@lapsed{n}.org")]).await);
            world.oracle.says(&format!("lapsed{n}.org"), says(Finding::Lapsed));
        }
        let report = world.sweep().await;
        assert_eq!((report.held_back, report.unverified), (Some((21, 22)), 0));
        assert!(world.is_verified(users[0]).await);
        assert_eq!(world.mails().await.len(), 1);
        let now = world.now;
        let standing = world.db.read(move |c| Ok(Standing::read(c, now)?)).await.unwrap();
        assert_eq!(standing.held_back, 21);
        // Another run changes nothing by itself, asks those again, and is quiet.
        assert!(world.sweep_after(1).await.held_back.is_some());
        assert_eq!(world.mails().await.len(), 1);
        // Two of them are fine after all: those that are left are not too many.
        for n in 0..2 {
            world.oracle.says(&format!("lapsed{n}.org"), says(Finding::Held));
        }
        world.rules.brake = 0;
        assert!(world.sweep_after(1).await.held_back.is_some());
        let confirmed = world.try_sweep(How { all: false, confirm: true }).await.unwrap();
        assert_eq!((confirmed.held_back, confirmed.unverified), (None, 19));
        assert!(world.is_verified(users[0]).await && world.is_verified(users[1]).await);
        assert!(!world.is_verified(users[20]).await && world.is_verified(admin).await);
    });
}

fn the_last_administrator_is_reported(backend: Backend) {
    in_world(backend, async |mut world| {
        let root = world.add("root", &["root@lapsed.org", "r@lapsed.org"]).await;
        world.sql("UPDATE users SET is_admin = true").await;
        world.add("ada", &["ada@example.com"]).await;
        world.oracle.says("lapsed.org", says(Finding::Lapsed));
        let report = world.sweep().await;
        assert_eq!((report.unverified, &*report.kept), (1, &["root".to_owned()][..]));
        let kept: Vec<_> = world.emails(root).await;
        let kept = kept.iter().find(|it| it.verified_at.is_some()).unwrap();
        assert!(!kept.is_trusted());
        assert_eq!(world.sweep_after(1).await.kept, ["root"]);
        // With another administrator there is nobody to be locked out.
        world.sql("UPDATE users SET is_admin = true").await;
        let report = world.sweep_after(1).await;
        assert_eq!((report.unverified, report.kept.len()), (1, 0));
    });
}

fn tokens_stand_still_until_an_address_is_verified(backend: Backend) {
    in_world(backend, async |mut world| {
        let ada = world.add("ada", &["ada@lapsed.org", "ada@example.com"]).await;
        world.oracle.says("lapsed.org", says(Finding::Lapsed));
        world.rules.suspend = true;
        world.sweep().await;
        assert!(world.user(ada).await.tokens_suspended_at.is_some());
        let order = Order::operator(world.visit());
        addresses::verify_by_order(&world.db, &order, ada, None).await.unwrap();
        assert!(world.user(ada).await.tokens_suspended_at.is_none());
    });
}

fn verifying_again_needs_a_fine_domain(backend: Backend) {
    in_world(backend, async |mut world| {
        let ada = world.add("ada", &["ada@lapsed.org"]).await;
        world.oracle.says("lapsed.org", says(Finding::Lapsed));
        world.sweep().await;
        let email = world.emails(ada).await[0].id;
        let added =
            addresses::reverify(&world.db, &head(), &world.visit(), ada, email).await.unwrap();
        let addresses::Claim::Free(ticket) = added.claim else { panic!("it is free") };
        let asker = world.asker();
        let (db, visit) = (world.db.clone(), world.visit());
        let rules = world.rules.clone();
        let again = || verify(&db, Some(&asker), &rules, &visit, ada, &ticket);
        assert_eq!(again().await.unwrap_err().kind(), Kind::Conflict);
        world.oracle.says("lapsed.org", failed());
        let error = again().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(error.detail().contains("could not be checked now"), "{}", error.detail());
        world.oracle.says("lapsed.org", says(Finding::Held));
        assert!(again().await.unwrap().verified_at.is_some());
        // The next day it is still verified.
        world.sweep_after(1).await;
        assert!(world.is_verified(ada).await);
        // What never lost anything is verified without an answer, too, but not if it has lapsed.
        world.sql("UPDATE emails SET verified_at = NULL").await;
        let added =
            addresses::reverify(&world.db, &head(), &world.visit(), ada, email).await.unwrap();
        let addresses::Claim::Free(ticket) = added.claim else { panic!("it is free") };
        let visit = world.visit();
        let first = || verify(&db, Some(&asker), &rules, &visit, ada, &ticket);
        world.oracle.says("lapsed.org", says(Finding::Lapsed));
        assert_eq!(first().await.unwrap_err().kind(), Kind::Conflict);
        world.oracle.says("lapsed.org", failed());
        first().await.unwrap();
    });
}

fn a_rehearsal_writes_nothing(backend: Backend) {
    in_world(backend, async |world| {
        let ada = world.add("ada", &["ada@lapsed.org"]).await;
        world.sweep().await;
        world.add("bob", &["bob@new.org", "bob@down.org"]).await;
        world.oracle.asked();
        for name in ["lapsed.org", "new.org"] {
            world.oracle.says(name, says(Finding::Lapsed));
        }
        world.oracle.says("down.org", failed());
        let (asker, clock) = (world.asker(), Clock::at(world.now + DAY));
        let (db, rules) = (&world.db, &world.rules);
        let sweeper = Sweeper { db, asker: &asker, rules, clock, progress: &|_, _| {} };
        let found = rehearse(&sweeper, true).await.unwrap();
        assert_eq!((found.asked, found.failed.len()), (3, 1));
        let names: Vec<_> = found.lapsed.iter().map(|(name, _)| name.as_str()).collect();
        assert!(names.len() == 2 && names.contains(&"new.org"), "{names:?}");
        assert!(world.is_verified(ada).await);
        assert_eq!(world.domain("lapsed.org").await.said.as_deref(), Some("held"));
        assert_eq!(rehearse(&sweeper, false).await.unwrap().asked, 2);
    });
}

fn figures_add_up(backend: Backend) {
    in_world(backend, async |mut world| {
        world.add("ada", &["ada@lapsed.org", "ada@example.com", "ada@down.org"]).await;
        world.oracle.says("lapsed.org", says(Finding::Lapsed));
        world.oracle.says("down.org", failed());
        world.sweep().await;
        let totals = world.db.read(|c| Ok(Totals::read(c)?)).await.unwrap();
        assert_eq!(totals, Totals { asked: 3, failed: 1, unverified: 1 });
        world.now += DAY * 31;
        let now = world.now;
        let standing = world.db.read(move |c| Ok(Standing::read(c, now)?)).await.unwrap();
        assert_eq!((standing.domains, standing.overdue), (3, 3));
        assert!(standing.oldest.unwrap() < now - DAY * 30);
    });
}
