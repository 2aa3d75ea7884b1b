//! Who may make an account, and what it tells.

use cheeseshop::accounts::act::Order;
use cheeseshop::accounts::addresses::Claim;
use cheeseshop::accounts::invitation::{first_administrator, invite, live, open, revoke};
use cheeseshop::accounts::register::{Field, Form, Outcome, register};
use cheeseshop::accounts::service::{self, Owner};
use cheeseshop::accounts::token::{Grant, Scope, Token};
use cheeseshop::accounts::user::User;
use cheeseshop::accounts::{
    Username, Visit, administer, api_token, change_password, sign_in, standing,
};
use cheeseshop::config::Registration;
use cheeseshop::db::{Db, UserId};
use cheeseshop::error::{Kind, Result};
use cheeseshop::secret::Ticket;

use super::{Index, PASSWORD, at, head, on_both, order, refused, visit};

on_both!(
    the_policy_says_who_may_register,
    an_invitation_makes_one_account,
    the_first_administrator_is_one,
    every_field_is_checked_and_nothing_is_left_behind,
    a_taken_address_looks_like_a_free_one,
    service_accounts_have_tokens_only,
    a_service_account_belongs_to_who_made_it,
    the_last_administrator_cannot_be_stopped_through_the_pages,
    two_administrators_who_stop_each_other_are_not_both_gone,
    tokens_belong_to_their_owner,
);

fn form<'a>(name: &'a str, email: &'a str) -> Form<'a> {
    Form { username: name, full_name: "Somebody", email, password: PASSWORD }
}

async fn try_in(
    db: &Db,
    policy: Registration,
    form: Form<'_>,
    invitation: Option<&Ticket>,
) -> Result<Outcome> {
    register(db, &head(), policy, &visit(at(1)), form, invitation).await
}

fn made(outcome: Result<Outcome>) -> (UserId, bool, Claim) {
    match outcome.unwrap() {
        Outcome::Made { user_id, is_admin, claim } => (user_id, is_admin, claim),
        Outcome::Wrong(wrong) => panic!("{wrong:?}"),
    }
}

async fn the_policy_says_who_may_register(index: Index) {
    let form = form("ada", "ada@example.org");
    let stranger = Ticket::generate();
    for policy in [Registration::Closed, Registration::Invite] {
        refused(try_in(&index.db, policy, form, None).await, Kind::Forbidden);
        refused(try_in(&index.db, policy, form, Some(&stranger)).await, Kind::Forbidden);
    }
    let (id, is_admin, claim) = made(try_in(&index.db, Registration::Open, form, None).await);
    assert!(!is_admin && matches!(claim, Claim::Free(_)));
    assert_eq!(index.user(id).await.full_name, "Somebody");
    assert_eq!(index.history(id).await, ["account:create"]);
    index.log_in("ada", at(2)).await;
}

async fn an_invitation_makes_one_account(index: Index) {
    let ada = index.add("ada").await;
    administer::set_administrator(&index.db, &order(at(0)), ada, true).await.unwrap();
    let ada = index.read(move |c| Ok(User::by_id(c, ada)?.unwrap())).await;
    let by = Order::of(&ada, &visit(at(0)), "").unwrap();
    let ticket = invite(&index.db, &by, "for Bob", None).await.unwrap();
    let closed = try_in(&index.db, Registration::Closed, form("x", "x@example.org"), Some(&ticket));
    refused(closed.await, Kind::Forbidden);
    let policy = Registration::Invite;
    let (bob, carl) = (form("bob", "bob@example.org"), form("carl", "carl@example.org"));
    let (one, two) = tokio::join!(
        try_in(&index.db, policy, bob, Some(&ticket)),
        try_in(&index.other, policy, carl, Some(&ticket)),
    );
    let worked = [one, two].into_iter().filter(|it| matches!(it, Ok(Outcome::Made { .. })));
    assert_eq!(worked.count(), 1);
    assert_eq!(index.read(|c| Ok(User::all(c)?)).await.len(), 2);
    let again = try_in(&index.db, policy, form("dora", "dora@example.org"), Some(&ticket)).await;
    refused(again, Kind::Forbidden);
    let taken_back = invite(&index.db, &order(at(0)), "", None).await.unwrap();
    let all = index.read(|c| Ok(open(c, at(1))?)).await;
    assert_eq!((all.len(), all[0].created_by), (1, None));
    let id = all[0].id;
    assert!(revoke(&index.db, &order(at(0)), id).await.unwrap());
    let again = try_in(&index.db, policy, form("dora", "dora@example.org"), Some(&taken_back));
    refused(again.await, Kind::Forbidden);
    refused(invite(&index.db, &order(at(0)), "a\nb", None).await, Kind::Invalid);
    // Who is stopped lets nobody in any more.
    let late = invite(&index.db, &by, "", None).await.unwrap();
    let operator = Order::operator(Visit { ip: None, ..visit(at(1)) });
    standing::set_disabled(&index.db, &operator, ada.id, true).await.unwrap();
    let again = try_in(&index.db, policy, form("dora", "dora@example.org"), Some(&late)).await;
    refused(again, Kind::Forbidden);
}

async fn the_first_administrator_is_one(index: Index) {
    let one = first_administrator(&index.db, at(0)).await.unwrap().unwrap();
    let two = first_administrator(&index.other, at(0)).await.unwrap().unwrap();
    let (ada, bob) = (form("ada", "ada@example.org"), form("bob", "bob@example.org"));
    let (one, two) = tokio::join!(
        try_in(&index.db, Registration::Closed, ada, Some(&one)),
        try_in(&index.other, Registration::Closed, bob, Some(&two)),
    );
    let worked =
        [one, two].into_iter().filter(|it| matches!(it, Ok(Outcome::Made { is_admin: true, .. })));
    assert_eq!(worked.count(), 1);
    let all = index.read(|c| Ok(User::all(c)?)).await;
    assert_eq!(all.iter().filter(|user| user.is_admin).count(), 1);
    assert_eq!(all.len(), 1);
    assert!(first_administrator(&index.db, at(2)).await.unwrap().is_none());
}

async fn every_field_is_checked_and_nothing_is_left_behind(index: Index) {
    index.add("ada").await;
    let good = form("bob", "bob@example.org");
    let long = "x".repeat(5000);
    for (form, expected) in [
        (Form { username: "ADA", ..good }, vec![Field::Username]),
        (Form { username: "__token__", ..good }, vec![Field::Username]),
        (Form { username: "a\0b", ..good }, vec![Field::Username]),
        (Form { username: &long, ..good }, vec![Field::Username]),
        (Form { full_name: &long, ..good }, vec![Field::FullName]),
        (Form { full_name: "a\0", ..good }, vec![Field::FullName]),
        (Form { full_name: "see https://spam.example", ..good }, vec![Field::FullName]),
        (Form { email: "bob", ..good }, vec![Field::Email]),
        (Form { email: &long, ..good }, vec![Field::Email]),
        (Form { password: "bob@example.org", ..good }, vec![Field::Password]),
        (Form { password: "nul\0nul\0nul\0", ..good }, vec![Field::Password]),
        (Form { password: &long, ..good }, vec![Field::Password]),
        (Form { username: "", email: "", ..good }, vec![Field::Username, Field::Email]),
    ] {
        let Ok(Outcome::Wrong(wrong)) = try_in(&index.db, Registration::Open, form, None).await
        else {
            panic!("{expected:?} is not wrong")
        };
        assert_eq!(wrong.iter().map(|(field, _)| *field).collect::<Vec<_>>(), expected);
    }
    assert_eq!(index.read(|c| Ok(User::all(c)?)).await.len(), 1);
}

async fn a_taken_address_looks_like_a_free_one(index: Index) {
    let ada = index.add("ada").await;
    let eve = form("eve", "Ada@Example.org");
    let (eve, _, claim) = made(try_in(&index.db, Registration::Open, eve, None).await);
    assert!(matches!(claim, Claim::Taken(owner) if owner == ada));
    // She can log in and sees the address as not verified, as for any other.
    index.log_in("eve", at(2)).await;
    let own = move |c: &mut _| Ok(cheeseshop::accounts::email::Email::of(c, eve)?);
    let emails = index.read(own).await;
    assert_eq!(emails[0].address, "Ada@Example.org");
    assert!(emails[0].is_primary && emails[0].verified_at.is_none());
}

async fn service_accounts_have_tokens_only(index: Index) {
    let name = Username::parse("ci").unwrap();
    let id = service::create(&index.db, &order(at(0)), &name).await.unwrap();
    let again = service::create(&index.db, &order(at(0)), &name).await;
    refused(again, Kind::Conflict);
    assert!(index.user(id).await.is_service);
    refused(change_password::set(&index.db, &order(at(0)), id, PASSWORD).await, Kind::Invalid);
    refused(index.password("ci", PASSWORD, at(1)).await, Kind::Forbidden);
    refused(index.password("ci", "", at(1)).await, Kind::Forbidden);
    let token = api_token::create(&index.db, &visit(at(1)), id, &grant()).await.unwrap();
    let caller = sign_in::by_token(&index.db, token).await.unwrap();
    assert_eq!(caller.user_id, id);
}

async fn a_service_account_belongs_to_who_made_it(index: Index) {
    let ada = index.add("ada").await;
    let make = async |name: &str, by| {
        let name = Username::parse(name).unwrap();
        let by: Order = match by {
            Some(id) => {
                let user = index.read(move |c| Ok(User::by_id(c, id)?.unwrap())).await;
                Order::of(&user, &visit(at(0)), "").unwrap()
            }
            None => order(at(0)),
        };
        service::create(&index.db, &by, &name).await.unwrap()
    };
    let (hers, ours) = (make("ci", Some(ada)).await, make("cd", None).await);
    let owner = async |id| index.read(move |c| Ok(service::owner(c, id)?)).await;
    assert_eq!(owner(hers).await, Owner::Administrator("ada".to_owned()));
    assert_eq!(owner(ours).await, Owner::Operator);
    index.sql("DELETE FROM users WHERE username = 'ada'").await;
    assert_eq!(owner(hers).await, Owner::Gone);
}

async fn the_last_administrator_cannot_be_stopped_through_the_pages(index: Index) {
    let (ada, bob) = (index.add("ada").await, index.add("bob").await);
    index.sql("UPDATE users SET is_admin = TRUE WHERE username = 'ada'").await;
    let stop = async |id, visit| {
        standing::set_disabled(&index.db, &Order::operator(visit), id, true).await
    };
    assert!(stop(bob, visit(at(0))).await.unwrap());
    index.sql("UPDATE users SET is_admin = TRUE WHERE username = 'bob'").await;
    // Bob is one too, and does not count while he is stopped.
    let why = refused(stop(ada, visit(at(1))).await, Kind::Conflict);
    assert!(why.detail().contains("last administrator"), "{}", why.detail());
    assert!(index.user(ada).await.disabled_at.is_none());
    assert!(standing::has_administrator(&index.db).await.unwrap());
    // The operator can make another one.
    assert!(stop(ada, Visit::operator()).await.unwrap());
    assert!(!standing::has_administrator(&index.db).await.unwrap());
}

async fn two_administrators_who_stop_each_other_are_not_both_gone(index: Index) {
    let (ada, bob) = (index.add("ada").await, index.add("bob").await);
    index.sql("UPDATE users SET is_admin = TRUE").await;
    let now = order(at(0));
    let (one, two) = tokio::join!(
        standing::set_disabled(&index.db, &now, ada, true),
        standing::set_disabled(&index.other, &now, bob, true),
    );
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1);
    assert!(standing::has_administrator(&index.db).await.unwrap());
}

fn grant() -> Grant {
    Grant { label: "CI".to_owned(), scope: Scope::Upload, projects: vec![], expires_at: None }
}

async fn tokens_belong_to_their_owner(index: Index) {
    let (ada, bob) = (index.add("ada").await, index.add("bob").await);
    let now = visit(at(0));
    let token = api_token::create(&index.db, &now, ada, &grant()).await.unwrap();
    let id = index.read(move |c| Ok(Token::of(c, ada)?)).await[0].id;
    refused(api_token::revoke(&index.db, &now, bob, id).await, Kind::NotFound);
    let found = api_token::look_up(&index.db, &token).await.unwrap().unwrap();
    assert_eq!((found.id, found.user_id), (id, ada));
    api_token::revoke(&index.db, &now, ada, id).await.unwrap();
    refused(api_token::revoke(&index.db, &now, ada, id).await, Kind::NotFound);
    refused(sign_in::by_token(&index.db, token).await, Kind::Forbidden);
    let past = Grant { expires_at: Some(at(0)), ..grant() };
    refused(api_token::create(&index.db, &now, ada, &past).await, Kind::Invalid);
    let long = Grant { label: "x".repeat(101), ..grant() };
    refused(api_token::create(&index.db, &now, ada, &long).await, Kind::Invalid);
    let history = index.history(ada).await;
    assert_eq!(history, ["account:api_token:removed", "account:api_token:added"]);
    let ticket = Ticket::generate().digest();
    assert!(index.read(move |c| Ok(live(c, &ticket, at(0))?)).await.is_none());
}
