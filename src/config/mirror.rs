//! What is taken from other indexes.

use std::fmt;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use url::Url;

use super::ByteSize;
use super::layers::{ConfigError, Layers};
use super::netrc;
use super::patterns::{Allowed, NamePatterns};
use super::value::{Count, Kind, Setting};

/// How long a page of an upstream index counts as fresh, in minutes: what PyPI itself tells
/// clients.
const TTL_MINUTES: u32 = 10;
/// How many seconds an upstream index may take: less than the 15 after which pip gives up.
const TIMEOUT_SECONDS: Count = Count(10);

/// What is taken from other indexes, and how.
#[derive(Debug, Clone)]
pub struct Mirror {
    /// The indexes that are asked, in order: the first that has a name answers for all of it.
    pub upstream: Upstreams,
    /// How many minutes a page counts as fresh; 0: it is asked for each time.
    pub ttl_minutes: u32,
    /// What may be taken.
    pub allow: Allowed,
    /// What may not.
    pub deny: NamePatterns,
    /// Files younger than so many days are hidden.
    pub min_age_days: u32,
    /// How many seconds an upstream index may take to answer.
    pub timeout_seconds: Count,
    /// The largest sum of stored files; none: all are kept.
    pub max_bytes: Option<ByteSize>,
    /// Asks nobody: serves what is stored.
    pub offline: bool,
    /// Who may upload a name that an upstream index has.
    pub claim_names: ClaimNames,
    /// Certificates of authorities beside the system's, in PEM.
    pub ca_file: Option<PathBuf>,
    /// Where user names and passwords stand for URLs that have none.
    pub netrc: Option<PathBuf>,
}

impl Mirror {
    /// Whether anything is served that is not hosted here.
    pub fn is_on(&self) -> bool {
        self.offline || !self.upstream.0.is_empty()
    }

    pub(super) fn from_layers(layers: &mut Layers) -> Result<Self, ConfigError> {
        Ok(Self {
            upstream: layers.get("mirror.upstream", Upstreams::default())?,
            ttl_minutes: layers.get("mirror.ttl_minutes", TTL_MINUTES)?,
            allow: layers.get("mirror.allow", Allowed::default())?,
            deny: layers.get("mirror.deny", NamePatterns::default())?,
            min_age_days: layers.get("mirror.min_age_days", 0)?,
            timeout_seconds: layers.get("mirror.timeout_seconds", TIMEOUT_SECONDS)?,
            max_bytes: layers.get("mirror.max_bytes", None)?,
            offline: layers.get("mirror.offline", false)?,
            claim_names: layers.get("mirror.claim_names", ClaimNames::Administrators)?,
            ca_file: layers.get("mirror.ca_file", None)?,
            netrc: netrc::path(),
        })
    }
}

/// The base URL of a simple index. A password in it is shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct UpstreamUrl {
    url: Url,
    credentials: Option<(String, String)>,
}

impl UpstreamUrl {
    /// Reads an http or https URL without query, with or without user name and password. Project
    /// names are put behind it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut url = Url::parse(text.trim()).ok()?;
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.query().is_none()
            && url.fragment().is_none();
        if !is_plain {
            return None;
        }
        let (user, password) = (decoded(url.username())?, decoded(url.password().unwrap_or(""))?);
        let credentials = (!user.is_empty() || !password.is_empty()).then_some((user, password));
        url.set_username("").ok()?;
        url.set_password(None).ok()?;
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Some(Self { url, credentials })
    }

    /// The URL without user name and password, with a slash at its end.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// User name and password, where the URL has any.
    pub fn credentials(&self) -> Option<(&str, &str)> {
        self.credentials.as_ref().map(|(user, password)| (user.as_str(), password.as_str()))
    }
}

/// What percent-encoding stands for in a user name or a password.
fn decoded(text: &str) -> Option<String> {
    Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())
}

impl fmt::Display for UpstreamUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some((user, _)), mut url) = (self.credentials(), self.url.clone()) else {
            return self.url.fmt(f);
        };
        // A token stands where the user name does as often as behind it.
        let hidden = if user == "__token__" { user } else { "***" };
        if url.set_username(hidden).is_err() || url.set_password(Some("***")).is_err() {
            return f.write_str("***");
        }
        url.fmt(f)
    }
}

impl fmt::Debug for UpstreamUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The indexes that are asked, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upstreams(pub Vec<UpstreamUrl>);

impl Setting for Upstreams {
    const EXPECTED: &'static str = "the base URL of a simple index, such as \
                                    \"https://packages.example.org/simple/\", or a list of them";
    const KINDS: &'static [Kind] = &[Kind::Text, Kind::List];
    // A wrong one may be wrong because of the password in it.
    const IS_SECRET: bool = true;

    fn parse(text: &str) -> Option<Self> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(UpstreamUrl::parse).collect::<Option<_>>().map(Self)
    }

    fn show(&self) -> String {
        let shown: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        if shown.is_empty() { "(none)".to_owned() } else { shown.join(",") }
    }
}

/// Who may upload a name that an upstream index has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimNames {
    /// Administrators only.
    Administrators,
    /// Whoever may upload.
    Everyone,
    /// Nobody.
    Nobody,
}

impl Setting for ClaimNames {
    const EXPECTED: &'static str = "\"administrators\", \"everyone\" or \"nobody\"";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "administrators" => Some(Self::Administrators),
            "everyone" => Some(Self::Everyone),
            "nobody" => Some(Self::Nobody),
            _ => None,
        }
    }

    fn show(&self) -> String {
        let word = match self {
            Self::Administrators => "administrators",
            Self::Everyone => "everyone",
            Self::Nobody => "nobody",
        };
        word.to_owned()
    }
}

impl Setting for Option<ByteSize> {
    const EXPECTED: &'static str = <ByteSize as Setting>::EXPECTED;
    const KINDS: &'static [Kind] = <ByteSize as Setting>::KINDS;

    fn parse(text: &str) -> Option<Self> {
        ByteSize::parse(text).map(Some)
    }

    fn show(&self) -> String {
        self.map_or_else(|| "(none)".to_owned(), |size| size.to_string())
    }
}

impl Setting for Option<PathBuf> {
    const EXPECTED: &'static str = <PathBuf as Setting>::EXPECTED;

    fn parse(text: &str) -> Option<Self> {
        <PathBuf as Setting>::parse(text).map(Some)
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "(none)".to_owned(), |path| path.display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_taken_out_of_the_url_and_never_shown() {
        let url = UpstreamUrl::parse("https://ada:s%40cret@Example.org/simple");
        let Some(url) = url else { panic!("it is a URL") };
        assert_eq!(url.url().as_str(), "https://example.org/simple/");
        assert_eq!(url.credentials(), Some(("ada", "s@cret")));
        assert_eq!(url.to_string(), "https://***:***@example.org/simple/");
        assert!(!format!("{url:?}").contains("cret"));
        let token = UpstreamUrl::parse("https://__token__:abc@x/").map(|url| url.to_string());
        assert_eq!(token.as_deref(), Some("https://__token__:***@x/"));
        let alone = UpstreamUrl::parse("https://abc@x/").map(|url| url.to_string());
        assert_eq!(alone.as_deref(), Some("https://***:***@x/"));
    }

    #[test]
    fn upstreams_are_urls_in_order() {
        let read = <Upstreams as Setting>::parse;
        let shown = read("https://b/simple/, http://a:8080").map(|them| them.show());
        assert_eq!(shown.as_deref(), Some("https://b/simple/,http://a:8080/"));
        for bad in ["x", "ftp://x/", "https://x/?q", "https://x/#f", "https://u:%ff@x/", "/simple/"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
