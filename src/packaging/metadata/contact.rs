//! E-mail addresses of authors and maintainers.
//! Source: <https://packaging.python.org/en/latest/specifications/core-metadata/#author-email>

/// Why a text is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// No `@` with something on both sides.
    #[error("it must have an address such as name@example.org")]
    Address,
}

/// Checks that there is an address. The first one counts, as nobody reads further; whether its
/// domain exists or has a dot is not asked, since companies have such as `localhost`. An empty
/// pair of brackets means that there is none, which is allowed.
pub(super) fn check(text: &str) -> Result<(), ContactError> {
    let bracketed = text.split_once('<').map(|(_, behind)| behind.split('>').next());
    let address = bracketed.flatten().unwrap_or(text).trim();
    let has_two_sides = address
        .split_once('@')
        .is_some_and(|(local, domain)| !local.trim().is_empty() && !domain.trim().is_empty());
    if has_two_sides || address.is_empty() { Ok(()) } else { Err(ContactError::Address) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_taken() {
        for text in [
            "a@example.org",
            "Jane Doe <jane@example.org>",
            "\"Doe, Jane\" <jane@example.org>",
            "a@example.org, B <b@example.org>",
            "Łukasz <łukasz@例え.jp>",
            "dev@localhost",
            "a @ example.org",
            "Team <>",
            "a@b@c",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn addresses_that_are_refused() {
        for text in ["Jane Doe", "jane at example dot org", "Jane <jane>", "@", "a@", "@b", "None"]
        {
            assert_eq!(check(text), Err(ContactError::Address), "{text}");
        }
    }
}
