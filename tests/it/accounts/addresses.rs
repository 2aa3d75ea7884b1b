//! Addresses: who verifies one holds it, once, and nobody learns what others have.

use cheeseshop::accounts::addresses::{self, Added, Claim};
use cheeseshop::accounts::email::Email;
use cheeseshop::address::EmailAddress;
use cheeseshop::db::UserId;
use cheeseshop::error::{Kind, Result};
use cheeseshop::secret::Ticket;

use super::{Index, at, head, on_both, refused, visit};

on_both!(
    a_link_verifies_once_and_for_its_owner_only,
    a_taken_address_is_added_and_never_verified,
    the_first_who_verifies_holds_the_address,
    of_two_who_verify_at_once_one_holds_the_address,
    the_primary_address_is_a_verified_one_and_stays,
    addresses_of_others_are_not_there,
);

async fn add(index: &Index, user: UserId, address: &str) -> Result<Added> {
    let address = EmailAddress::parse(address).unwrap();
    addresses::add(&index.db, &head(), &visit(at(0)), user, &address).await
}

async fn free(index: &Index, user: UserId, address: &str) -> (Email, Ticket) {
    match add(index, user, address).await.unwrap() {
        Added { email, claim: Claim::Free(ticket) } => (email, ticket),
        Added { claim: Claim::Taken(_), .. } => panic!("{address} is taken"),
    }
}

async fn verify(index: &Index, user: UserId, ticket: &Ticket, now: i64) -> Result<Email> {
    addresses::verify(&index.db, &visit(at(now)), user, ticket).await
}

async fn a_link_verifies_once_and_for_its_owner_only(index: Index) {
    let (ada, bob) = (index.add("ada").await, index.add("bob").await);
    let (email, ticket) = free(&index, ada, "second@example.org").await;
    assert!(email.verified_at.is_none() && !email.is_primary);
    refused(verify(&index, bob, &ticket, 1).await, Kind::Invalid);
    let shown = addresses::to_verify(&index.db, &visit(at(1)), ada, &ticket).await.unwrap();
    assert_eq!(shown.address, "second@example.org");
    refused(verify(&index, ada, &ticket, 6 * 3600).await, Kind::Invalid);
    // A new link ends the one before it.
    let again =
        addresses::reverify(&index.db, &head(), &visit(at(2)), ada, email.id).await.unwrap();
    let Claim::Free(new) = again.claim else { panic!("it is taken") };
    refused(verify(&index, ada, &ticket, 3).await, Kind::Invalid);
    let email = verify(&index, ada, &new, 4).await.unwrap();
    assert_eq!(email.verified_at, Some(at(4)));
    refused(verify(&index, ada, &new, 5).await, Kind::Invalid);
    let again = addresses::reverify(&index.db, &head(), &visit(at(6)), ada, email.id).await;
    refused(again, Kind::Conflict);
    let expected = ["account:email:verified", "account:email:reverify", "account:email:add"];
    assert_eq!(index.history(ada).await, expected);
}

async fn a_taken_address_is_added_and_never_verified(index: Index) {
    let (ada, eve) = (index.add("ada").await, index.add("eve").await);
    let added = add(&index, eve, "ADA@example.org").await.unwrap();
    assert!(matches!(added.claim, Claim::Taken(owner) if owner == ada));
    assert!(added.email.verified_at.is_none());
    let id = added.email.id;
    let again = addresses::reverify(&index.db, &head(), &visit(at(1)), eve, id).await.unwrap();
    assert!(matches!(again.claim, Claim::Taken(owner) if owner == ada));
    refused(add(&index, eve, "ada@EXAMPLE.org").await, Kind::Conflict);
    refused(addresses::set_primary(&index.db, &visit(at(1)), eve, id).await, Kind::Invalid);
    // Once its owner gives it up it can be had.
    let (second, ticket) = free(&index, ada, "second@example.org").await;
    verify(&index, ada, &ticket, 2).await.unwrap();
    let old = addresses::set_primary(&index.db, &visit(at(3)), ada, second.id).await.unwrap();
    addresses::remove(&index.db, &visit(at(4)), ada, old.id).await.unwrap();
    let again = addresses::reverify(&index.db, &head(), &visit(at(5)), eve, id).await.unwrap();
    let Claim::Free(ticket) = again.claim else { panic!("it is taken") };
    verify(&index, eve, &ticket, 6).await.unwrap();
}

async fn the_first_who_verifies_holds_the_address(index: Index) {
    let (eve, ada) = (index.add("eve").await, index.add("ada").await);
    let (squatted, early) = free(&index, eve, "boss@example.org").await;
    let (_, own) = free(&index, ada, "boss@example.org").await;
    verify(&index, ada, &own, 1).await.unwrap();
    refused(verify(&index, eve, &early, 2).await, Kind::Invalid);
    let boss = EmailAddress::parse("boss@example.org").unwrap();
    let holder = index.read(move |c| Ok(Email::holder(c, &boss)?)).await.unwrap();
    assert_eq!(holder.user_id, ada);
    let left = index.read(move |c| Ok(Email::own(c, eve, squatted.id)?)).await.unwrap();
    assert!(left.verified_at.is_none());
}

async fn of_two_who_verify_at_once_one_holds_the_address(index: Index) {
    let (eve, ada) = (index.add("eve").await, index.add("ada").await);
    let (_, early) = free(&index, eve, "boss@example.org").await;
    let (_, late) = free(&index, ada, "boss@example.org").await;
    let now = visit(at(1));
    let (one, two) = tokio::join!(
        addresses::verify(&index.db, &now, eve, &early),
        addresses::verify(&index.other, &now, ada, &late),
    );
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1);
    let winner = if one.is_ok() { eve } else { ada };
    let boss = EmailAddress::parse("boss@example.org").unwrap();
    let holder = index.read(move |c| Ok(Email::holder(c, &boss)?)).await.unwrap();
    assert_eq!(holder.user_id, winner);
}

async fn the_primary_address_is_a_verified_one_and_stays(index: Index) {
    let ada = index.add("ada").await;
    let primary = index.read(move |c| Ok(Email::primary(c, ada)?)).await.unwrap();
    let now = visit(at(1));
    refused(addresses::remove(&index.db, &now, ada, primary.id).await, Kind::Invalid);
    let (second, ticket) = free(&index, ada, "second@example.org").await;
    refused(addresses::set_primary(&index.db, &now, ada, second.id).await, Kind::Invalid);
    verify(&index, ada, &ticket, 2).await.unwrap();
    let old = addresses::set_primary(&index.db, &now, ada, second.id).await.unwrap();
    assert_eq!(old.id, primary.id);
    let primary = index.read(move |c| Ok(Email::primary(c, ada)?)).await.unwrap();
    assert_eq!(primary.id, second.id);
    let gone = addresses::remove(&index.db, &now, ada, old.id).await.unwrap();
    assert_eq!(gone.address, "ada@example.org");
    assert_eq!(index.read(move |c| Ok(Email::of(c, ada)?)).await.len(), 1);
}

async fn addresses_of_others_are_not_there(index: Index) {
    let (ada, eve) = (index.add("ada").await, index.add("eve").await);
    let hers = index.read(move |c| Ok(Email::primary(c, ada)?)).await.unwrap().id;
    let now = visit(at(1));
    refused(addresses::remove(&index.db, &now, eve, hers).await, Kind::NotFound);
    refused(addresses::set_primary(&index.db, &now, eve, hers).await, Kind::NotFound);
    refused(addresses::reverify(&index.db, &head(), &now, eve, hers).await, Kind::NotFound);
}
