//! Where things are: addresses, URLs and folders.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use url::Url;

/// The address and port that the server listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen(pub SocketAddr);

const DEFAULT_PORT: u16 = 8080;

impl Listen {
    /// Reads `address:port`; `localhost` means 127.0.0.1.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let numeric = match text.strip_prefix("localhost:") {
            Some(port) => format!("{}:{port}", Ipv4Addr::LOCALHOST),
            None => text.to_owned(),
        };
        numeric.parse().ok().map(Self)
    }
}

impl Default for Listen {
    fn default() -> Self {
        Self(SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)))
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
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
        let host = match address {
            any if any.ip().is_unspecified() => format!("localhost:{}", any.port()),
            address => address.to_string(),
        };
        Self { origin: format!("http://{host}"), prefix: String::new() }
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
        }
    }

    /// Reads a path, or a `file://` URL.
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.strip_prefix("file://").unwrap_or(text);
        let is_path = !path.is_empty() && !path.contains("://") && !path.contains('\0');
        is_path.then(|| Self::Folder(PathBuf::from(path)))
    }
}

impl fmt::Display for StorageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
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
    fn listening_addresses() {
        let shown = |text| Listen::parse(text).map(|listen| listen.to_string());
        assert_eq!(shown("localhost:80").as_deref(), Some("127.0.0.1:80"));
        assert_eq!(shown("[::1]:80").as_deref(), Some("[::1]:80"));
        assert_eq!(shown("80"), None);
        assert_eq!(shown("example.org:80"), None);
    }
}
