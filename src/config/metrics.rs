//! The token that opens `/metrics`.

use std::fmt;

use sha2::{Digest, Sha256};

use super::value::Setting;

/// Shorter tokens are guessed.
const SHORTEST: usize = 16;

/// A bearer token, kept as its digest only.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken([u8; 32]);

impl BearerToken {
    /// Whether that is what a client sent. Digests are compared, so how long it takes says nothing
    /// about the token.
    pub fn is(&self, sent: &str) -> bool {
        Self::of(sent) == *self
    }

    fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Setting for Option<BearerToken> {
    const IS_SECRET: bool = true;
    const EXPECTED: &'static str = "a secret of at least 16 characters without blanks";

    fn parse(text: &str) -> Option<Self> {
        let fits = text.len() >= SHORTEST && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Some(BearerToken::of(text)))
    }

    fn show(&self) -> String {
        self.as_ref().map_or("(none)", |_| "***").to_owned()
    }
}
