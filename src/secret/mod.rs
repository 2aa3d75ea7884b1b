//! Secrets: those that the server hands out, shown once and kept only as a digest, the key of the
//! index itself, and where such things lie.

mod master_key;
mod private;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

pub use master_key::{MasterKey, Purpose};
pub use private::{make_file, make_folder};

/// Random bytes behind a secret: 256 bits, so that guessing is hopeless and a plain SHA-256
/// is digest enough.
const SECRET_BYTES: usize = 32;

/// The prefix by which clients and secret scanners know an API token of a Python index.
pub const TOKEN_PREFIX: &str = "pypi-";

/// An API token in the clear. It has no `Debug` and no `Display`: the only way out is
/// [`PlainToken::reveal`], called where the token is shown once.
pub struct PlainToken(String);

impl PlainToken {
    /// A new token from the system's random source.
    pub fn generate() -> Self {
        let bytes: [u8; SECRET_BYTES] = rand::random();
        Self(format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// What a client sent, if it has the form of a token; blanks around it are dropped.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let rest = text.strip_prefix(TOKEN_PREFIX)?;
        (!rest.is_empty() && text.is_ascii()).then(|| Self(text.to_owned()))
    }

    /// What the database keeps.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(hex::encode(Sha256::digest(self.0.as_bytes())))
    }

    /// The token itself, to be shown to its owner once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// What a session, a mailed link, an invitation or a remembered device is known by: unguessable,
/// and given to one browser or mail box only. No `Debug` and no `Display`.
#[derive(Clone)]
pub struct Ticket(String);

impl Ticket {
    /// A new one from the system's random source.
    pub fn generate() -> Self {
        let bytes: [u8; SECRET_BYTES] = rand::random();
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What a browser sent, if it has the form of a ticket.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).ok()?;
        (bytes.len() == SECRET_BYTES).then(|| Self(text.trim().to_owned()))
    }

    /// What the database keeps.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(hex::encode(Sha256::digest(self.0.as_bytes())))
    }

    /// The ticket itself, for the cookie or the link that carries it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// The SHA-256 of a token or ticket, in hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenDigest(String);

impl TokenDigest {
    /// The digest as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_again_by_its_digest() {
        let token = PlainToken::generate();
        let sent = PlainToken::parse(&format!(" {}\n", token.reveal()));
        assert!(sent.is_some_and(|sent| sent.digest() == token.digest()));
    }

    #[test]
    fn a_ticket_is_found_again_and_nothing_else_is_one() {
        let ticket = Ticket::generate();
        let sent = Ticket::parse(&format!("{} ", ticket.reveal()));
        assert!(sent.is_some_and(|sent| sent.digest() == ticket.digest()));
        for bad in ["", "abc", &"A".repeat(42), &"A".repeat(44), &"\u{e9}".repeat(43)] {
            assert!(Ticket::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn what_is_not_a_token_is_none() {
        for bad in ["", "pypi-", "hunter2", "PYPI-abc", "pypi-é"] {
            assert!(PlainToken::parse(bad).is_none(), "{bad}");
        }
    }
}
