//! What would make an account safer: a second factor, and a second address that does not depend
//! on a domain of one's own (a domain that expires can be bought, with all mails to it).

use crate::accounts::email::Email;
use crate::accounts::user::User;
use crate::address::EmailAddress;

/// Providers of mail boxes whose domains will not run out unnoticed.
const KNOWN_PROVIDERS: [&str; 22] = [
    "aol.com",
    "fastmail.com",
    "gmail.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "outlook.com",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "web.de",
    "yahoo.com",
    "zoho.com",
];

/// What is missing.
pub(super) struct Advice {
    /// The second factor.
    pub(super) second_factor: bool,
    /// A second verified address at a known provider.
    pub(super) address: bool,
}

impl Advice {
    /// What is missing, if anything is.
    pub(super) fn of(user: &User, emails: &[Email]) -> Option<Self> {
        let second_factor = !user.has_second_factor();
        let verified = || emails.iter().filter(|email| email.is_trusted());
        let address = verified().count() < 2 || !verified().any(is_at_known_provider);
        (second_factor || address).then_some(Self { second_factor, address })
    }
}

fn is_at_known_provider(email: &Email) -> bool {
    let domain = EmailAddress::parse(&email.address).map(|it| it.domain().to_lowercase());
    domain.is_some_and(|domain| KNOWN_PROVIDERS.contains(&domain.as_str()))
}
