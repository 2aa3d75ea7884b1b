//! The mails about lapsed domains.

use askama::Template;

use super::queue;
use crate::accounts::Visit;
use crate::accounts::email::Email;
use crate::accounts::unverify::Why;
use crate::accounts::user::User;
use crate::db::Conn;
use crate::error::Result;

#[derive(Template)]
#[template(path = "mail/lapsed.txt")]
struct Lapsed<'a> {
    username: &'a str,
    address: &'a str,
    reason: &'a str,
    has_second_factor: bool,
}

#[derive(Template)]
#[template(path = "mail/brake.txt")]
struct Brake<'a> {
    username: &'a str,
    domains: i64,
    checked: i64,
    examples: &'a [String],
}

/// Tells the owner, by all verified addresses that are left, that another one is verified no more.
pub(in crate::accounts) fn tell_owner(
    c: &mut Conn,
    visit: &Visit,
    user: &User,
    address: &str,
    why: Why,
) -> Result<()> {
    let letter = Lapsed {
        username: &user.username,
        address,
        reason: why.words(),
        has_second_factor: user.has_second_factor(),
    };
    for to in Email::of(c, user.id)?.iter().filter(|email| email.is_trusted()) {
        queue(c, visit, &to.address, "An address is verified no more", &letter)?;
    }
    Ok(())
}

/// Tells all administrators, by their verified primary addresses, that the brake stopped a sweep.
pub fn tell_of_brake(
    c: &mut Conn,
    visit: &Visit,
    (domains, checked): (i64, i64),
    examples: &[String],
) -> Result<()> {
    for user in User::administrators(c)? {
        let letter = Brake { username: &user.username, domains, checked, examples };
        let primary = Email::primary(c, user.id)?.filter(|email| email.verified_at.is_some());
        if let Some(to) = primary {
            queue(c, visit, &to.address, "A sweep of domains was stopped", &letter)?;
        }
    }
    Ok(())
}
