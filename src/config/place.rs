//! Where things are: addresses, URLs and folders.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use url::Url;

/// Where the server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// An address and port.
    Address(SocketAddr),
    /// A Unix socket.
    Socket(PathBuf),
}

const DEFAULT_PORT: u16 = 8080;
/// What the path of a Unix socket begins with.
const UNIX: &str = "unix:";
/// Longest path of a Unix socket that every system takes, in bytes.
const LONGEST_SOCKET: usize = 103;

impl Listen {
    /// Reads `address:port`, where `localhost` means 127.0.0.1, or `unix:` and a path.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(path) = text.strip_prefix(UNIX) {
            let fits = (1..=LONGEST_SOCKET).contains(&path.len()) && !path.contains('\0');
            return (fits && cfg!(unix)).then(|| Self::Socket(PathBuf::from(path)));
        }
        let numeric = match text.strip_prefix("localhost:") {
            Some(port) => format!("{}:{port}", Ipv4Addr::LOCALHOST),
            None => text.to_owned(),
        };
        numeric.parse().ok().map(Self::Address)
    }

    /// The URL of a server that is reached where it listens. One that listens on a socket is
    /// reached through something on this machine.
    pub fn url(&self, is_tls: bool) -> PublicUrl {
        match self {
            Self::Address(address) if is_tls => PublicUrl::at("https", *address),
            Self::Address(address) => PublicUrl::at("http", *address),
            Self::Socket(_) => {
                PublicUrl { origin: "http://localhost".to_owned(), prefix: String::new() }
            }
        }
    }
}

impl Default for Listen {
    fn default() -> Self {
        Self::Address(SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)))
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Socket(path) => write!(f, "{UNIX}{}", path.display()),
        }
    }
}

/// What absolute URLs start with: scheme, host, and a path prefix without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    prefix: String,
}

impl PublicUrl {
    /// Reads an http or https URL without query, fragment and credentials.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let prefix = url.path().trim_end_matches('/');
        let simple = prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._~-".contains(&b))
            && !prefix.contains("//");
        (plain && simple && url.has_host())
            .then(|| Self { origin: url.origin().ascii_serialization(), prefix: prefix.to_owned() })
    }

    /// The URL of a server that is reached where it listens.
    pub fn of_listener(address: SocketAddr) -> Self {
        Self::at("http", address)
    }

    fn at(scheme: &str, address: SocketAddr) -> Self {
        let host = match address {
            any if any.ip().is_unspecified() => format!("localhost:{}", any.port()),
            address => address.to_string(),
        };
        Self { origin: format!("{scheme}://{host}"), prefix: String::new() }
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The path under which the index lives: empty, or `/like/this`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.prefix)
    }
}

/// Which database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// A connection URL of PostgreSQL.
    Postgres(String),
}

impl DatabaseUrl {
    /// The embedded database in the data folder.
    pub fn in_folder(data: &Path) -> Self {
        Self::Sqlite(data.join("cheeseshop.db"))
    }

    /// Reads `postgres://…`, `postgresql://…`, or `sqlite:` and a path.
    pub fn parse(text: &str) -> Option<Self> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let is_url = Url::parse(text).is_ok() && has_whole_escapes(text);
            return is_url.then(|| Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let is_file = !path.is_empty() && !path.starts_with(':') && !path.contains(['?', '\0']);
        is_file.then(|| Self::Sqlite(PathBuf::from(path)))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(text) => f.write_str(&without_password(text)),
        }
    }
}

/// Whether two hexadecimal digits follow each `%`. The client library demands it, and would show
/// the password where it is not so.
pub(super) fn has_whole_escapes(text: &str) -> bool {
    let is_hex = |digit: Option<u8>| digit.is_some_and(|digit| digit.is_ascii_hexdigit());
    text.split('%').skip(1).all(|rest| {
        let mut digits = rest.bytes();
        is_hex(digits.next()) && is_hex(digits.next())
    })
}

pub(super) fn without_password(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else { return "***".to_owned() };
    if url.password().is_some() && url.set_password(Some("***")).is_err() {
        return "***".to_owned();
    }
    let hide = |(name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
        let value = if name.contains("password") { "***".into() } else { value };
        (name.into_owned(), value.into_owned())
    };
    if url.query().is_some() {
        let pairs: Vec<_> = url.query_pairs().map(hide).collect();
        url.query_pairs_mut().clear().extend_pairs(pairs);
    }
    url.to_string()
}

/// Which blob storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorageUrl {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket of an S3 server.
    S3(BucketUrl),
}

/// A bucket, and what the keys of everything in it begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketUrl {
    /// Its name.
    pub name: String,
    /// Without a slash at either end; empty: all of the bucket.
    pub prefix: String,
}

/// Longest name of a bucket
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>).
const LONGEST_BUCKET: usize = 63;

impl BucketUrl {
    fn parse(rest: &str) -> Option<Self> {
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_plain = |text: &str, more: &[u8]| {
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
        };
        let is_name = (1..=LONGEST_BUCKET).contains(&name.len()) && is_plain(name, b".-_");
        let prefix = prefix.trim_end_matches('/');
        let is_prefix = prefix.is_empty()
            || prefix
                .split('/')
                .all(|part| !matches!(part, "" | "." | "..") && is_plain(part, b".-_+="));
        let (name, prefix) = (name.to_owned(), prefix.to_owned());
        (is_name && is_prefix).then_some(Self { name, prefix })
    }
}

impl fmt::Display for BucketUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.prefix.is_empty() { "" } else { "/" };
        write!(f, "s3://{}{slash}{}", self.name, self.prefix)
    }
}

impl StorageUrl {
    /// The folder in the data folder.
    pub fn in_folder(data: &Path) -> Self {
        Self::Folder(data.join("blobs"))
    }

    /// The folder, where it is one of this machine.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::S3(_) => None,
        }
    }

    /// Reads a path, a `file://` URL, or `s3://bucket/prefix`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("s3://") {
            return BucketUrl::parse(rest).map(Self::S3);
        }
        let path = text.strip_prefix("file://").unwrap_or(text);
        let is_path = !path.is_empty() && !path.contains("://") && !path.contains('\0');
        is_path.then(|| Self::Folder(PathBuf::from(path)))
    }
}

impl fmt::Display for StorageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::S3(bucket) => bucket.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_urls_keep_their_prefix() {
        let url = PublicUrl::parse("https://Example.org:8443/pypi/main/");
        let url = url.map(|url| (url.origin().to_owned(), url.prefix().to_owned()));
        assert_eq!(url, Some(("https://example.org:8443".into(), "/pypi/main".into())));
        let bare = PublicUrl::parse("http://localhost/").map(|url| url.to_string());
        assert_eq!(bare.as_deref(), Some("http://localhost"));
        for bad in [
            "ftp://x",
            "x",
            "https://u:p@x",
            "https://x/?q",
            "https://x/#f",
            "https://x/a b",
            "https://x/{a}",
        ] {
            assert_eq!(PublicUrl::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn database_urls() {
        for (text, shown) in [
            ("sqlite:some/file.db", "sqlite:some/file.db"),
            ("sqlite:///abs/file.db", "sqlite:/abs/file.db"),
            ("postgres://u@h/d", "postgres://u@h/d"),
            (
                "postgresql://h/d?password=x&sslmode=disable",
                "postgresql://h/d?password=***&sslmode=disable",
            ),
        ] {
            assert_eq!(DatabaseUrl::parse(text).map(|url| url.to_string()).as_deref(), Some(shown));
        }
        for bad in
            ["", "sqlite:", "sqlite::memory:", "mysql://x/y", "file.db", "postgres://u:50%off@h/d"]
        {
            assert_eq!(DatabaseUrl::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn storage_urls() {
        for (text, shown) in [
            ("some/folder", "some/folder"),
            ("file:///abs/folder", "/abs/folder"),
            ("s3://bucket", "s3://bucket"),
            ("s3://bucket/", "s3://bucket"),
            ("s3://my.bucket-1/a/b/", "s3://my.bucket-1/a/b"),
        ] {
            let url = StorageUrl::parse(text);
            assert_eq!(url.map(|url| url.to_string()).as_deref(), Some(shown));
        }
        for bad in [
            "",
            "file://",
            "s3://",
            "s3:///a",
            "s3://key:secret@bucket",
            "s3://bucket/a//b",
            "s3://bucket/../b",
            "s3://bucket/a?b",
            "gs://bucket",
        ] {
            assert_eq!(StorageUrl::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn listening_addresses() {
        let shown = |text| Listen::parse(text).map(|listen| listen.to_string());
        assert_eq!(shown("localhost:80").as_deref(), Some("127.0.0.1:80"));
        assert_eq!(shown("[::1]:80").as_deref(), Some("[::1]:80"));
        assert_eq!(shown("80"), None);
        assert_eq!(shown("example.org:80"), None);
        assert_eq!(shown("unix:/run/x.sock").as_deref(), Some("unix:/run/x.sock"));
        assert_eq!(shown("unix:"), None);
        assert_eq!(shown(&format!("unix:/{}", "x".repeat(120))), None);
        let url = |text, is_tls| Listen::parse(text).map(|it| it.url(is_tls).to_string());
        assert_eq!(url("0.0.0.0:443", true).as_deref(), Some("https://localhost:443"));
        assert_eq!(url("unix:x", false).as_deref(), Some("http://localhost"));
    }
}
