//! Where files are addressed: what stands between `/packages/` and the file name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::packaging::{Blake2b256, Sha256};

/// Bytes of a digest.
const BYTES: usize = 32;
/// The folder of files whose index does not address them as this one does.
const OTHER: &str = "u";
/// Digits of the first two folders.
const SHORT: usize = 2;

/// The folders of a file's URL below `/packages/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Address {
    /// `aa/bb/{60 digits}`: a file hosted here by its BLAKE2b-256; a mirrored one where the index
    /// it comes from has it, so that URLs in lock files can be translated both ways.
    Cut([u8; BYTES]),
    /// `u/{64 digits}`: a mirrored file whose index has other paths.
    Other([u8; BYTES]),
}

impl Address {
    /// That of a file hosted here.
    pub fn of(blob: &Blake2b256) -> Self {
        Self::Cut(bytes_of(blob.as_str()).unwrap_or_default())
    }

    /// That of a mirrored file whose index has other paths, by its digest or that of its URL.
    pub fn other(digest: &Sha256) -> Self {
        Self::Other(bytes_of(digest.as_str()).unwrap_or_default())
    }

    /// The digits of its digest.
    pub fn digits(self) -> String {
        let (Self::Cut(digest) | Self::Other(digest)) = self;
        hex::encode(digest)
    }

    /// Reads the folders, lower-case as they are written; `None` where they are no address.
    pub fn parse(folders: &[&str]) -> Option<Self> {
        match folders {
            [OTHER, digits] => bytes_of(digits).map(Self::Other),
            [first, second, rest] if first.len() == SHORT && second.len() == SHORT => {
                let mut bytes = [0; BYTES];
                let (one, others) = bytes.split_at_mut_checked(1)?;
                let (two, others) = others.split_at_mut_checked(1)?;
                let is_read = read(first, one) && read(second, two) && read(rest, others);
                is_read.then_some(Self::Cut(bytes))
            }
            _ => None,
        }
    }
}

fn bytes_of(digits: &str) -> Option<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    read(digits, &mut bytes).then_some(bytes)
}

/// Reads lower-case digits for exactly these bytes; returns whether they are such digits.
fn read(digits: &str, bytes: &mut [u8]) -> bool {
    let is_lower = !digits.bytes().any(|digit| digit.is_ascii_uppercase());
    is_lower && hex::decode_to_slice(digits, bytes).is_ok()
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(digest) => write!(f, "{OTHER}/{}", hex::encode(digest)),
            Self::Cut(digest) => {
                let digits = hex::encode(digest);
                let (first, rest) = digits.split_at_checked(SHORT).unwrap_or_default();
                let (second, rest) = rest.split_at_checked(SHORT).unwrap_or_default();
                write!(f, "{first}/{second}/{rest}")
            }
        }
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

impl TryFrom<String> for Address {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let folders: Vec<_> = text.split('/').collect();
        Self::parse(&folders).ok_or("this is no address of a file")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_is_written() {
        let (short, long) = ("ab".repeat(30), "ab".repeat(32));
        for text in [format!("ab/ab/{short}"), format!("u/{long}")] {
            let folders: Vec<_> = text.split('/').collect();
            let address = Address::parse(&folders);
            assert_eq!(address.map(|it| it.to_string()), Some(text));
        }
        let upper = "AB".repeat(30);
        for bad in [
            vec![],
            vec!["ab", "ab"],
            vec!["u", &short],
            vec!["a", "bab", &short],
            vec!["ab", "ab", &upper],
            vec!["ab", "ab", &short, "x"],
            vec!["é", "ab", &short],
        ] {
            assert_eq!(Address::parse(&bad), None, "{bad:?}");
        }
    }
}
