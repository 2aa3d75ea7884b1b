//! How mails leave.

use std::fmt;
use std::path::{Path, PathBuf};

use url::{Host, Url};

use super::layers::{ConfigError, Layers};
use super::place::{has_whole_escapes, without_password};
use super::value::Setting;
use crate::address::EmailAddress;

/// How mails leave.
#[derive(Debug, Clone)]
pub struct Mail {
    /// By which way.
    pub transport: Transport,
    /// Who they are from.
    pub from: EmailAddress,
}

/// The ways in which mails leave.
#[derive(Debug, Clone)]
pub enum Transport {
    /// They are written to the log.
    Console,
    /// Each becomes a file in this folder.
    File(PathBuf),
    /// A mail server takes them.
    Smtp(SmtpUrl),
}

impl Mail {
    pub(super) fn from_layers(layers: &mut Layers, data: &Path) -> Result<Self, ConfigError> {
        let word = layers.get("mail.transport", Word::Console)?;
        let folder = layers.get("mail.dir", data.join("mail"))?;
        let url: Option<SmtpUrl> = layers.get("mail.smtp_url", None)?;
        let from = layers.get("mail.from", EmailAddress::default_sender())?;
        let no_url = || {
            let words = "\"smtp\" needs mail.smtp_url, such as \"smtp://mail.example.org\"";
            layers.contradiction("mail.transport", words)
        };
        let transport = match word {
            Word::Console => Transport::Console,
            Word::File => Transport::File(folder),
            Word::Smtp => Transport::Smtp(url.ok_or_else(no_url)?),
        };
        Ok(Self { transport, from })
    }
}

#[derive(Clone, Copy)]
enum Word {
    Console,
    File,
    Smtp,
}

impl Setting for Word {
    const EXPECTED: &'static str = "\"console\", \"file\" or \"smtp\"";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "console" => Some(Self::Console),
            "file" => Some(Self::File),
            "smtp" => Some(Self::Smtp),
            _ => None,
        }
    }

    fn show(&self) -> String {
        let word = match self {
            Self::Console => "console",
            Self::File => "file",
            Self::Smtp => "smtp",
        };
        word.to_owned()
    }
}

impl Setting for EmailAddress {
    const EXPECTED: &'static str = "a mail address, such as \"packages@example.org\"";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// Which mail server, how it is encrypted and who logs in: `smtp://` in the clear (with
/// `?tls=required` by STARTTLS, with `?tls=opportunistic` where the server offers that),
/// `smtps://` encrypted from the start. A path is the name by which to say hello.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl(String);

impl SmtpUrl {
    /// Reads the URL of a mail server; user name and password come together.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok().filter(|_| has_whole_escapes(text))?;
        let is_host = matches!(url.host()?, Host::Domain(_) | Host::Ipv4(_));
        let name = url.path().trim_matches('/');
        let is_name =
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
        let is_login = url.username().is_empty() == url.password().is_none();
        let is_encryption = match (url.scheme(), url.query()) {
            ("smtp", None | Some("tls=required" | "tls=opportunistic")) => true,
            (scheme, query) => scheme == "smtps" && query.is_none(),
        };
        let fits = is_host && is_name && is_login && is_encryption && url.fragment().is_none();
        fits.then(|| Self(text.to_owned()))
    }

    /// The URL with its password.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_password(&self.0))
    }
}

impl Setting for Option<SmtpUrl> {
    const IS_SECRET: bool = true;
    const EXPECTED: &'static str = "the URL of a mail server, such as \
        \"smtp://user:password@mail.example.org:587?tls=required\" or \"smtps://mail.example.org\"";

    fn parse(text: &str) -> Option<Self> {
        SmtpUrl::parse(text).map(Some)
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "(none)".to_owned(), |url| without_password(&url.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_servers() {
        for good in [
            "smtp://localhost",
            "smtp://127.0.0.1:2525",
            "smtp://mail.example.org?tls=required",
            "smtp://u:p%40ss@mail.example.org:587?tls=opportunistic",
            "smtps://mail.example.org/our.name",
        ] {
            assert!(SmtpUrl::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "mail.example.org",
            "http://mail.example.org",
            "smtp://mail.example.org?tls=no",
            "smtp://mail.example.org?tls=required&x=y",
            "smtps://mail.example.org?tls=required",
            "smtp://user@mail.example.org",
            "smtp://:password@mail.example.org",
            "smtp://mail.example.org/a%0d%0ab",
            "smtp://mail.example.org/a/b",
            "smtp://u:50%off@mail.example.org",
            "smtp://[::1]",
            "smtp:///x",
            "smtp://mail.example.org#x",
        ] {
            assert!(SmtpUrl::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn passwords_are_hidden() {
        let url = SmtpUrl::parse("smtps://u:hunter2@mail.example.org");
        assert_eq!(url.show(), "smtps://u:***@mail.example.org");
        assert!(!format!("{url:?}").contains("hunter2"));
    }
}
