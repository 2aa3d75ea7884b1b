//! What the `Authorization` header says.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::secret::PlainToken;

/// The user name under which an API token is sent.
const TOKEN_USER: &str = "__token__";

const LENIENT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Credentials as sent, not yet checked.
pub enum Credentials {
    /// None at all.
    None,
    /// An API token.
    Token(PlainToken),
    /// A user name and a password.
    Password(String, String),
    /// A header that cannot be understood.
    Malformed,
}

impl Credentials {
    /// Reads the header.
    pub fn of(request: &HttpRequest) -> Self {
        let Some(header) = request.headers().get(AUTHORIZATION) else { return Self::None };
        header.to_str().ok().and_then(Self::parse).unwrap_or(Self::Malformed)
    }

    fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once(' ')?;
        match scheme.to_ascii_lowercase().as_str() {
            "bearer" | "token" => PlainToken::parse(rest).map(Self::Token),
            "basic" => Self::parse_basic(rest.trim()),
            _ => None,
        }
    }

    fn parse_basic(encoded: &str) -> Option<Self> {
        let bytes = LENIENT_BASE64.decode(encoded).ok()?;
        // Python clients that cannot use UTF-8 here fall back to Latin-1.
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| error.as_bytes().iter().copied().map(char::from).collect());
        let (user, password) = text.split_once(':')?;
        match user {
            TOKEN_USER => PlainToken::parse(password).map(Self::Token),
            user => Some(Self::Password(user.to_owned(), password.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn kind(header: &str) -> &'static str {
        match Credentials::parse(header) {
            Some(Credentials::Token(_)) => "token",
            Some(Credentials::Password(..)) => "password",
            Some(Credentials::None | Credentials::Malformed) => "none",
            None => "malformed",
        }
    }

    fn basic(pair: &[u8]) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    #[test]
    fn all_ways_to_send_credentials() {
        assert_eq!(kind(&basic(b"__token__:pypi-abc")), "token");
        assert_eq!(kind(&basic(b"__token__: pypi-abc\n")), "token");
        assert_eq!(kind(&basic(b"ada:a:b")), "password");
        assert_eq!(kind(&basic("ada:pässword".as_bytes())), "password");
        assert_eq!(kind(&basic(b"ada:p\xe4ss")), "password");
        assert_eq!(kind(basic(b"ada:pw1").trim_end_matches('=')), "password");
        assert_eq!(kind("bearer pypi-abc"), "token");
        assert_eq!(kind("token pypi-abc"), "token");
        for bad in [
            "",
            "Basic",
            "Basic !!!",
            &basic(b"nocolon"),
            &basic(b"__token__:hunter2"),
            "Digest x",
            "Bearer hunter2",
        ] {
            assert_eq!(kind(bad), "malformed", "{bad}");
        }
    }
}
