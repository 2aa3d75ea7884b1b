//! Passwords: what a change ends, and the way back in by mail.

use cheeseshop::accounts::event::Tag;
use cheeseshop::accounts::reset::{self, Requested};
use cheeseshop::accounts::session::Session;
use cheeseshop::accounts::user::User;
use cheeseshop::accounts::{change_password, email::Email, log_in, sign_in, standing};
use cheeseshop::db::UserId;
use cheeseshop::error::Kind;
use cheeseshop::secret::Ticket;

use super::{Index, PASSWORD, at, from, head, on_both, order, refused, totp, visit};

const NEW: &str = "a quite different passphrase";

on_both!(
    an_account_is_entered_as_it_was_proven_or_not_at_all,
    a_change_ends_all_that_the_old_password_opened,
    a_reset_works_once_and_logs_nobody_in,
    a_reset_dies_with_a_login_and_with_another_change,
    a_reset_used_twice_at_once_works_once,
    nobody_unverified_or_unknown_gets_a_link,
    sessions_end_by_time_by_hand_and_for_disabled_accounts,
    a_session_of_another_account_cannot_be_ended,
    an_old_hash_is_made_anew_at_login,
);

async fn request(index: &Index, text: &str, now: i64) -> Requested {
    reset::request(&index.db, &head(), &visit(at(now)), text, None).await.unwrap()
}

async fn link(index: &Index, text: &str, now: i64) -> Ticket {
    match request(index, text, now).await {
        Requested::Mail(_, ticket) => ticket,
        _ => panic!("there is no link"),
    }
}

async fn set(index: &Index, ticket: &Ticket, now: i64) -> cheeseshop::error::Result<UserId> {
    reset::reset(&index.db, &visit(at(now)), ticket, NEW).await
}

async fn a_change_ends_all_that_the_old_password_opened(index: Index) {
    let ada = index.add("ada").await;
    let (app, _) = index.set_up(ada, at(0)).await;
    let how = (totp(&app.code(at(60))), true);
    let pending = index.pending("ada", at(60)).await;
    let now = visit(at(60));
    let own = log_in::with_second_factor(&index.db, &index.key, super::HOURS, &now, &pending, how);
    let own = own.await.unwrap();
    let pending = index.pending("ada", at(70)).await;
    let entered = index.factor(&pending, totp(&app.code(at(90))), at(70)).await.unwrap();
    let link = link(&index, "ada", 71).await;
    let pending = index.pending("ada", at(72)).await;
    let (session, user) = index.current(&own.session, at(73)).await.unwrap();
    let change = async |current, new| {
        let who = (session.id, &user);
        change_password::change(&index.db, &visit(at(73)), who, (current, new)).await
    };
    refused(change("not it at all", NEW).await, Kind::Forbidden);
    refused(change(PASSWORD, "ada@example.org").await, Kind::Invalid);
    change(PASSWORD, NEW).await.unwrap();
    assert!(index.current(&own.session, at(74)).await.is_some());
    assert!(index.current(&entered.session, at(74)).await.is_none());
    let code = app.code(at(120));
    refused(index.factor(&pending, totp(&code), at(100)).await, Kind::SignInNeeded);
    refused(set(&index, &link, 100).await, Kind::Invalid);
    refused(index.password("ada", PASSWORD, at(100)).await, Kind::Forbidden);
    let device = own.device.unwrap();
    let who = ("ada", NEW);
    let step =
        log_in::with_password(&index.db, super::HOURS, &visit(at(100)), who, Some(&device)).await;
    assert!(matches!(step, Ok(log_in::Step::SecondFactor(_))));
    assert_eq!(index.count(ada, Tag::PasswordChanged).await, 1);
}

async fn a_reset_works_once_and_logs_nobody_in(index: Index) {
    let ada = index.add("ada").await;
    let (app, _) = index.set_up(ada, at(0)).await;
    let pending = index.pending("ada", at(60)).await;
    let entered = index.factor(&pending, totp(&app.code(at(60))), at(60)).await.unwrap();
    let ticket = link(&index, "ADA@example.org", 70).await;
    let whose = reset::whose(&index.db, &ticket, &visit(at(71))).await.unwrap();
    assert_eq!(whose.map(|user| user.id), Some(ada));
    refused(reset::reset(&index.db, &visit(at(71)), &ticket, "short").await, Kind::Invalid);
    assert_eq!(set(&index, &ticket, 72).await.unwrap(), ada);
    refused(set(&index, &ticket, 73).await, Kind::Invalid);
    assert!(index.current(&entered.session, at(74)).await.is_none());
    assert!(index.read(move |c| Ok(Session::of(c, ada, at(74))?)).await.is_empty());
    // The second factor is asked for as before.
    let step = index.password("ada", NEW, at(75)).await;
    assert!(matches!(step, Ok(log_in::Step::SecondFactor(_))));
    let history = index.history(ada).await;
    assert_eq!(&history[..2], ["account:password:reset", "account:password:reset:request"]);
}

async fn a_reset_dies_with_a_login_and_with_another_change(index: Index) {
    let ada = index.add("ada").await;
    let ticket = link(&index, "ada", 0).await;
    index.log_in("ada", at(1)).await;
    refused(set(&index, &ticket, 2).await, Kind::Invalid);
    let ticket = link(&index, "ada", 3).await;
    change_password::set(&index.db, &order(at(4)), ada, NEW).await.unwrap();
    refused(set(&index, &ticket, 5).await, Kind::Invalid);
    let ticket = link(&index, "ada", 6).await;
    refused(set(&index, &ticket, 6 + 6 * 3600).await, Kind::Invalid);
    let ticket = link(&index, "ada", 7).await;
    let unverify = "UPDATE emails SET verified_at = NULL";
    index.sql(unverify).await;
    refused(set(&index, &ticket, 8).await, Kind::Invalid);
}

async fn a_reset_used_twice_at_once_works_once(index: Index) {
    let ada = index.add("ada").await;
    let ticket = link(&index, "ada", 0).await;
    let now = visit(at(1));
    let (one, two) = tokio::join!(
        reset::reset(&index.db, &now, &ticket, NEW),
        reset::reset(&index.other, &now, &ticket, "yet another passphrase"),
    );
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1);
    assert_eq!(index.count(ada, Tag::PasswordReset).await, 1);
}

async fn nobody_unverified_or_unknown_gets_a_link(index: Index) {
    let ada = index.add("ada").await;
    for text in ["nobody", "nobody@example.org", "", "\0", &"x".repeat(9999), "ada\u{0}"] {
        assert!(matches!(request(&index, text, 0).await, Requested::Nothing), "{text:?}");
    }
    index.sql("UPDATE emails SET verified_at = NULL").await;
    assert!(matches!(request(&index, "ada", 1).await, Requested::Unverified(_)));
    assert!(matches!(request(&index, "ada@example.org", 1).await, Requested::Unverified(_)));
    assert_eq!(index.count(ada, Tag::ResetAttempted).await, 2);
    standing::set_disabled(&index.db, &order(at(2)), ada, true).await.unwrap();
    assert!(matches!(request(&index, "ada", 3).await, Requested::Nothing));
}

async fn sessions_end_by_time_by_hand_and_for_disabled_accounts(index: Index) {
    let ada = index.add("ada").await;
    let session = index.log_in("ada", at(0)).await;
    let again = index.log_in("ada", at(1)).await;
    assert_ne!(session.reveal(), again.reveal());
    // Its last use is noted to the minute.
    assert!(index.current(&session, at(59)).await.is_some());
    assert!(index.current(&session, at(61)).await.is_some());
    let (row, user) = index.current(&session, at(100)).await.unwrap();
    assert_eq!(row.last_seen_at, at(61));
    assert!(index.current(&session, at(12 * 3600 - 1)).await.is_some());
    assert!(index.current(&session, at(12 * 3600)).await.is_none());
    let own = (&row, &user);
    let ended = log_in::end_others(&index.db, &visit(at(110)), own, None).await;
    assert_eq!(ended.unwrap(), 1);
    assert!(index.current(&again, at(110)).await.is_none());
    refused(log_in::again(&index.db, &visit(at(2000)), own, "wrong").await, Kind::Forbidden);
    assert_eq!(index.count(ada, Tag::ReauthenticateFailure).await, 1);
    log_in::again(&index.db, &visit(at(2000)), own, PASSWORD).await.unwrap();
    assert!(index.current(&session, at(2001)).await.unwrap().0.is_confirmed(at(3000)));
    log_in::out(&index.db, &row).await.unwrap();
    assert!(index.current(&session, at(2002)).await.is_none());
    let session = index.log_in("ada", at(2003)).await;
    standing::set_disabled(&index.db, &order(at(2004)), ada, true).await.unwrap();
    assert!(index.current(&session, at(2005)).await.is_none());
    let why = refused(index.password("ada", PASSWORD, at(2006)).await, Kind::Forbidden);
    assert!(why.detail().contains("disabled"));
    let why = refused(index.password("ada", "wrong", at(2007)).await, Kind::Forbidden);
    assert!(!why.detail().contains("disabled"));
}

async fn a_session_of_another_account_cannot_be_ended(index: Index) {
    index.add("ada").await;
    index.add("bob").await;
    let (ada, bob) = (index.log_in("ada", at(0)).await, index.log_in("bob", at(0)).await);
    let (hers, _) = index.current(&ada, at(1)).await.unwrap();
    let (his, user) = index.current(&bob, at(1)).await.unwrap();
    let ended = log_in::end_others(&index.db, &visit(at(2)), (&his, &user), Some(hers.id)).await;
    assert_eq!(ended.unwrap(), 0);
    assert!(index.current(&ada, at(3)).await.is_some());
}

async fn an_old_hash_is_made_anew_at_login(index: Index) {
    use argon2::password_hash::PasswordHasher;
    use argon2::{Algorithm, Argon2, Params, Version};
    let ada = index.add("ada").await;
    let params = Params::new(1024, 1, 1, None).unwrap();
    let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password(PASSWORD.as_bytes())
        .unwrap()
        .to_string();
    let before = index.user(ada).await;
    let set = old.clone();
    let changed = before.password_changed_at.unwrap();
    index.db.write(move |c| Ok(User::set_password(c, ada, &set, changed)?)).await.unwrap();
    index.log_in("ada", at(0)).await;
    let after = index.user(ada).await;
    assert!(after.password_hash.as_ref().unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_eq!(after.password_changed_at, before.password_changed_at);
    let caller = sign_in::by_password(&index.db, &from("192.0.2.9", at(1)), "ada", PASSWORD).await;
    assert_eq!(caller.unwrap().user_id, ada);
    let email = index.read(move |c| Ok(Email::primary(c, ada)?)).await.unwrap();
    assert_eq!(email.address, "ada@example.org");
}

/// What may happen to an account between the look at its password and the login.
async fn an_account_is_entered_as_it_was_proven_or_not_at_all(index: Index) {
    let id = index.add("ada").await;
    let proven = index.read(move |c| Ok(User::by_id(c, id)?.unwrap())).await;
    let enter = async |now| {
        let proven = proven.clone();
        index.db.write(move |c| Ok(User::enter(c, &proven, now)?)).await.unwrap()
    };
    index.sql("UPDATE users SET full_name = password_hash").await;
    for (change, undo) in [
        (
            "UPDATE users SET password_hash = 'another'",
            "UPDATE users SET password_hash = full_name",
        ),
        ("UPDATE users SET password_hash = NULL", "UPDATE users SET password_hash = full_name"),
        (
            "UPDATE users SET totp_enabled_at = '2026-01-01 00:00:00'",
            "UPDATE users SET totp_enabled_at = NULL",
        ),
        (
            "UPDATE users SET disabled_at = '2026-01-01 00:00:00'",
            "UPDATE users SET disabled_at = NULL",
        ),
    ] {
        index.sql(change).await;
        assert!(!enter(at(1)).await, "{change}");
        index.sql(undo).await;
        assert!(enter(at(2)).await, "{undo}");
    }
    let now = index.read(move |c| Ok(User::by_id(c, id)?.unwrap())).await;
    assert_eq!(now.last_login_at, Some(at(2)));
}
