//! What upstream promises about the bytes of a file: the strongest hash that it names.

use std::collections::BTreeMap;

use sha2::Digest as _;

use crate::packaging::{Blake2b256, Sha256};

/// The hashes that are understood, by the names of Python's `hashlib`, the most trusted first.
/// SHA-256 is before all others: it is what installers verify, and is taken in any case.
const KNOWN: [(&str, Make); 8] = [
    ("sha256", || Box::new(sha2::Sha256::new())),
    ("sha512", || Box::new(sha2::Sha512::new())),
    ("blake2b", || Box::new(blake2::Blake2b512::new())),
    ("sha384", || Box::new(sha2::Sha384::new())),
    ("blake2s", || Box::new(blake2::Blake2s256::new())),
    ("sha224", || Box::new(sha2::Sha224::new())),
    ("sha1", || Box::new(sha1::Sha1::new())),
    ("md5", || Box::new(md5::Md5::new())),
];

type Hash = Box<dyn sha2::digest::DynDigest + Send>;
type Make = fn() -> Hash;

/// A hash that upstream names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    name: &'static str,
    digits: String,
}

impl Promise {
    /// The strongest of these hashes, which stand by the names of `hashlib`; `None` where none of
    /// them is understood.
    pub fn strongest(hashes: &BTreeMap<String, String>) -> Option<Self> {
        KNOWN.iter().find_map(|(name, _)| {
            let digits = hashes.get(*name)?.to_ascii_lowercase();
            Some(Self { name, digits })
        })
    }

    /// That of a SHA-256.
    pub fn sha256(digest: &Sha256) -> Self {
        Self { name: "sha256", digits: digest.as_str().to_owned() }
    }

    /// Whether bytes with this SHA-256 can be those that are promised. Of what is promised by
    /// another algorithm that is not known.
    pub(super) fn allows(&self, digest: &Sha256) -> bool {
        !self.is_sha256() || self.digits == digest.as_str()
    }

    /// Whether it tells the SHA-256, by which bytes are known here.
    pub(super) fn is_sha256(&self) -> bool {
        self.name == "sha256"
    }

    /// The digits of the hash.
    pub(super) fn digits(&self) -> &str {
        &self.digits
    }

    /// Which hash it is.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

/// Takes the digests of a file while it passes by.
pub(super) struct Hasher {
    sha256: sha2::Sha256,
    blake2: blake2::Blake2b<blake2::digest::consts::U32>,
    promised: Option<Hash>,
}

/// The digests of a file.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    pub(super) sha256: Sha256,
    pub(super) blake2_256: Blake2b256,
    promised: Option<String>,
}

impl Hasher {
    /// What takes the digests that everything stored has, and the promised one where that is
    /// another.
    pub(super) fn new(promise: Option<&Promise>) -> Self {
        let other = promise.filter(|promise| promise.name != "sha256");
        let known = other.and_then(|other| KNOWN.iter().find(|(name, _)| *name == other.name));
        Self {
            sha256: sha2::Sha256::new(),
            blake2: blake2::Blake2b::new(),
            promised: known.map(|(_, make)| make()),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.blake2.update(bytes);
        if let Some(promised) = &mut self.promised {
            promised.update(bytes);
        }
    }

    pub(super) fn finish(mut self) -> Taken {
        let promised = self.promised.as_mut().and_then(|hasher| {
            let mut digest = vec![0; hasher.output_size()];
            hasher.finalize_into_reset(&mut digest).ok()?;
            Some(hex::encode(digest))
        });
        Taken {
            sha256: <[u8; 32]>::from(self.sha256.finalize()).into(),
            blake2_256: <[u8; 32]>::from(self.blake2.finalize()).into(),
            promised,
        }
    }
}

impl Taken {
    /// Whether the bytes are those that were promised.
    pub(super) fn keeps(&self, promise: &Promise) -> bool {
        let digest = self.promised.as_deref().unwrap_or(self.sha256.as_str());
        digest == promise.digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(promise: Option<&Promise>, bytes: &[u8]) -> Taken {
        let mut hasher = Hasher::new(promise);
        hasher.update(bytes);
        hasher.finish()
    }

    #[test]
    fn the_strongest_hash_counts() {
        let named = |names: &[&str]| {
            let hashes = names.iter().map(|name| ((*name).to_owned(), "AB".to_owned())).collect();
            Promise::strongest(&hashes).map(|promise| promise.name())
        };
        assert_eq!(named(&["md5", "sha256", "sha512"]), Some("sha256"));
        assert_eq!(named(&["md5", "blake2b", "sha384"]), Some("blake2b"));
        assert_eq!(named(&["md5", "crc32"]), Some("md5"));
        assert_eq!(named(&["crc32"]), None);
        assert_eq!(named(&[]), None);
    }

    #[test]
    fn known_answers() {
        for (name, digits) in [
            ("md5", "900150983cd24fb0d6963f7d28e17f72"),
            ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("sha224", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
            ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("blake2s", "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"),
        ] {
            let hashes = BTreeMap::from([(name.to_owned(), digits.to_ascii_uppercase())]);
            let Some(promise) = Promise::strongest(&hashes) else { panic!("{name}") };
            assert!(of(Some(&promise), b"abc").keeps(&promise), "{name}");
            assert!(!of(Some(&promise), b"abd").keeps(&promise), "{name}");
        }
    }

    #[test]
    fn what_is_no_digest_is_kept_by_nothing() {
        let hashes = BTreeMap::from([("sha256".to_owned(), "xyz".to_owned())]);
        let Some(promise) = Promise::strongest(&hashes) else { panic!("it is named") };
        assert!(!of(Some(&promise), b"").keeps(&promise));
    }
}
