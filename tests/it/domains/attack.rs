//! From the seat of whoever bought the domain of somebody else's address: nothing opens.

use cheeseshop::domains::answer::Finding;

use super::{World, says};
use crate::support::server::PASSWORD;
use crate::support::{Backend, Dist, Server, eventually, on_both};
use crate::web::{Browser, FILE, mail, mails};

on_both!(nothing_opens_for_the_new_owner_of_a_domain);

const ASK: &str = "/account/request-password-reset/";

fn nothing_opens_for_the_new_owner_of_a_domain(backend: Backend) {
    let server = Server::start_with(backend, &[FILE]);
    server.add_user("bob");
    let mut world = World::new(server);
    world.now = cheeseshop::time::now();
    let world = world;
    let server = &world.server;
    let mut bob = Browser::logged_in(server, "bob");
    // A link that is open when the domain lapses.
    Browser::new(server).submit(ASK, &[("username_or_email", "bob")]).expect(303);
    let link = mail(server, "bob@example.org", "A new password").link(server);
    Browser::new(server).get(&link).expect(200);
    world.oracle.says("example.org", says(Finding::Lapsed));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let report = runtime.block_on(world.sweep());
    assert!(report.unverified >= 1, "{report}");
    // Whoever reads the mails now follows the link, and asks for others.
    let mut eve = Browser::new(server);
    eve.get(&link).expect(400);
    for name in ["bob", "bob@example.org", "BOB@Example.ORG"] {
        eve.submit(ASK, &[("username_or_email", name)]).expect(303);
    }
    let told = |server: &Server| {
        let about = |it: &mails::Mail| it.to == "bob@example.org";
        mails(server).into_iter().filter(about).map(|it| it.text).collect::<Vec<_>>()
    };
    eventually("all are answered", || told(server).len() >= 4);
    let links = told(server).iter().filter(|text| text.contains("http")).count();
    assert_eq!(links, 1, "{:#?}", told(server));
    // Verifying and adding addresses need the login.
    for path in ["/manage/account/", "/manage/unverified-account/", "/account/verify-email/"] {
        let reply = eve.get(path).expect(303);
        assert!(reply.header("location").unwrap().starts_with("/account/login/"), "{path}");
    }
    // The owner is still in, is told why, and can do nothing else first.
    assert!(bob.is_logged_in());
    let reply = bob.get("/manage/account/").expect(303);
    assert!(reply.header("location").unwrap().starts_with("/manage/unverified-account/"));
    let page = bob.get("/manage/unverified-account/").expect(200).text();
    assert!(page.contains("its domain has expired"), "{page}");
    let refused = server.upload(&Dist::wheel("foo", "1.0")).login("bob", PASSWORD).send();
    let words = refused.expect(403).text();
    assert!(
        words.contains("bob@example.org is verified no more: its domain has expired"),
        "{words}"
    );
}
