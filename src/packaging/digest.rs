//! Digests of files, each a type of its own so that one cannot be taken for another.

use std::fmt;

macro_rules! digest {
    ($(#[$doc:meta])* $name:ident, $digits:literal) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, PartialEq, Eq, Hash,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub struct $name(String);

        impl $name {
            /// How many hexadecimal digits it has.
            pub const DIGITS: usize = $digits;

            /// Reads hexadecimal digits in either case; `None` where number or kind is off.
            pub fn parse(text: &str) -> Option<Self> {
                let fits = text.len() == Self::DIGITS
                    && text.bytes().all(|digit| digit.is_ascii_hexdigit());
                fits.then(|| Self(text.to_ascii_lowercase()))
            }

            /// The lower-case hexadecimal digits.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The bytes that the digits stand for: half as long, and nothing on the heap.
            pub fn to_bytes(&self) -> [u8; $digits / 2] {
                let mut bytes = [0; $digits / 2];
                // Never fails: `parse` and `from` admit nothing else than so many digits.
                let _ = hex::decode_to_slice(&self.0, &mut bytes);
                bytes
            }
        }

        impl From<[u8; $digits / 2]> for $name {
            fn from(bytes: [u8; $digits / 2]) -> Self {
                Self(hex::encode(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

digest!(
    /// SHA-256: what installers verify.
    Sha256, 64
);
digest!(
    /// BLAKE2b with 256 bits: the address of a file in storage and in URLs.
    Blake2b256, 64
);
digest!(
    /// MD5: kept because PyPI's JSON API lists it; nothing relies on it.
    Md5, 32
);

impl Blake2b256 {
    /// Cut 2/2/60, as storage and URLs have it.
    pub fn cut(&self) -> [&str; 3] {
        // Both cuts fall between ASCII digits: `parse` and `from` admit nothing else.
        let (first, rest) = self.0.split_at_checked(2).unwrap_or_default();
        let (second, rest) = rest.split_at_checked(2).unwrap_or_default();
        [first, second, rest]
    }
}

/// The three digests of one stream of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// SHA-256.
    pub sha256: Sha256,
    /// BLAKE2b-256.
    pub blake2_256: Blake2b256,
    /// MD5.
    pub md5: Md5,
}

/// Takes the three digests while bytes pass by.
#[derive(Default)]
pub struct Digester {
    sha256: sha2::Sha256,
    blake2: blake2::Blake2b<blake2::digest::consts::U32>,
    md5: md5::Md5,
}

impl Digester {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        use sha2::Digest as _;
        self.sha256.update(bytes);
        self.blake2.update(bytes);
        self.md5.update(bytes);
    }

    /// The digests of everything added.
    pub fn finish(self) -> Digests {
        use sha2::Digest as _;
        Digests {
            sha256: <[u8; 32]>::from(self.sha256.finalize()).into(),
            blake2_256: <[u8; 32]>::from(self.blake2.finalize()).into(),
            md5: <[u8; 16]>::from(self.md5.finalize()).into(),
        }
    }

    /// The digests of bytes held in memory.
    pub fn of(bytes: &[u8]) -> Digests {
        let mut digester = Self::default();
        digester.update(bytes);
        digester.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let digests = Digester::of(b"abc");
        assert_eq!(
            digests.sha256.as_str(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            digests.blake2_256.as_str(),
            "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"
        );
        assert_eq!(digests.md5.as_str(), "900150983cd24fb0d6963f7d28e17f72");
    }

    #[test]
    fn reading_minds_length_and_kind_but_not_case() {
        let upper = "AB".repeat(32);
        assert_eq!(Sha256::parse(&upper).map(|d| d.to_string()), Some("ab".repeat(32)));
        assert_eq!(Sha256::parse(&upper).map(|d| d.to_bytes()), Some([0xab; 32]));
        for bad in ["", "ab", &"zz".repeat(32), &"ab".repeat(33)] {
            assert_eq!(Sha256::parse(bad), None);
        }
    }
}
