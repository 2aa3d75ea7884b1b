//! A domain that is bought between two sweeps: who has it now is asked about before anything opens.

use std::time::Duration;

use cheeseshop::accounts::addresses;
use cheeseshop::accounts::reset::Requested;
use cheeseshop::config::TrustedDomains;
use cheeseshop::domains::answer::Finding;
use cheeseshop::domains::domain::Queue;
use cheeseshop::domains::reset::request;
use cheeseshop::domains::verify::verify;

use super::{DAY, World, failed, in_world, registered, says};
use crate::accounts::head;
use crate::support::{Backend, Provider, Said, Server, eventually, on_both};
use crate::web::{Browser, FILE, mail, mails};

on_both!(
    a_reset_asks_about_the_domain_first,
    a_domain_that_was_bought_resets_nothing,
    verifying_an_address_keeps_no_sweep_away,
);

async fn resets(world: &World, text: &str) -> bool {
    let (asker, head, visit) = (world.asker(), head(), world.visit());
    let asked = request(&world.db, Some(&asker), &world.rules, &head, &visit, text).await;
    matches!(asked.unwrap(), Requested::Mail(..))
}

fn a_reset_asks_about_the_domain_first(backend: Backend) {
    in_world(backend, async |mut world| {
        world.add("ada", &["ada@mail.example.com"]).await;
        world.sweep().await;
        world.oracle.asked();
        assert!(resets(&world, "ada").await);
        assert_eq!(world.oracle.asked(), ["example.com"]);
        // What is not known, nobody is asked about.
        assert!(!resets(&world, "nobody@example.com").await);
        assert!(world.oracle.asked().is_empty());
        for (answer, expected) in [
            (registered(world.now - DAY * 11), true),
            (registered(world.now - DAY * 9), false),
            (says(Finding::Lapsed), false),
            // Nobody answers: what was known before counts.
            (failed(), true),
        ] {
            world.oracle.says("example.com", answer.clone());
            assert_eq!(resets(&world, "ADA@Mail.Example.COM").await, expected, "{answer:?}");
        }
        // The next sweep looks at it at once.
        let row = world.domain("example.com").await;
        assert_eq!((row.queue, row.next_due), (Queue::Again.number(), world.now));
        world.rules.trusted = TrustedDomains::default();
        world.now += Duration::from_hours(7);
        world.oracle.says("example.com", says(Finding::Lapsed));
        assert!(!resets(&world, "ada").await);
        assert_eq!(world.sweep().await.unverified, 1);
    });
}

const ASK: &str = "/account/request-password-reset/";

fn rdap(domain: &str, registered: &str) -> Said {
    Said::rdap(domain, &["active"], &[("registration", registered)])
}

fn a_domain_that_was_bought_resets_nothing(backend: Backend) {
    let provider = Provider::start();
    provider.answer("example.org", rdap("example.org", "2001-01-01T00:00:00Z"));
    let mut server = Server::prepare(backend, &[FILE]);
    server.set("CHEESESHOP_DOMAINS__PROVIDER", "rdap");
    server.set("CHEESESHOP_DOMAINS__API_URL", &provider.url());
    server.add_user("ada");
    server.add_user("bob");
    server.run();
    let server = server;
    let mut eve = Browser::new(&server);
    eve.submit(ASK, &[("username_or_email", "bob")]).expect(303);
    let link = mail(&server, "bob@example.org", "A new password").link(&server);
    eve.get(&link).expect(200);
    // It is sold, and nobody has swept yet.
    let later = cheeseshop::time::iso(cheeseshop::time::now() + Duration::from_hours(1));
    provider.answer("example.org", rdap("example.org", &later));
    let texts = || {
        let to_bob = |it: &mails::Mail| it.to == "bob@example.org";
        mails(&server).into_iter().filter(to_bob).map(|it| it.text).collect::<Vec<_>>()
    };
    for (count, name) in [(2, "bob"), (3, "Bob@Example.Org")] {
        eve.submit(ASK, &[("username_or_email", name)]).expect(303);
        eventually("it is answered", || texts().len() == count);
    }
    let links = texts().iter().filter(|text| text.contains("http")).count();
    assert_eq!(links, 1, "{:#?}", texts());
    // The sweep says the same and ends the link that was mailed before.
    server.ok(&["domains", "sweep", "--confirm"]);
    eve.get(&link).expect(400);
    assert!(server.ok(&["user", "show", "bob"]).contains("registered anew"));
}

fn verifying_an_address_keeps_no_sweep_away(backend: Backend) {
    in_world(backend, async |mut world| {
        let ada = world.add("ada", &["ada@sold.org"]).await;
        world.sweep().await;
        // Who bought the domain adds an address in it to an account of its own.
        let eve = world.add("eve", &["eve@sold.org"]).await;
        world.sql("UPDATE emails SET verified_at = NULL WHERE address LIKE 'eve%'").await;
        world.now += DAY * 2;
        world.oracle.says("sold.org", registered(world.now - DAY));
        let email = world.emails(eve).await[0].id;
        let (db, visit) = (world.db.clone(), world.visit());
        let added = addresses::reverify(&db, &head(), &visit, eve, email).await.unwrap();
        let addresses::Claim::Free(ticket) = added.claim else { panic!("it is free") };
        let asker = world.asker();
        verify(&db, Some(&asker), &world.rules, &visit, eve, &ticket).await.unwrap();
        assert!(world.domain("sold.org").await.next_due <= world.now);
        world.oracle.asked();
        assert_eq!(world.sweep_after(1).await.unverified, 1);
        assert_eq!(world.oracle.asked(), ["sold.org"]);
        assert!(!world.is_verified(ada).await && world.is_verified(eve).await);
    });
}
