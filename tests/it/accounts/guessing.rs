//! Guessing: from one network and from many, by those who are known and by strangers; and that
//! nobody keeps others from being hashed.

use cheeseshop::accounts::log_in::{self, Step};
use cheeseshop::accounts::throttle::{self, Counted, Kind as Limited};
use cheeseshop::accounts::{hashes, reset, set_up, sign_in};
use cheeseshop::error::Kind;
use cheeseshop::secret::Ticket;

use super::{HOURS, Index, PASSWORD, at, from, on_both, recovery, refused, totp, visit};

on_both!(
    guesses_of_others_keep_no_remembered_device_out,
    guesses_of_others_keep_no_session_from_its_password,
    wrong_passwords_in_all_keep_strangers_out_and_no_device,
    who_is_known_has_a_limit_too,
    who_hangs_up_has_guessed_all_the_same,
    codes_from_one_network_are_limited_over_all_accounts,
    recovery_codes_from_many_networks_are_limited_by_account,
    resets_from_one_network_are_limited_over_all_names,
    a_right_password_is_hashed_so_often_and_no_more,
    recovery_codes_are_made_so_often_and_no_more,
    a_password_of_a_program_is_hashed_once_a_network,
    a_password_of_a_program_is_hashed_once_for_all_who_wait,
    what_was_checked_is_no_way_around_the_limits,
);

const WRONG: &str = "not the password";

/// An address of its own for each number.
fn network(number: usize) -> String {
    format!("2001:db8:1:{number:x}::1")
}

/// The browser of somebody whose device the account remembers.
async fn device(index: &Index, name: &str) -> Ticket {
    let id = index.add(name).await;
    let (app, _) = index.set_up(id, at(0)).await;
    let pending = index.pending(name, at(60)).await;
    let how = (totp(&app.code(at(60))), true);
    let (db, now) = (&index.db, visit(at(60)));
    let entered = log_in::with_second_factor(db, &index.key, HOURS, &now, &pending, how).await;
    entered.unwrap().device.unwrap()
}

/// A login from that network; with the device, if there is one.
async fn enter(
    index: &Index,
    (name, password): (&str, &str),
    number: usize,
    device: Option<&Ticket>,
) -> cheeseshop::error::Result<Step> {
    let visit = from(&network(number), at(100));
    log_in::with_password(&index.db, HOURS, &visit, (name, password), device).await
}

async fn guesses_of_others_keep_no_remembered_device_out(index: Index) {
    let known = device(&index, "ada").await;
    let other = device(&index, "bob").await;
    for number in 0..10 {
        refused(enter(&index, ("ada", WRONG), number, None).await, Kind::Forbidden);
    }
    refused(enter(&index, ("ada", PASSWORD), 20, None).await, Kind::TooMany);
    // Neither a device of somebody else nor one that is made up helps.
    refused(enter(&index, ("ada", PASSWORD), 21, Some(&other)).await, Kind::TooMany);
    let made_up = Ticket::generate();
    refused(enter(&index, ("ada", PASSWORD), 22, Some(&made_up)).await, Kind::TooMany);
    let entered = enter(&index, (" ADA ", PASSWORD), 23, Some(&known)).await;
    assert!(matches!(entered, Ok(Step::In(_))));
}

async fn guesses_of_others_keep_no_session_from_its_password(index: Index) {
    index.add("ada").await;
    let session = index.log_in("ada", at(0)).await;
    for number in 0..10 {
        refused(enter(&index, ("ada", WRONG), number, None).await, Kind::Forbidden);
    }
    refused(enter(&index, ("ada", PASSWORD), 20, None).await, Kind::TooMany);
    let (session, user) = index.current(&session, at(100)).await.unwrap();
    let here = from(&network(30), at(100));
    log_in::again(&index.db, &here, (&session, &user), PASSWORD).await.unwrap();
    // The network of the session is judged as any other.
    for name in 0..10 {
        let guess = (&*format!("user{name}"), WRONG);
        refused(enter(&index, guess, 30, None).await, Kind::Forbidden);
    }
    refused(log_in::again(&index.db, &here, (&session, &user), PASSWORD).await, Kind::TooMany);
}

async fn wrong_passwords_in_all_keep_strangers_out_and_no_device(index: Index) {
    let known = device(&index, "ada").await;
    let flood = |c: &mut _| {
        for _ in 0..1000 {
            throttle::count(c, &[Counted::all(Limited::LoginAll)], at(100))?;
        }
        Ok(())
    };
    index.db.write(flood).await.unwrap();
    refused(enter(&index, ("ada", PASSWORD), 1, None).await, Kind::TooMany);
    assert!(matches!(enter(&index, ("ada", PASSWORD), 1, Some(&known)).await, Ok(Step::In(_))));
}

async fn who_is_known_has_a_limit_too(index: Index) {
    let known = device(&index, "ada").await;
    for number in 0..10 {
        refused(enter(&index, ("ada", WRONG), number, Some(&known)).await, Kind::Forbidden);
    }
    refused(enter(&index, ("ada", PASSWORD), 20, Some(&known)).await, Kind::TooMany);
    // What it guessed counts for it alone.
    assert!(matches!(enter(&index, ("ada", PASSWORD), 21, None).await, Ok(Step::SecondFactor(_))));
}

/// Nobody waits for the answer any more as soon as the password is being hashed.
async fn who_hangs_up_has_guessed_all_the_same(index: Index) {
    index.add("ada").await;
    let visit = from(&network(1), at(100));
    for _ in 0..10 {
        let before = hashes();
        let guess = log_in::with_password(&index.db, HOURS, &visit, ("ada", WRONG), None);
        let mut guess = Box::pin(guess);
        while hashes() == before {
            assert!(futures_util::poll!(&mut guess).is_pending());
            tokio::task::yield_now().await;
        }
        drop(guess);
    }
    let is_counted = async || {
        let (counted, now) = (Counted::login("ada", &visit), visit.at);
        index.db.read(move |c| throttle::check(c, &counted, now)).await.is_err()
    };
    while !is_counted().await {
        tokio::task::yield_now().await;
    }
    refused(enter(&index, ("ada", PASSWORD), 1, None).await, Kind::TooMany);
}

async fn codes_from_one_network_are_limited_over_all_accounts(index: Index) {
    let guess = async |name: &str, address: &str| {
        let pending = index.pending(name, at(60)).await;
        let (here, how) = (from(address, at(60)), (totp("12 34 56"), false));
        log_in::with_second_factor(&index.db, &index.key, HOURS, &here, &pending, how).await
    };
    for (name, guesses) in [("ada", 4), ("bob", 4), ("carl", 2)] {
        let id = index.add(name).await;
        index.set_up(id, at(0)).await;
        for number in 0..guesses {
            // One customer has many addresses, and is one network.
            let address = format!("2001:db8:9:9::{number:x}");
            refused(guess(name, &address).await, Kind::Invalid);
        }
    }
    refused(guess("carl", "2001:db8:9:9::ffff").await, Kind::TooMany);
    refused(guess("carl", "2001:db8:9:a::1").await, Kind::Invalid);
}

async fn recovery_codes_from_many_networks_are_limited_by_account(index: Index) {
    let ada = index.add("ada").await;
    let (_, codes) = index.set_up(ada, at(0)).await;
    let guess = async |code: &str, number: usize, now: i64| {
        let pending = index.pending("ada", at(now)).await;
        let (here, how) = (from(&network(number), at(now)), (recovery(code), false));
        log_in::with_second_factor(&index.db, &index.key, HOURS, &here, &pending, how).await
    };
    for number in 0..5 {
        refused(guess(&format!("{number:016x}"), number, 60).await, Kind::Invalid);
    }
    let before = hashes();
    let over = refused(guess(&codes[0], 9, 61).await, Kind::TooMany);
    // The password before it was hashed; the code is refused without.
    assert_eq!(hashes() - before, 1);
    let after = 61 + i64::try_from(over.wait().unwrap().as_secs()).unwrap();
    guess(&codes[0], 9, after).await.unwrap();
}

async fn resets_from_one_network_are_limited_over_all_names(index: Index) {
    let ask = async |number: usize, name: &str| {
        reset::admit(&index.db, &from(&network(number), at(0)), name).await
    };
    for number in 0..10 {
        ask(1, &format!("user{number}")).await.unwrap();
    }
    refused(ask(1, "ada").await, Kind::TooMany);
    ask(2, "ada").await.unwrap();
}

async fn a_right_password_is_hashed_so_often_and_no_more(index: Index) {
    index.add("ada").await;
    index.add("bob").await;
    index.log_in("ada", at(100)).await;
    let many = |c: &mut _| {
        for _ in 1..300 {
            throttle::count(c, &[Counted::right_password("ada")], at(100))?;
        }
        Ok(())
    };
    index.db.write(many).await.unwrap();
    let before = hashes();
    let over = refused(enter(&index, ("ADA", PASSWORD), 1, None).await, Kind::TooMany);
    assert_eq!((over.reason(), hashes() - before), ("Too many logins to this account", 0));
    index.log_in("bob", at(100)).await;
    let after = 100 + i64::try_from(over.wait().unwrap().as_secs()).unwrap();
    index.log_in("ada", at(after)).await;
}

async fn recovery_codes_are_made_so_often_and_no_more(index: Index) {
    let (ada, bob) = (index.add("ada").await, index.add("bob").await);
    let make = async |id, now| set_up::make_codes(&index.db, &visit(now), id).await;
    for _ in 0..10 {
        make(ada, at(0)).await.unwrap();
    }
    let before = hashes();
    let over = refused(make(ada, at(1)).await, Kind::TooMany);
    assert_eq!(hashes(), before);
    make(bob, at(1)).await.unwrap();
    make(ada, at(1 + i64::try_from(over.wait().unwrap().as_secs()).unwrap())).await.unwrap();
}

async fn a_password_of_a_program_is_hashed_once_a_network(index: Index) {
    index.add("ada").await;
    let hashed = async |number: usize| {
        let before = hashes();
        let here = from(&network(number), at(0));
        sign_in::by_password(&index.db, &here, "ada", PASSWORD).await.unwrap();
        hashes() - before
    };
    let found = [hashed(1).await, hashed(1).await, hashed(2).await, hashed(2).await];
    assert_eq!(found, [1, 0, 1, 0]);
}

/// As many files are uploaded at once.
async fn a_password_of_a_program_is_hashed_once_for_all_who_wait(index: Index) {
    index.add("ada").await;
    let (here, before) = (from(&network(1), at(0)), hashes());
    let all = (0..20).map(|_| sign_in::by_password(&index.db, &here, "ada", PASSWORD));
    for entered in futures_util::future::join_all(all).await {
        entered.unwrap();
    }
    // No more than hash at the same time.
    assert!((1..=2).contains(&(hashes() - before)), "{}", hashes() - before);
}

async fn what_was_checked_is_no_way_around_the_limits(index: Index) {
    index.add("ada").await;
    let try_in = async |password: &str, number: usize| {
        sign_in::by_password(&index.db, &from(&network(number), at(0)), "ada", password).await
    };
    try_in(PASSWORD, 1).await.unwrap();
    for number in 10..20 {
        refused(try_in(WRONG, number).await, Kind::Forbidden);
    }
    // Elsewhere the right password is not told from wrong ones any more; where it was right a
    // moment ago it works on,
    refused(try_in(PASSWORD, 30).await, Kind::TooMany);
    try_in(PASSWORD, 1).await.unwrap();
    // until too much is guessed from there.
    for number in 0..10 {
        let here = from(&network(1), at(0));
        let guess = sign_in::by_password(&index.db, &here, &format!("user{number}"), WRONG).await;
        refused(guess, Kind::Forbidden);
    }
    refused(try_in(PASSWORD, 1).await, Kind::TooMany);
}
