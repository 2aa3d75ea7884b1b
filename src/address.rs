//! A mail address as a value.

mod registrable;

use std::fmt;

/// The longest address that SMTP can carry (RFC 5321 section 4.5.3.1.3, less the angle brackets).
const LONGEST: usize = 254;
/// The longest part before the `@` (RFC 5321 section 4.5.3.1.1).
const LONGEST_LOCAL_PART: usize = 64;

/// A mail address of the plain form `local@domain`, kept as its owner wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address; `None` where it could not be delivered to or would be ambiguous in a
    /// mail header (blanks, controls, quotes, brackets, comments).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@')?;
        let fits = text.len() <= LONGEST && local.len() <= LONGEST_LOCAL_PART;
        (fits && is_local_part(local) && is_domain(domain)).then(|| Self(text.to_owned()))
    }

    /// Who the mails of an index are from where nobody says otherwise.
    pub fn default_sender() -> Self {
        Self("cheeseshop@localhost".to_owned())
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The part of its domain that somebody registers, in its ASCII form; none where there is no
    /// such part.
    pub fn registrable_domain(&self) -> Option<String> {
        registrable::registrable(self.domain())
    }

    /// The address as its owner wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form under which two spellings are the same address: lower case.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_local_part(local: &str) -> bool {
    let allowed = |c: char| {
        !c.is_control() && !c.is_whitespace() && !"()<>[]:;,\\\"@".contains(c) && c != '\u{feff}'
    };
    !local.is_empty()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(allowed)
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_people_have() {
        for good in [
            "a@b.example",
            "first.last+tag@sub.example.org",
            "o'neil@example.com",
            "root@localhost",
        ] {
            assert!(EmailAddress::parse(good).is_some(), "{good}");
        }
    }

    #[test]
    fn the_default_sender_is_an_address() {
        let sender = EmailAddress::default_sender();
        assert_eq!(sender.domain(), "localhost");
        assert_eq!(EmailAddress::parse(sender.as_str()), Some(sender));
    }

    #[test]
    fn addresses_that_would_break_a_mail() {
        let long = format!("{}@example.org", "a".repeat(65));
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a b@c.d",
            "a@b c",
            "a\n@b.c",
            "a@b..c",
            ".a@b.c",
            "\"a\"@b.c",
            "a,b@c.d",
            "a@-b.c",
            &long,
        ] {
            assert!(EmailAddress::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn two_spellings_have_one_key() {
        let key = |text| EmailAddress::parse(text).map(|address| address.key());
        assert_eq!(key("Ada@Example.ORG"), key("ada@example.org"));
    }
}
