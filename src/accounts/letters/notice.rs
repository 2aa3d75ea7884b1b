//! Mails about what has happened to an account.

use askama::Template;

use super::queue;
use crate::accounts::Visit;
use crate::accounts::email::Email;
use crate::accounts::token::Scope;
use crate::accounts::user::User;
use crate::db::{Conn, UserId};
use crate::error::Result;
use crate::time;

/// With fewer recovery codes than this it is time for new ones.
const FEW_CODES: usize = 3;

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::accounts) enum By {
    /// The owner, who was logged in.
    Owner,
    /// Somebody with a link that was mailed to the owner.
    Link,
    /// An administrator or the operator.
    Administrator,
}

/// What has happened.
#[derive(Debug, Clone, Copy)]
pub(in crate::accounts) enum Notice<'a> {
    /// The password is another one.
    PasswordChanged { by: By },
    /// Logins ask for a code.
    SecondFactorOn,
    /// Logins ask for none any more.
    SecondFactorOff { by: By },
    /// There are new recovery codes.
    CodesMade,
    /// One was used.
    CodeUsed { left: usize },
    /// There is a new API token.
    TokenMade { label: &'a str, scope: Scope },
    /// An administrator took one away.
    TokenRevoked { label: &'a str },
    /// There is a new address.
    AddressAdded { address: &'a str },
    /// An address is gone.
    AddressRemoved { address: &'a str },
    /// Mails go to another address.
    PrimaryChanged { old: &'a str, new: &'a str },
    /// An administrator has stopped the account.
    Disabled { reason: &'a str },
    /// And lets it work again.
    Enabled,
    /// An administrator has said that an address is the owner's.
    AddressVerified { address: &'a str },
    /// The account administers the index.
    AdministratorMade,
    /// And does so no more.
    AdministratorUnmade,
    /// An administrator has ended its logins.
    SessionsEnded,
}

impl Notice<'_> {
    fn subject(&self) -> &'static str {
        match self {
            Self::PasswordChanged { .. } => "Your password was changed",
            Self::SecondFactorOn => "The second factor is on",
            Self::SecondFactorOff { .. } => "The second factor is off",
            Self::CodesMade => "New recovery codes were made",
            Self::CodeUsed { .. } => "A recovery code was used",
            Self::TokenMade { .. } => "An API token was made",
            Self::TokenRevoked { .. } => "An API token was revoked",
            Self::AddressAdded { .. } => "An address was added",
            Self::AddressRemoved { .. } => "An address was removed",
            Self::PrimaryChanged { .. } => "Your primary address was changed",
            Self::Disabled { .. } => "Your account was disabled",
            Self::Enabled => "Your account works again",
            Self::AddressVerified { .. } => "An address was verified",
            Self::AdministratorMade => "You are an administrator now",
            Self::AdministratorUnmade => "You are no administrator any more",
            Self::SessionsEnded => "Your logins were ended",
        }
    }

    /// Who of the owner's verified addresses, the primary one first, is told. What is not
    /// verified may be somebody else's and is told nothing.
    fn recipients(&self, verified: Vec<String>) -> Vec<String> {
        let but = |one: &str| verified.iter().filter(|it| *it != one).cloned().collect();
        match self {
            Self::AddressAdded { address } => but(address),
            Self::AddressRemoved { .. } => verified,
            // The one that was primary is among them.
            Self::PrimaryChanged { new, .. } => but(new),
            _ => verified.into_iter().take(1).collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "mail/notice.txt")]
struct Letter<'a> {
    notice: Notice<'a>,
    username: &'a str,
    when: String,
    from: Option<String>,
}

/// Queues the mails about what has happened to an account, in the transaction in which it happens.
pub(in crate::accounts) fn notify(
    c: &mut Conn,
    user: &User,
    visit: &Visit,
    notice: Notice<'_>,
) -> Result<()> {
    let letter = Letter {
        notice,
        username: &user.username,
        when: time::for_people(visit.at),
        from: visit.ip_text(),
    };
    for to in notice.recipients(verified(c, user.id)?) {
        queue(c, visit, &to, notice.subject(), &letter)?;
    }
    Ok(())
}

fn verified(c: &mut Conn, user: UserId) -> Result<Vec<String>> {
    let verified = Email::of(c, user)?.into_iter().filter(|email| email.verified_at.is_some());
    Ok(verified.map(|email| email.address).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_says_it_in_plain_sentences() {
        for (notice, expected) in [
            (Notice::PasswordChanged { by: By::Owner }, "was changed. Its other"),
            (Notice::PasswordChanged { by: By::Link }, "through a mailed link"),
            (Notice::SecondFactorOff { by: By::Administrator }, "An administrator has turned"),
            (Notice::CodeUsed { left: 1 }, "One code is left. Make new ones soon."),
            (Notice::CodeUsed { left: 7 }, "was used. 7 codes are left.\n"),
            (
                Notice::TokenMade { label: "<CI> & co", scope: Scope::Read },
                "labelled \"<CI> & co\". It may read, and nothing else.\n",
            ),
            (Notice::TokenMade { label: "", scope: Scope::Upload }, "account ada. It may upload"),
            (Notice::PrimaryChanged { old: "a@b", new: "c@d" }, "is c@d now. It was a@b.\n"),
        ] {
            let from = Some("192.0.2.1".to_owned());
            let letter = Letter { notice, username: "ada", when: "noon".to_owned(), from };
            let text = letter.render().unwrap_or_default();
            assert!(text.contains(expected), "{expected:?} is not in {text:?}");
            assert!(text.contains("\n\nWhen: noon\nFrom: 192.0.2.1\n\nIf you"), "{text:?}");
        }
    }

    #[test]
    fn addresses_that_are_concerned_are_told() {
        let all = || ["a@x", "b@x"].map(str::to_owned).to_vec();
        let told = |notice: Notice<'_>| notice.recipients(all());
        assert_eq!(told(Notice::SecondFactorOn), ["a@x"]);
        assert_eq!(told(Notice::AddressAdded { address: "c@x" }), ["a@x", "b@x"]);
        assert_eq!(told(Notice::PrimaryChanged { old: "a@x", new: "b@x" }), ["a@x"]);
    }
}
