//! `RECORD`: what a wheel says about each of its members.
//! Source: <https://packaging.python.org/en/latest/specifications/recording-installed-packages/>

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::super::ArchiveError;
use super::super::zip::{Archive, Entry, Member, Visitor};
use super::WheelError;
use super::csv;

/// What `RECORD` says about one member.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stated {
    digest: Option<(Kind, Vec<u8>)>,
    size: Option<u64>,
}

/// The digests that are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sha256,
    Sha384,
    Sha512,
}

impl Kind {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "sha256" => Some(Self::Sha256),
            "sha384" => Some(Self::Sha384),
            "sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// A digest in the making.
enum Hasher {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hasher {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Sha256 => Self::Sha256(Sha256::new()),
            Kind::Sha384 => Self::Sha384(Sha384::new()),
            Kind::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha384(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
        }
    }

    fn matches(self, stated: &[u8]) -> bool {
        match self {
            Self::Sha256(hasher) => hasher.finalize().as_slice() == stated,
            Self::Sha384(hasher) => hasher.finalize().as_slice() == stated,
            Self::Sha512(hasher) => hasher.finalize().as_slice() == stated,
        }
    }
}

/// A whole `RECORD`, and the check of the members against it.
pub(super) struct Record {
    stated: HashMap<String, Stated>,
    /// The digest of the member that is being unpacked.
    running: Option<Hasher>,
}

impl Record {
    /// Reads a `RECORD`. `\` in a name is taken as `/`, as installers on Windows wrote it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, WheelError> {
        let text = str::from_utf8(bytes).map_err(|_| WheelError::RecordNotUtf8)?;
        let mut stated = HashMap::new();
        for row in csv::rows(text) {
            let (line, row) = row.map_err(WheelError::RecordLine)?;
            let [name, digest, size] = row.as_slice() else {
                return Err(WheelError::RecordLine(line));
            };
            let name = name.replace('\\', "/");
            let said =
                Stated { digest: parse_digest(&name, digest)?, size: parse_size(&name, size)? };
            let shown = Member::new(&name);
            if stated.insert(name, said).is_some() {
                return Err(WheelError::RecordRepeated(shown));
            }
        }
        Ok(Self { stated, running: None })
    }

    /// Compares names and sizes with the archive's: every member but folders and those in
    /// `unlisted` is listed with a digest, and nothing else is. The first of `unlisted` is
    /// `RECORD` itself, which has no digest; the others are signatures of it.
    pub(super) fn check_names<R: std::io::Read + std::io::Seek>(
        &self,
        archive: &Archive<R>,
        unlisted: &[String],
    ) -> Result<(), WheelError> {
        for entry in archive.entries() {
            let is_exempt = entry.is_folder() || unlisted.iter().any(|name| **name == *entry.name);
            match self.stated.get(&*entry.name) {
                Some(stated) => check_entry(entry, stated, is_exempt, unlisted.first())?,
                None if is_exempt => {}
                None => return Err(WheelError::RecordMissing((&*entry.name).into())),
            }
        }
        let absent = self.stated.keys().filter(|name| archive.get(name).is_none()).min();
        match absent {
            Some(name) => Err(WheelError::RecordAbsent(name.as_str().into())),
            None => Ok(()),
        }
    }
}

fn check_entry(
    entry: &Entry,
    stated: &Stated,
    is_exempt: bool,
    own: Option<&String>,
) -> Result<(), WheelError> {
    let name = || Member::from(&*entry.name);
    let is_own = own.is_some_and(|own| **own == *entry.name);
    if is_own && stated.digest.is_some() {
        return Err(WheelError::OwnDigest(name()));
    }
    if stated.digest.is_none() && !is_exempt {
        return Err(WheelError::NoDigest(name()));
    }
    match stated.size {
        Some(size) if size != entry.size && !is_own => {
            Err(WheelError::Size { name: name(), stated: size, found: entry.size })
        }
        _ => Ok(()),
    }
}

fn parse_digest(name: &str, text: &str) -> Result<Option<(Kind, Vec<u8>)>, WheelError> {
    if text.is_empty() {
        return Ok(None);
    }
    let form = || WheelError::DigestForm(name.into());
    let (kind, digest) = text.split_once('=').ok_or_else(form)?;
    let kind = Kind::parse(kind).ok_or_else(|| WheelError::DigestKind(name.into(), kind.into()))?;
    let bytes = URL_SAFE_NO_PAD.decode(digest).map_err(|_| form())?;
    if bytes.len() == kind.length() { Ok(Some((kind, bytes))) } else { Err(form()) }
}

fn parse_size(name: &str, text: &str) -> Result<Option<u64>, WheelError> {
    if text.is_empty() {
        return Ok(None);
    }
    let is_number = text.bytes().all(|digit| digit.is_ascii_digit());
    let size = text.parse().ok().filter(|_| is_number);
    size.map(Some).ok_or_else(|| WheelError::SizeForm(name.into()))
}

impl Visitor for Record {
    fn begin(&mut self, entry: &Entry) -> Result<(), ArchiveError> {
        let digest = self.stated.get(&*entry.name).and_then(|stated| stated.digest.as_ref());
        self.running = digest.map(|(kind, _)| Hasher::new(*kind));
        Ok(())
    }

    fn piece(&mut self, bytes: &[u8]) {
        if let Some(hasher) = &mut self.running {
            hasher.update(bytes);
        }
    }

    fn end(&mut self, entry: &Entry) -> Result<(), ArchiveError> {
        let digest = self.stated.get(&*entry.name).and_then(|stated| stated.digest.as_ref());
        let (Some(hasher), Some((_, stated))) = (self.running.take(), digest) else {
            return Ok(());
        };
        if hasher.matches(stated) {
            return Ok(());
        }
        Err(WheelError::Digest((&*entry.name).into()).into())
    }
}
