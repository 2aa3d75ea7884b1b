//! How lapsed mail domains are looked for.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use super::jobs::Schedule;
use super::layers::{ConfigError, Layers};
use super::value::{Count, Kind, Setting};

/// How old the last answer about a domain may get, in days.
const INTERVAL_DAYS: Count = Count(30);
/// Questions a second: what public registries bear without asking back.
const REQUESTS_PER_SECOND: Count = Count(5);
/// Domains whose addresses one run may take without being asked.
const BRAKE: u32 = 20;
/// Where DNS servers listen (RFC 1035 section 4.2).
const DNS_PORT: u16 = 53;
/// The longest label and the longest name of the DNS (RFC 1035 section 2.3.4).
const LONGEST_LABEL: usize = 63;
const LONGEST_NAME: usize = 253;

/// How lapsed mail domains are looked for, and what follows.
#[derive(Debug, Clone)]
pub struct Domains {
    /// Who is asked.
    pub provider: DomainProvider,
    /// How many days old the last answer about a domain may get.
    pub interval_days: Count,
    /// When the sweep runs.
    pub schedule: Schedule,
    /// How many questions a second the provider is asked at most.
    pub max_requests_per_second: Count,
    /// What happens to an account beside the unverifying of its address.
    pub on_expired: OnExpired,
    /// The server for MX and address look-ups; none: the system's.
    pub dns_server: Option<DnsServer>,
    /// A run that would take the addresses of more domains than this, and of more than a tenth of
    /// those checked, waits for a word of an administrator.
    pub brake: u32,
    /// The company's own domains, never asked about.
    pub trusted: TrustedDomains,
}

/// Who is asked about domains.
#[derive(Debug, Clone)]
pub enum DomainProvider {
    /// Nobody.
    Off,
    /// Fastly's domain status API.
    Fastly {
        /// Where; none: Fastly's own.
        api_url: Option<ApiUrl>,
        /// The key that it is asked with.
        api_key: ApiKey,
    },
    /// The registries themselves, by RDAP.
    Rdap {
        /// One server for all domains; none: the registry's of each.
        api_url: Option<ApiUrl>,
    },
}

impl Domains {
    pub(super) fn from_layers(layers: &mut Layers) -> Result<Self, ConfigError> {
        Ok(Self {
            provider: DomainProvider::from_layers(layers)?,
            interval_days: layers.get("domains.interval_days", INTERVAL_DAYS)?,
            schedule: layers.get("domains.schedule", Schedule::nightly())?,
            max_requests_per_second: layers
                .get("domains.max_requests_per_second", REQUESTS_PER_SECOND)?,
            on_expired: layers.get("domains.on_expired", OnExpired::Unverify)?,
            dns_server: layers.get("domains.dns_server", None)?,
            brake: layers.get("domains.brake", BRAKE)?,
            trusted: layers.get("domains.trusted", TrustedDomains::default())?,
        })
    }
}

impl DomainProvider {
    /// Where it is asked, if the operator says so; such a host may be in a private network.
    pub fn api_url(&self) -> Option<&Url> {
        match self {
            Self::Off => None,
            Self::Fastly { api_url, .. } | Self::Rdap { api_url } => {
                api_url.as_ref().map(ApiUrl::url)
            }
        }
    }

    fn from_layers(layers: &mut Layers) -> Result<Self, ConfigError> {
        let word = layers.get("domains.provider", Word::Rdap)?;
        let api_url = layers.get("domains.api_url", None)?;
        let api_key = layers.get("domains.api_key", None)?;
        let no_key =
            || layers.contradiction("domains.provider", "\"fastly\" needs domains.api_key");
        Ok(match word {
            Word::Off => Self::Off,
            Word::Rdap => Self::Rdap { api_url },
            Word::Fastly => Self::Fastly { api_url, api_key: api_key.ok_or_else(no_key)? },
        })
    }
}

#[derive(Clone, Copy)]
enum Word {
    Fastly,
    Rdap,
    Off,
}

impl Setting for Word {
    const EXPECTED: &'static str = "\"fastly\", \"rdap\" or \"off\"";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "fastly" => Some(Self::Fastly),
            "rdap" => Some(Self::Rdap),
            "off" => Some(Self::Off),
            _ => None,
        }
    }

    fn show(&self) -> String {
        let word = match self {
            Self::Fastly => "fastly",
            Self::Rdap => "rdap",
            Self::Off => "off",
        };
        word.to_owned()
    }
}

/// What a lapsed domain means for the accounts that have an address in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnExpired {
    /// The address counts as unverified.
    Unverify,
    /// The account's API tokens stop working, too.
    SuspendTokens,
}

impl Setting for OnExpired {
    const EXPECTED: &'static str = "\"unverify\" or \"suspend_tokens\"";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "unverify" => Some(Self::Unverify),
            "suspend_tokens" => Some(Self::SuspendTokens),
            _ => None,
        }
    }

    fn show(&self) -> String {
        let word = match self {
            Self::Unverify => "unverify",
            Self::SuspendTokens => "suspend_tokens",
        };
        word.to_owned()
    }
}

/// What the URLs of an API start with: http or https, no credentials, no query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiUrl(Url);

impl ApiUrl {
    /// Reads the base URL of an API.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        plain.then_some(Self(url))
    }

    /// The base URL.
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl Setting for Option<ApiUrl> {
    const EXPECTED: &'static str =
        "an http or https URL without password and query, such as \"https://rdap.example.org\"";
    // A wrong one may be wrong because of the password in it.
    const IS_SECRET: bool = true;

    fn parse(text: &str) -> Option<Self> {
        ApiUrl::parse(text).map(Some)
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "(the provider's own)".to_owned(), |url| url.0.to_string())
    }
}

/// The key that a provider is asked with.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// Takes what may stand in a header: visible ASCII without blanks.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// The key itself, for the header of a request.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Setting for Option<ApiKey> {
    const IS_SECRET: bool = true;
    const EXPECTED: &'static str = "the key of the provider, without blanks";

    fn parse(text: &str) -> Option<Self> {
        ApiKey::parse(text).map(Some)
    }

    fn show(&self) -> String {
        self.as_ref().map_or("(none)", |_| "***").to_owned()
    }
}

/// A server of the DNS, by its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DnsServer(pub SocketAddr);

impl Setting for Option<DnsServer> {
    const EXPECTED: &'static str =
        "the address of a DNS server, such as \"192.0.2.53\" or \"127.0.0.1:5353\"";

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let alone = || text.parse::<IpAddr>().ok().map(|ip| SocketAddr::from((ip, DNS_PORT)));
        let address = text.parse().ok().or_else(alone)?;
        let is_server = !address.ip().is_unspecified() && address.port() != 0;
        is_server.then_some(Some(DnsServer(address)))
    }

    fn show(&self) -> String {
        self.map_or_else(|| "(the system's)".to_owned(), |server| server.0.to_string())
    }
}

/// Domains that nobody is asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedDomains(Vec<String>);

impl TrustedDomains {
    /// Whether nobody is asked about a registrable domain, given in its ASCII form: it is listed,
    /// lies below what is listed (`corp` covers `example.corp`), or what is listed lies below it
    /// (`mail.example.org` is as safe as the registration of `example.org`).
    pub fn cover(&self, domain: &str) -> bool {
        let is_below = |name: &str, other: &str| {
            name.strip_suffix(other).is_some_and(|head| head.is_empty() || head.ends_with('.'))
        };
        self.0.iter().any(|listed| is_below(domain, listed) || is_below(listed, domain))
    }
}

impl Setting for TrustedDomains {
    const EXPECTED: &'static str = "domain names, such as [\"example.org\", \"example.com\"]";
    const KINDS: &'static [Kind] = &[Kind::List, Kind::Text];

    fn parse(text: &str) -> Option<Self> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(read_name).collect::<Option<_>>().map(Self)
    }

    fn show(&self) -> String {
        if self.0.is_empty() { "(none)".to_owned() } else { self.0.join(",") }
    }
}

/// A domain name in its ASCII form, without the dot at its end.
fn read_name(text: &str) -> Option<String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let Host::Domain(name) = Host::parse(text).ok().filter(|_| !text.contains('%'))? else {
        return None;
    };
    let is_label = |label: &str| !label.is_empty() && label.len() <= LONGEST_LABEL;
    let fits = name.len() <= LONGEST_NAME && name.split('.').all(is_label) && !name.contains('*');
    fits.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_of_apis() {
        for good in ["https://api.example.org", "http://127.0.0.1:9/x/", "http://[::1]:9"] {
            assert!(ApiUrl::parse(good).is_some(), "{good}");
        }
        for bad in ["", "x", "ftp://x", "http://u:p@x", "http://u@x", "http://x?q", "http://x#f"] {
            assert!(ApiUrl::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn dns_servers_have_an_address_and_perhaps_a_port() {
        let show = |text| <Option<DnsServer>>::parse(text).map(|server| server.show());
        for (text, shown) in [
            ("192.0.2.1", "192.0.2.1:53"),
            ("192.0.2.1:5353", "192.0.2.1:5353"),
            ("::1", "[::1]:53"),
            ("[::1]:5353", "[::1]:5353"),
        ] {
            assert_eq!(show(text).as_deref(), Some(shown));
        }
        for bad in ["", "localhost", "0.0.0.0", "192.0.2.1:0", "192.0.2.1:99999"] {
            assert_eq!(show(bad), None, "{bad}");
        }
    }

    #[test]
    fn trusted_domains_cover_what_is_the_same_registration() {
        let read = <TrustedDomains as Setting>::parse;
        let trusted = read("Example.ORG., bücher.example, corp, mail.example.com");
        let covers = |name| trusted.as_ref().map(|trusted| trusted.cover(name));
        for name in ["example.org", "xn--bcher-kva.example", "a.corp", "example.com"] {
            assert_eq!(covers(name), Some(true), "{name}");
        }
        for name in ["myexample.org", "example.example", "corp.example", "org", "le.com"] {
            assert_eq!(covers(name), Some(name == "org"), "{name}");
        }
        assert_eq!(TrustedDomains::default().show(), "(none)");
        for bad in ["a b", "*.example.org", "a..b", "127.0.0.1", "[::1]", "a%2eb", "x@y.z"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn keys_are_hidden() {
        let key = ApiKey::parse("hunter2");
        assert_eq!((key.show(), format!("{key:?}")), ("***".into(), "Some(***)".into()));
        assert!(ApiKey::parse("a b").is_none() && ApiKey::parse("").is_none());
    }
}
