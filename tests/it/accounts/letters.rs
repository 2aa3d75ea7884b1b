//! Mails with a link: they are queued with the link, or there is no link.

use cheeseshop::accounts::register::{Form, register};
use cheeseshop::accounts::user::User;
use cheeseshop::accounts::{Username, addresses, email::Email, invitation, reset};
use cheeseshop::address::EmailAddress;
use cheeseshop::config::Registration;
use cheeseshop::db::UserId;
use cheeseshop::error::{Kind, Result};
use cheeseshop::mail::outbox::Mail;

use super::{Index, PASSWORD, at, head, on_both, order, refused, visit};

on_both!(a_link_and_its_mail_are_one_change, without_its_mail_nothing_is_changed);

/// Everything that mails a link; how each ended.
async fn all(index: &Index, ada: UserId) -> Vec<Result<()>> {
    let (db, head, now) = (&index.db, head(), visit(at(0)));
    let second = EmailAddress::parse("second@example.org").unwrap();
    let guest = EmailAddress::parse("guest@example.org").unwrap();
    let form = Form { username: "bob", full_name: "", email: "bob@x.example", password: PASSWORD };
    let primary = index.read(move |c| Ok(Email::primary(c, ada)?)).await.unwrap().id;
    vec![
        register(db, &head, Registration::Open, &now, form, None).await.map(drop),
        addresses::add(db, &head, &now, ada, &second).await.map(drop),
        addresses::reverify(db, &head, &now, ada, primary).await.map(drop),
        reset::request(db, &head, &now, "ada", None).await.map(drop),
        invitation::invite(db, &order(at(0)), "", Some((head.clone(), guest))).await.map(drop),
    ]
}

/// An account whose address is not verified.
async fn unverified(index: &Index) -> UserId {
    let ada = index.add("ada").await;
    index.sql("UPDATE emails SET verified_at = NULL").await;
    ada
}

async fn a_link_and_its_mail_are_one_change(index: Index) {
    let ada = unverified(&index).await;
    assert!(all(&index, ada).await.iter().all(Result::is_ok));
    // Nobody had to do anything more for them.
    let mails = index.read(|c| Ok(Mail::list(c, false, 100)?)).await;
    let mut told: Vec<_> = mails.into_iter().map(|it| it.recipient).collect();
    told.sort();
    let expected = [
        "ada@example.org",
        "ada@example.org",
        "bob@x.example",
        "guest@example.org",
        "second@example.org",
    ];
    assert_eq!(told, expected);
}

async fn without_its_mail_nothing_is_changed(index: Index) {
    let ada = unverified(&index).await;
    let before = index.history(ada).await;
    index.sql("DROP TABLE outbox").await;
    for ended in all(&index, ada).await {
        refused(ended, Kind::Internal);
    }
    assert_eq!(index.history(ada).await, before);
    assert_eq!(index.read(move |c| Ok(Email::of(c, ada)?)).await.len(), 1);
    let bob = Username::parse("bob").unwrap();
    assert!(index.read(move |c| Ok(User::by_name(c, &bob)?)).await.is_none());
    assert!(index.read(|c| Ok(invitation::open(c, at(1))?)).await.is_empty());
}
