//! What the owner of an address in a lapsed domain reads, and how it is mended.

use cheeseshop::accounts::Username;
use cheeseshop::accounts::email::Email;
use cheeseshop::accounts::user::User;
use cheeseshop::db::Conn;

use super::processes::prepare;
use crate::manage::act;
use crate::support::{Backend, Dist, Provider, Said, Server, on_both};
use crate::web::{Browser, FILE, mail, second_factor};

on_both!(an_owner_reads_why_and_mends_it);

/// Gives bob another verified address.
fn add(server: &Server, address: &str) {
    server.sql(&format!(
        "INSERT INTO emails (user_id, address, address_key, is_primary, verified_at, created_at) \
         SELECT id, '{address}', '{address}', false, '2026-01-01 00:00:00', '2026-01-01 00:00:00' \
         FROM users WHERE username = 'bob'"
    ));
}

fn id_of(server: &Server, address: &'static str) -> String {
    let find = move |c: &mut Conn| {
        let bob = User::by_name(c, &Username::parse("bob").unwrap())?.unwrap();
        let email = Email::of(c, bob.id)?.into_iter().find(|email| email.address == address);
        Ok(email.unwrap().id.get().to_string())
    };
    let db = server.open_database();
    tokio::runtime::Runtime::new().unwrap().block_on(db.read(find)).unwrap()
}

fn an_owner_reads_why_and_mends_it(backend: Backend) {
    let provider = Provider::start();
    provider.otherwise(Said::fastly("active"));
    provider.answer("lapsed.com", Said::fastly("inactive"));
    let suspend = ("CHEESESHOP_DOMAINS__ON_EXPIRED", "suspend_tokens");
    let mut server = prepare(backend, &provider, &[FILE, suspend]);
    server.add_user("ada");
    server.add_user("bob");
    add(&server, "bob@lapsed.com");
    server.run();
    let server = server;
    let token = server.token("bob");
    let upload = || server.upload(&Dist::wheel("foo", "1.0")).token(&token).send();
    let mut bob = Browser::logged_in(&server, "bob");
    server.ok(&["domains", "sweep", "--confirm"]);
    // The address that is left is told why, and what to do.
    let letter = mail(&server, "bob@example.org", "verified no more").text;
    for words in ["its domain has expired", "Set up the second factor", "Gmail"] {
        assert!(letter.contains(words), "{letter}");
    }
    let words = upload().expect(403).text();
    assert!(words.contains("suspended, because the domain of one of its mail"), "{words}");
    // The session stays, and the primary address is verified: the page of the account opens.
    let page = bob.get("/manage/account/").expect(200).text();
    for words in [
        "its domain has expired",
        "Your API tokens are suspended",
        "Set up the second factor.",
        "Add and verify a second address",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let history = bob.get("/manage/account/history/").expect(200).text();
    assert!(history.contains("bob@lapsed.com"), "{history}");
    // By the page it is verified again only when the domain is fine.
    let id = id_of(&server, "bob@lapsed.com");
    act(&mut bob, "/manage/account/emails/reverify", &[("email_id", &id)]).expect(303);
    let link = mail(&server, "bob@lapsed.com", "Verify").link(&server);
    let refused = bob.submit(&link, &[]).expect(409).text();
    assert!(refused.contains("has lapsed, as far as is known (inactive)"), "{refused}");
    upload().expect(403);
    provider.answer("lapsed.com", Said::fastly("active"));
    bob.submit(&link, &[]).expect(303);
    upload().expect(200);
    let page = bob.get("/manage/account/").expect(200).text();
    assert!(!page.contains("suspended") && !page.contains("its domain has expired"), "{page}");
    // What is recommended goes once it is there, and not before.
    second_factor(&server, "bob");
    let page = bob.get("/manage/account/").expect(200).text();
    assert!(!page.contains("Set up the second factor.") && page.contains("Gmail"), "{page}");
    add(&server, "bob@gmail.com");
    let page = bob.get("/manage/account/").expect(200).text();
    assert!(!page.contains("Gmail"), "{page}");
}
