//! The second factor: what is asked, and that each answer is good once.

use cheeseshop::accounts::event::Tag;
use cheeseshop::accounts::log_in::{self, Step};
use cheeseshop::accounts::second_factor::Method;
use cheeseshop::accounts::{device::Device, recovery::state, set_up, standing};
use cheeseshop::error::Kind;

use super::{HOURS, Index, PASSWORD, at, on_both, order, recovery, refused, totp, visit};

on_both!(
    the_app_opens_a_session_once_the_password_did,
    a_code_is_good_once_however_it_is_typed,
    a_code_is_good_once_on_two_replicas_at_once,
    a_recovery_code_is_good_once,
    a_recovery_code_is_good_once_on_two_replicas_at_once,
    a_pending_login_ends_with_time_and_with_the_next_login,
    what_comes_before_the_app,
    a_clock_that_is_off_is_named_while_setting_up_only,
    a_remembered_device_skips_the_code_and_nothing_else,
    who_is_stopped_is_remembered_nowhere,
    turning_it_off_takes_a_code,
);

async fn the_app_opens_a_session_once_the_password_did(index: Index) {
    let ada = index.add("ada").await;
    let (app, _) = index.set_up(ada, at(0)).await;
    let pending = index.pending("ADA", at(60)).await;
    assert_eq!(log_in::pending(&index.db, &pending, at(60)).await.unwrap(), Some(ada));
    // It is no session, and a session is no pending login.
    assert!(index.current(&pending, at(60)).await.is_none());
    let wrong = index.factor(&pending, totp("000000"), at(60)).await;
    refused(wrong, Kind::Invalid);
    let entered = index.factor(&pending, totp(&app.code(at(60))), at(61)).await.unwrap();
    assert_eq!((entered.user_id, entered.method), (ada, Method::Totp));
    let (session, user) = index.current(&entered.session, at(62)).await.unwrap();
    assert_eq!(user.last_login_at, Some(at(61)));
    assert!(session.is_confirmed(at(61 + 1799)) && !session.is_confirmed(at(61 + 1800)));
    assert!(index.factor(&entered.session, totp(&app.code(at(90))), at(90)).await.is_err());
    let events = index.events(ada).await;
    assert_eq!(events[0].detail()["two_factor_method"], "totp");
    assert_eq!(events[0].ip.as_deref(), Some("192.0.2.1"));
    assert_eq!(events[0].user_agent.as_deref(), Some("Test/1.0"));
    assert_eq!(events[1].detail()["reason"], "invalid_totp");
}

async fn a_code_is_good_once_however_it_is_typed(index: Index) {
    let ada = index.add("ada").await;
    let (app, _) = index.set_up(ada, at(0)).await;
    let code = app.code(at(60));
    let pending = index.pending("ada", at(60)).await;
    index.factor(&pending, totp(&code), at(60)).await.unwrap();
    let (head, tail) = code.split_at(3);
    let spaced = format!(" {head} {tail}\t");
    // The code before it is in the window too, and older than the one that was taken.
    for again in [code, spaced, app.code(at(30))] {
        let pending = index.pending("ada", at(61)).await;
        refused(index.factor(&pending, totp(&again), at(61)).await, Kind::Invalid);
    }
    let pending = index.pending("ada", at(62)).await;
    assert!(index.factor(&pending, totp(&app.code(at(90))), at(62)).await.is_ok());
}

async fn a_code_is_good_once_on_two_replicas_at_once(index: Index) {
    let ada = index.add("ada").await;
    let (app, _) = index.set_up(ada, at(0)).await;
    let pending = index.pending("ada", at(60)).await;
    let now = visit(at(60));
    let code = app.code(at(60));
    let enter = |db| {
        let how = (totp(&code), false);
        log_in::with_second_factor(db, &index.key, HOURS, &now, &pending, how)
    };
    let (one, two) = tokio::join!(enter(&index.db), enter(&index.other));
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1);
    assert_eq!(index.count(ada, Tag::LoginSuccess).await, 1);
}

async fn a_recovery_code_is_good_once(index: Index) {
    let ada = index.add("ada").await;
    let (_, codes) = index.set_up(ada, at(0)).await;
    let pending = index.pending("ada", at(60)).await;
    let typed = codes[0].to_uppercase();
    let (head, tail) = typed.split_at(8);
    let typed = format!("{head} {tail}");
    let entered = index.factor(&pending, recovery(&typed), at(60)).await.unwrap();
    assert_eq!(entered.method, Method::RecoveryCode);
    let pending = index.pending("ada", at(61)).await;
    refused(index.factor(&pending, recovery(&codes[0]), at(61)).await, Kind::Invalid);
    assert_eq!(index.events(ada).await[0].detail()["reason"], "burned_recovery_code");
    refused(index.factor(&pending, recovery("0123456789abcdef"), at(61)).await, Kind::Invalid);
    assert_eq!(index.events(ada).await[0].detail()["reason"], "invalid_recovery_code");
    assert_eq!(index.read(move |c| Ok(state(c, ada)?.left)).await, 6);
    // New codes take the place of the old ones.
    let new = set_up::make_codes(&index.db, &visit(at(62)), ada).await.unwrap();
    refused(index.factor(&pending, recovery(&codes[1]), at(62)).await, Kind::Invalid);
    assert!(index.factor(&pending, recovery(&new.reveal()[7]), at(62)).await.is_ok());
    assert_eq!(index.count(ada, Tag::CodesRegenerated).await, 1);
}

async fn a_recovery_code_is_good_once_on_two_replicas_at_once(index: Index) {
    let ada = index.add("ada").await;
    let (_, codes) = index.set_up(ada, at(0)).await;
    let pending = index.pending("ada", at(60)).await;
    let now = visit(at(60));
    let enter = |db| {
        let how = (recovery(&codes[0]), true);
        log_in::with_second_factor(db, &index.key, HOURS, &now, &pending, how)
    };
    let (one, two) = tokio::join!(enter(&index.db), enter(&index.other));
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1);
    // The one for the confirmation, and one here.
    assert_eq!(index.count(ada, Tag::CodeUsed).await, 2);
}

async fn a_pending_login_ends_with_time_and_with_the_next_login(index: Index) {
    let ada = index.add("ada").await;
    let (app, _) = index.set_up(ada, at(0)).await;
    let late = index.pending("ada", at(60)).await;
    let code = app.code(at(360));
    refused(index.factor(&late, totp(&code), at(360)).await, Kind::SignInNeeded);
    let (first, second) =
        (index.pending("ada", at(400)).await, index.pending("ada", at(400)).await);
    index.factor(&second, totp(&app.code(at(400))), at(400)).await.unwrap();
    let code = app.code(at(430));
    refused(index.factor(&first, totp(&code), at(430)).await, Kind::SignInNeeded);
    // Nor does one of another purpose or of nobody work.
    let stranger = cheeseshop::secret::Ticket::generate();
    refused(index.factor(&stranger, totp(&code), at(430)).await, Kind::SignInNeeded);
}

async fn what_comes_before_the_app(index: Index) {
    let ada = index.add("ada").await;
    let bob = index.add("bob").await;
    let user = index.user(ada).await;
    let offer = set_up::offer(&index.key, "Cheese", &user).unwrap();
    let app = super::App::scan(&offer.uri);
    let code = app.code(at(0));
    let form = (offer.sealed.as_str(), code.as_str());
    let now = visit(at(0));
    let enable = async |id| set_up::enable(&index.db, &index.key, &now, id, form).await;
    refused(enable(ada).await, Kind::Forbidden);
    let codes = set_up::make_codes(&index.db, &now, ada).await.unwrap();
    refused(enable(ada).await, Kind::Forbidden);
    let first = &codes.reveal()[0];
    set_up::confirm_codes(&index.db, &index.key, &now, ada, first).await.unwrap();
    // The offer is for one account.
    refused(enable(bob).await, Kind::Invalid);
    enable(ada).await.unwrap();
    let stored = index.user(ada).await.totp_secret.unwrap();
    assert!(!stored.contains(&offer.text) && stored != offer.sealed);
    // The code that proved it is used up.
    let pending = index.pending("ada", at(1)).await;
    refused(index.factor(&pending, totp(&code), at(1)).await, Kind::Invalid);
}

async fn a_clock_that_is_off_is_named_while_setting_up_only(index: Index) {
    let ada = index.add("ada").await;
    let (app, _) = index.set_up(ada, at(0)).await;
    let pending = index.pending("ada", at(60)).await;
    let late = index.factor(&pending, totp(&app.code(at(150))), at(60)).await;
    assert!(!refused(late, Kind::Invalid).detail().contains("clock"));
    let offer = set_up::offer(&index.key, "Cheese", &index.user(ada).await).unwrap();
    let code = super::App::scan(&offer.uri).code(at(150));
    let now = visit(at(60));
    let form = (offer.sealed.as_str(), code.as_str());
    let off = set_up::enable(&index.db, &index.key, &now, ada, form).await;
    assert!(refused(off, Kind::Invalid).detail().contains("90 seconds fast"));
    let again = set_up::reoffer(&index.key, "Cheese", &index.user(ada).await, &offer.sealed);
    assert_eq!(again.unwrap().uri, offer.uri);
}

async fn a_remembered_device_skips_the_code_and_nothing_else(index: Index) {
    let ada = index.add("ada").await;
    index.add("bob").await;
    let (app, codes) = index.set_up(ada, at(0)).await;
    let pending = index.pending("ada", at(60)).await;
    let now = visit(at(60));
    let how = (totp(&app.code(at(60))), true);
    let entered = log_in::with_second_factor(&index.db, &index.key, HOURS, &now, &pending, how)
        .await
        .unwrap();
    let device = entered.device.unwrap();
    let enter = async |password, now| {
        let who = ("ada", password);
        log_in::with_password(&index.db, HOURS, &visit(now), who, Some(&device)).await
    };
    let day = 24 * 3600;
    assert!(matches!(enter(PASSWORD, at(29 * day)).await, Ok(Step::In(_))));
    assert!(matches!(enter(PASSWORD, at(31 * day)).await, Ok(Step::SecondFactor(_))));
    refused(enter("wrong", at(100)).await, Kind::Forbidden);
    let devices = index.read(move |c| Ok(Device::of(c, ada, at(100))?)).await;
    assert_eq!(devices.len(), 1);
    let user = index.user(ada).await;
    let bob = index.add("carl").await;
    let carl = index.user(bob).await;
    let forget = async |user, id| set_up::forget_device(&index.db, &now, user, id).await.unwrap();
    assert_eq!(forget(&carl, Some(devices[0].id)).await, 0);
    assert_eq!(forget(&user, Some(devices[0].id)).await, 1);
    assert!(matches!(enter(PASSWORD, at(110)).await, Ok(Step::SecondFactor(_))));
    assert_eq!(index.count(ada, Tag::DeviceForgotten).await, 1);
    drop(codes);
}

async fn who_is_stopped_is_remembered_nowhere(index: Index) {
    let ada = index.add("ada").await;
    let (app, _) = index.set_up(ada, at(0)).await;
    let pending = index.pending("ada", at(60)).await;
    let (now, how) = (visit(at(60)), (totp(&app.code(at(60))), true));
    let entered = log_in::with_second_factor(&index.db, &index.key, HOURS, &now, &pending, how);
    let device = entered.await.unwrap().device.unwrap();
    for is_stopped in [true, false] {
        standing::set_disabled(&index.db, &order(at(70)), ada, is_stopped).await.unwrap();
    }
    let who = ("ada", PASSWORD);
    let step = log_in::with_password(&index.db, HOURS, &visit(at(80)), who, Some(&device)).await;
    assert!(matches!(step, Ok(Step::SecondFactor(_))));
}

async fn turning_it_off_takes_a_code(index: Index) {
    let ada = index.add("ada").await;
    let (app, codes) = index.set_up(ada, at(0)).await;
    let off =
        async |factor, now| set_up::disable(&index.db, &index.key, &visit(now), ada, factor).await;
    refused(off(totp("000000"), at(60)).await, Kind::Invalid);
    off(totp(&app.code(at(60))), at(60)).await.unwrap();
    index.log_in("ada", at(61)).await;
    refused(off(totp(&app.code(at(90))), at(90)).await, Kind::Conflict);
    refused(off(recovery(&codes[0]), at(90)).await, Kind::Conflict);
    assert_eq!(index.read(move |c| Ok(state(c, ada)?.made)).await, 0);
    let (_, codes) = index.set_up(ada, at(300)).await;
    off(recovery(&codes[0]), at(360)).await.unwrap();
    index.set_up(ada, at(600)).await;
    assert!(set_up::reset(&index.db, &order(at(700)), ada).await.unwrap());
    index.log_in("ada", at(701)).await;
    assert_eq!(index.count(ada, Tag::MethodRemoved).await, 3);
}
