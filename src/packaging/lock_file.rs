//! Lock files: `uv.lock`, and `pylock.toml` (PEP 751).
//! Sources: <https://packaging.python.org/en/latest/specifications/pylock-toml/>,
//! <https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use toml::Value;

use super::{NormalizedName, Sha256};

/// How the digests begin that are understood.
const SHA256: &str = "sha256";
/// The one version of uv's format, and the one major version of the other.
const VERSION: i64 = 1;
const MAJOR: &str = "1";
/// Where packages are that are no one else's: the project itself, and members of its workspace.
const OWN: [&str; 3] = ["virtual", "editable", "directory"];

/// Whether a file is a lock file by its name.
pub fn is_name_of_one(filename: &str) -> bool {
    let is_named = |rest: &str| rest == ".toml" || rest.starts_with('.') && rest.ends_with(".toml");
    filename == "uv.lock" || filename.strip_prefix("pylock").is_some_and(is_named)
}

/// A package that is locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Package {
    /// These files of an index.
    OfIndex(Locked),
    /// It stands beside the lock file itself.
    Own(String),
    /// It comes from elsewhere, such as a repository.
    Elsewhere(String),
}

/// Files of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// Its name.
    pub name: NormalizedName,
    /// Its version, where the file says it.
    pub version: Option<String>,
    /// The files.
    pub files: Vec<LockedFile>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedFile {
    /// Its name.
    pub filename: String,
    /// What its bytes must have.
    pub pin: Pin,
}

/// What the bytes of a file must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pin {
    /// Nothing is said.
    None,
    /// This SHA-256.
    Sha256(Sha256),
    /// A hash of another kind, which is not checked, or what is none.
    Other(String),
}

/// Why a text is no lock file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// It is not TOML of that form.
    #[error("it cannot be read: {0}")]
    Toml(String),
    /// Neither of both.
    #[error("it is neither a uv.lock nor a pylock.toml")]
    Kind,
    /// A later version, which may mean other things.
    #[error("its format has the version {0}, which is not known")]
    Version(String),
    /// A package is named by what is no name.
    #[error("{0:?} is no name of a project")]
    Name(String),
}

#[derive(Deserialize)]
struct File {
    version: Option<i64>,
    #[serde(rename = "lock-version")]
    lock_version: Option<String>,
    package: Option<Vec<Entry>>,
    packages: Option<Vec<Entry>>,
}

/// A package in either form.
#[derive(Deserialize)]
struct Entry {
    name: String,
    version: Option<String>,
    #[serde(default)]
    source: BTreeMap<String, Value>,
    sdist: Option<Artifact>,
    #[serde(default)]
    wheels: Vec<Artifact>,
    directory: Option<Value>,
    vcs: Option<Value>,
    archive: Option<Value>,
}

#[derive(Deserialize)]
struct Artifact {
    /// The file's name in one form,
    name: Option<String>,
    /// and in the other.
    filename: Option<String>,
    url: Option<String>,
    path: Option<String>,
    hash: Option<String>,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
}

/// Reads a lock file of either kind.
pub fn read(text: &str) -> Result<Vec<Package>, LockError> {
    let file: File =
        toml::from_str(text).map_err(|error| LockError::Toml(error.message().to_owned()))?;
    let entries = match (file.lock_version, file.version) {
        (Some(version), _) if version.split('.').next() != Some(MAJOR) => {
            return Err(LockError::Version(version));
        }
        (Some(_), _) => file.packages.unwrap_or_default(),
        (None, Some(VERSION)) => file.package.unwrap_or_default(),
        (None, Some(version)) => return Err(LockError::Version(version.to_string())),
        (None, None) => return Err(LockError::Kind),
    };
    entries.into_iter().map(package).collect()
}

fn package(entry: Entry) -> Result<Package, LockError> {
    let is_own = entry.directory.is_some() || OWN.iter().any(|it| entry.source.contains_key(*it));
    if is_own {
        return Ok(Package::Own(entry.name));
    }
    let is_of_index = entry.source.is_empty() || entry.source.contains_key("registry");
    if !is_of_index || entry.vcs.is_some() || entry.archive.is_some() {
        return Ok(Package::Elsewhere(entry.name));
    }
    let name = NormalizedName::parse(&entry.name).ok_or(LockError::Name(entry.name))?;
    let files = entry.sdist.into_iter().chain(entry.wheels);
    let files = files.filter_map(Artifact::take).collect();
    Ok(Package::OfIndex(Locked { name, version: entry.version, files }))
}

impl Artifact {
    fn take(self) -> Option<LockedFile> {
        let last = |text: &String| {
            let path = text.split(['?', '#']).next()?;
            let name = path.rsplit(['/', '\\']).next()?;
            Some(percent_decode_str(name).decode_utf8().ok()?.into_owned())
        };
        let named = self.name.or(self.filename);
        let filename = named
            .or_else(|| self.url.as_ref().and_then(last))
            .or_else(|| self.path.as_ref().and_then(last))?;
        let pairs = self.hash.iter().filter_map(|it| it.split_once(':'));
        let more = self.hashes.iter().map(|(name, digits)| (name.as_str(), digits.as_str()));
        let mut pin = self.hash.clone().map_or(Pin::None, Pin::Other);
        for (name, digits) in pairs.chain(more) {
            match Sha256::parse(&digits.to_ascii_lowercase()) {
                Some(digest) if name == SHA256 => {
                    return Some(LockedFile { filename, pin: Pin::Sha256(digest) });
                }
                _ => pin = Pin::Other(name.to_owned()),
            }
        }
        Some(LockedFile { filename, pin })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UV: &str = r#"
        version = 1
        revision = 3
        requires-python = ">=3.12"
        [[package]]
        name = "mine"
        version = "0.1"
        source = { virtual = "." }
        [[package]]
        name = "anyio"
        version = "4.0"
        source = { registry = "https://x/simple" }
        sdist = { url = "https://x/a/anyio-4.0.tar.gz", hash = "sha256:DIGEST", size = 1 }
        wheels = [
            { url = "https://x/a/anyio-4.0%2Bl-py3-none-any.whl#x", hash = "sha512:ab" },
            { path = "a/anyio-4.0-py2-none-any.whl" },
        ]
        [[package]]
        name = "git"
        version = "1"
        source = { git = "https://x/y?rev=1" }
    "#;
    const PYLOCK: &str = r#"
        lock-version = "1.0"
        created-by = "x"
        [[packages]]
        name = "Any.IO"
        version = "4.0"
        index = "https://x/simple"
        sdist = { name = "anyio-4.0.tar.gz", url = "https://x/1", hashes = { md5 = "a", sha256 = "DIGEST" } }
        [[packages.wheels]]
        url = "https://x/anyio-4.0-py3-none-any.whl"
        hashes = {}
        [[packages]]
        name = "mine"
        directory = { path = "." }
        [[packages]]
        name = "far"
        archive = { url = "https://x/far.zip", hashes = {} }
    "#;

    fn packages(text: &str) -> Vec<Package> {
        let digest = Sha256::from([7; 32]);
        let read = read(&text.replace("DIGEST", digest.as_str()));
        let Ok(packages) = read else { panic!("{read:?}") };
        packages
    }

    fn file(name: &str, pin: Pin) -> LockedFile {
        LockedFile { filename: name.to_owned(), pin }
    }

    fn locked(name: &str, files: Vec<LockedFile>) -> Package {
        let Some(name) = NormalizedName::parse(name) else { panic!("{name}") };
        Package::OfIndex(Locked { name, version: Some("4.0".to_owned()), files })
    }

    #[test]
    fn both_kinds_are_read() {
        let digest = || Pin::Sha256(Sha256::from([7; 32]));
        let files = vec![
            file("anyio-4.0.tar.gz", digest()),
            file("anyio-4.0+l-py3-none-any.whl", Pin::Other("sha512".to_owned())),
            file("anyio-4.0-py2-none-any.whl", Pin::None),
        ];
        let expected = [
            Package::Own("mine".to_owned()),
            locked("anyio", files),
            Package::Elsewhere("git".to_owned()),
        ];
        assert_eq!(packages(UV), expected);
        let files =
            vec![file("anyio-4.0.tar.gz", digest()), file("anyio-4.0-py3-none-any.whl", Pin::None)];
        let expected = [
            locked("any-io", files),
            Package::Own("mine".to_owned()),
            Package::Elsewhere("far".to_owned()),
        ];
        assert_eq!(packages(PYLOCK), expected);
    }

    #[test]
    fn what_is_neither_is_refused() {
        assert_eq!(read("a = 1"), Err(LockError::Kind));
        assert_eq!(read("version = 2"), Err(LockError::Version("2".to_owned())));
        assert_eq!(read("lock-version = '2.0'"), Err(LockError::Version("2.0".to_owned())));
        assert!(matches!(read("foo==1"), Err(LockError::Toml(_))));
        let name = "version = 1\n[[package]]\nname = '-'";
        assert_eq!(read(name), Err(LockError::Name("-".to_owned())));
        assert_eq!(read("version = 1"), Ok(Vec::new()));
    }

    #[test]
    fn lock_files_are_known_by_their_names() {
        for (name, expected) in [
            ("uv.lock", true),
            ("pylock.toml", true),
            ("pylock.dev.toml", true),
            ("pylocks.toml", false),
            ("requirements.txt", false),
            ("poetry.lock", false),
        ] {
            assert_eq!(is_name_of_one(name), expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(version = 1|lock-version|\\[\\[packages?\\]\\]|name|[=\"'{}\n a-z])*") {
            let _ = read(&text);
        }
    }
}
