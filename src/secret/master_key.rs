//! The key of an index: made once, kept in one file, never used itself. What encrypts and what
//! signs are keys derived from it, one a purpose.

use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::private::make_folder;
use crate::error::{Doing, Error, Result};

const KEY_BYTES: usize = 32;
/// Long enough that random ones never meet (draft-irtf-cfrg-xchacha section 2).
const NONCE_BYTES: usize = 24;
/// Permission bits of everybody but the owner.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// What a derived key is for. Nothing made for one purpose is taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Encrypts the secrets of authenticator apps.
    TotpSecret,
    /// Encrypts such a secret while it is being set up and not yet in force.
    TotpSetUp,
    /// Signs what proves that a form came from a page of ours.
    Csrf,
}

impl Purpose {
    /// The word that goes into the derivation. Changing one makes unreadable what it protected.
    fn info(self) -> &'static [u8] {
        match self {
            Self::TotpSecret => b"cheeseshop totp secret",
            Self::TotpSetUp => b"cheeseshop totp set-up",
            Self::Csrf => b"cheeseshop csrf",
        }
    }
}

/// The key of an index. No `Debug`, and no way to read it.
#[derive(Clone)]
pub struct MasterKey([u8; KEY_BYTES]);

impl MasterKey {
    /// Reads the key from its file, which is made where there is none, readable by its owner
    /// only. Processes that do so at the same moment get the same key. Blocks.
    pub fn open(path: &Path) -> Result<Self> {
        match std::fs::read_to_string(path) {
            Ok(text) => return Self::read(path, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).doing(|| format!("reading {}", path.display())),
        }
        Self::make(path)?;
        // What counts is what stands there, which another process may have written.
        let text = std::fs::read_to_string(path);
        Self::read(path, &text.doing(|| format!("reading {}", path.display()))?)
    }

    fn read(path: &Path, text: &str) -> Result<Self> {
        let mut key = [0; KEY_BYTES];
        hex::decode_to_slice(text.trim(), &mut key).map_err(|_| {
            let words = format!(
                "the secret key file {} does not hold {} hexadecimal digits",
                path.display(),
                2 * KEY_BYTES
            );
            Error::internal(words, "it was made by something else, or is damaged")
        })?;
        warn_if_open(path);
        Ok(Self(key))
    }

    /// Writes a fresh key under another name and gives it its own, unless that is taken by then.
    fn make(path: &Path) -> Result<()> {
        let doing = || format!("making the secret key file {}", path.display());
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        make_folder(folder).doing(doing)?;
        // Such files are made with mode 0600.
        let mut file = tempfile::NamedTempFile::new_in(folder).doing(doing)?;
        let key: [u8; KEY_BYTES] = rand::random();
        writeln!(file, "{}", hex::encode(key)).doing(doing)?;
        file.as_file().sync_all().doing(doing)?;
        match file.persist_noclobber(path) {
            Ok(_) => std::fs::File::open(folder).and_then(|it| it.sync_all()).doing(doing),
            Err(taken) if taken.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            Err(failed) => Err(failed.error).doing(doing),
        }
    }

    /// Encrypts `plain` so that it can be read for the same purpose and the same owner only.
    pub fn seal(&self, purpose: Purpose, owner: i64, plain: &[u8]) -> Result<String> {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload { msg: plain, aad: &owner.to_be_bytes() };
        let sealed = self.cipher(purpose)?.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|error| Error::internal("encrypting", error.to_string()))?;
        let whole: Vec<u8> = nonce.into_iter().chain(sealed).collect();
        Ok(URL_SAFE_NO_PAD.encode(whole))
    }

    /// Decrypts what [`MasterKey::seal`] made; `None` where it is anything else, was altered, or
    /// belongs to another purpose, owner or key.
    pub fn unseal(&self, purpose: Purpose, owner: i64, sealed: &str) -> Option<Vec<u8>> {
        let whole = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = whole.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: &owner.to_be_bytes() };
        self.cipher(purpose).ok()?.decrypt(&XNonce::from(*nonce), payload).ok()
    }

    /// Signs `message` for a purpose (HMAC-SHA-256, base64url).
    pub fn sign(&self, purpose: Purpose, message: &[u8]) -> Result<String> {
        let tag = self.mac(purpose, message)?.finalize().into_bytes();
        Ok(URL_SAFE_NO_PAD.encode(tag))
    }

    /// Whether `signature` is what [`MasterKey::sign`] makes; takes the same time for each wrong
    /// one.
    pub fn is_signed(&self, purpose: Purpose, message: &[u8], signature: &str) -> bool {
        let Ok(tag) = URL_SAFE_NO_PAD.decode(signature) else { return false };
        self.mac(purpose, message).is_ok_and(|mac| mac.verify_slice(&tag).is_ok())
    }

    fn cipher(&self, purpose: Purpose) -> Result<XChaCha20Poly1305> {
        let key = self.derive(purpose)?;
        XChaCha20Poly1305::new_from_slice(&key).map_err(failed)
    }

    fn mac(&self, purpose: Purpose, message: &[u8]) -> Result<Hmac<Sha256>> {
        let key = self.derive(purpose)?;
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).map_err(failed)?;
        Ok(mac.chain_update(message))
    }

    /// The key for a purpose (RFC 5869).
    fn derive(&self, purpose: Purpose) -> Result<[u8; KEY_BYTES]> {
        let mut key = [0; KEY_BYTES];
        let derived = Hkdf::<Sha256>::new(None, &self.0).expand(purpose.info(), &mut key);
        derived.map(|()| key).map_err(failed)
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    let words = format!("{error}");
    Error::internal("deriving a key", words)
}

#[cfg(unix)]
fn warn_if_open(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let is_open = |meta: std::fs::Metadata| meta.permissions().mode() & OTHERS != 0;
    if std::fs::metadata(path).is_ok_and(is_open) {
        tracing::warn!(
            "the secret key file {} can be read by others; take that right away (chmod 600)",
            path.display()
        );
    }
}

#[cfg(not(unix))]
fn warn_if_open(_: &Path) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Result<(MasterKey, tempfile::TempDir)> {
        let folder = tempfile::tempdir().doing(|| "a folder".to_owned())?;
        Ok((MasterKey::open(&folder.path().join("new/secret.key"))?, folder))
    }

    #[test]
    fn what_is_sealed_opens_for_its_owner_and_purpose_only() -> Result<()> {
        let (key, _folder) = key()?;
        let sealed = key.seal(Purpose::TotpSecret, 7, b"cheddar")?;
        assert_ne!(sealed, key.seal(Purpose::TotpSecret, 7, b"cheddar")?);
        let open = |purpose, owner, text: &str| key.unseal(purpose, owner, text);
        assert_eq!(open(Purpose::TotpSecret, 7, &sealed).as_deref(), Some(&b"cheddar"[..]));
        assert_eq!(open(Purpose::TotpSecret, 8, &sealed), None);
        assert_eq!(open(Purpose::TotpSetUp, 7, &sealed), None);
        let altered = format!("A{}", sealed.split_at_checked(1).map_or("", |(_, rest)| rest));
        for bad in [altered.as_str(), "", "A", "\u{e9}", "AAAA"] {
            assert!(bad == sealed || open(Purpose::TotpSecret, 7, bad).is_none(), "{bad}");
        }
        Ok(())
    }

    #[test]
    fn signatures_are_for_one_message_and_purpose() -> Result<()> {
        let (key, _folder) = key()?;
        let other = MasterKey(rand::random());
        let signature = key.sign(Purpose::Csrf, b"brie")?;
        assert!(key.is_signed(Purpose::Csrf, b"brie", &signature));
        assert!(!key.is_signed(Purpose::Csrf, b"edam", &signature));
        assert!(!key.is_signed(Purpose::TotpSetUp, b"brie", &signature));
        assert!(!other.is_signed(Purpose::Csrf, b"brie", &signature));
        assert!(!key.is_signed(Purpose::Csrf, b"brie", ""));
        Ok(())
    }

    #[test]
    fn all_who_open_it_at_once_get_the_same_key() -> Result<()> {
        let folder = tempfile::tempdir().doing(|| "a folder".to_owned())?;
        let path = folder.path().join("secret.key");
        let openers: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || MasterKey::open(&path).map(|key| key.0))
            })
            .collect();
        let opened = openers.into_iter().map(std::thread::JoinHandle::join);
        let keys: Vec<_> = opened.filter_map(Result::ok).flatten().collect();
        assert_eq!(keys.len(), 8);
        assert!(keys.windows(2).all(|pair| pair.first() == pair.last()));
        let left = std::fs::read_dir(folder.path()).doing(|| "looking".to_owned())?.count();
        assert_eq!(left, 1);
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_may_read_the_file() -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let (_, folder) = key()?;
        let path = folder.path().join("new/secret.key");
        let meta = std::fs::metadata(path).doing(|| "looking".to_owned())?;
        assert_eq!(meta.permissions().mode() & 0o777, 0o600);
        Ok(())
    }

    #[test]
    fn a_file_that_holds_no_key_is_refused() -> Result<()> {
        let folder = tempfile::tempdir().doing(|| "a folder".to_owned())?;
        let path = folder.path().join("secret.key");
        for bad in ["", "abc", "zz", &"ab".repeat(31), &"ab".repeat(33)] {
            std::fs::write(&path, bad).doing(|| "writing".to_owned())?;
            assert!(MasterKey::open(&path).is_err(), "{bad}");
        }
        Ok(())
    }
}
