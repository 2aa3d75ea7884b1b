//! Addresses to link to: `Home-page`, `Download-URL` and `Project-URL`.
//! Source: <https://packaging.python.org/en/latest/specifications/core-metadata/#project-url>

/// Longest label, in characters.
const LONGEST_LABEL: usize = 32;

/// What a link may begin with: all else is no page, or runs code.
const SCHEMES: [&str; 2] = ["http", "https"];

/// Why a text is no address to link to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Another scheme, or none.
    #[error("a URL must begin with https:// or http://")]
    Scheme,
    /// Nothing before the comma.
    #[error("a label must stand before the URL: label, https://example.org/")]
    NoLabel,
    /// Too many characters before the comma.
    #[error("the label is longer than {LONGEST_LABEL} characters")]
    LongLabel,
    /// Nothing behind the comma, or no comma.
    #[error("a URL must stand behind the label: label, https://example.org/")]
    NoUrl,
}

/// Checks an address. What stands behind the scheme is left to browsers: real addresses have
/// everything in them.
pub(super) fn check(text: &str) -> Result<(), UrlError> {
    let is_link = text.split_once(':').is_some_and(|(scheme, rest)| {
        SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme)) && !rest.is_empty()
    });
    is_link.then_some(()).ok_or(UrlError::Scheme)
}

/// Checks a label with an address, `Label, URL`.
pub(super) fn check_labelled(text: &str) -> Result<(), UrlError> {
    let (label, url) = text.split_once(',').unwrap_or((text, ""));
    let (label, url) = (label.trim(), url.trim());
    match label.chars().count() {
        0 => Err(UrlError::NoLabel),
        count if count > LONGEST_LABEL => Err(UrlError::LongLabel),
        _ if url.is_empty() => Err(UrlError::NoUrl),
        _ => check(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("https://example.org/", Ok(())),
            ("HTTP://user@example.org:99/a b?c=[1]#d", Ok(())),
            ("https://例え.jp/é", Ok(())),
            ("http://localhost", Ok(())),
            ("https:", Err(UrlError::Scheme)),
            ("ftp://example.org/", Err(UrlError::Scheme)),
            ("javascript:alert(1)", Err(UrlError::Scheme)),
            ("git@example.org:a/b", Err(UrlError::Scheme)),
            ("www.example.org", Err(UrlError::Scheme)),
            ("", Err(UrlError::Scheme)),
        ] {
            assert_eq!(check(text), expected, "{text}");
        }
    }

    #[test]
    fn labelled_addresses() {
        let label = |length| format!("{}, https://a/", "é".repeat(length));
        assert_eq!(check_labelled(&label(LONGEST_LABEL)), Ok(()));
        assert_eq!(check_labelled(&label(LONGEST_LABEL + 1)), Err(UrlError::LongLabel));
        for (text, expected) in [
            ("Docs,https://a/b,c", Ok(())),
            ("Bug Tracker , https://a/", Ok(())),
            (", https://a/", Err(UrlError::NoLabel)),
            ("https://a/", Err(UrlError::NoUrl)),
            ("Docs,", Err(UrlError::NoUrl)),
            ("Docs, docs.example.org", Err(UrlError::Scheme)),
        ] {
            assert_eq!(check_labelled(text), expected, "{text}");
        }
    }
}
