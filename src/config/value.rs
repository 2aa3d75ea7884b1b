//! How single values are read and shown.

use std::fmt;
use std::path::PathBuf;

use super::layers::Place;
use super::{ByteSize, DatabaseUrl, Listen, Proxies, PublicUrl, StorageUrl};

/// How a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In the environment or on the command line, where everything is text.
    Untyped,
    /// A string of TOML.
    Text,
    /// An integer of TOML.
    Number,
    /// `true` or `false` of TOML.
    Truth,
    /// A list of strings of TOML; its text has commas between them.
    List,
    /// Anything else.
    Other,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Untyped | Self::Text => "a text",
            Self::Number => "a number",
            Self::Truth => "true or false",
            Self::List => "a list",
            Self::Other => "something else",
        })
    }
}

/// A value as written.
#[derive(Debug)]
pub struct Raw {
    /// Its text.
    pub text: String,
    /// How it was written.
    pub kind: Kind,
    /// Where it stands.
    pub place: Place,
}

/// A type that can be configured.
pub trait Setting: Sized {
    /// What would be right, to stand behind "write".
    const EXPECTED: &'static str;
    /// How it may be written in TOML.
    const KINDS: &'static [Kind] = &[Kind::Text];

    /// Whether it may hold a secret, which must not be shown where it is wrong.
    const IS_SECRET: bool = false;

    /// Reads it from its text.
    fn parse(text: &str) -> Option<Self>;

    /// The value as it may be written, secrets hidden.
    fn show(&self) -> String;

    /// Reads what a layer has, minding how it was written.
    fn read(raw: &Raw) -> Option<Self> {
        let fits = raw.kind == Kind::Untyped || Self::KINDS.contains(&raw.kind);
        if fits { Self::parse(&raw.text) } else { None }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Setting for LogFormat {
    const EXPECTED: &'static str = "\"text\" or \"json\"";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Json => "json".to_owned(),
        }
    }
}

/// Who may create a project by uploading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewProjects {
    /// Whoever may upload.
    Everyone,
    /// Administrators only.
    Administrators,
}

impl Setting for NewProjects {
    const EXPECTED: &'static str = "\"everyone\" or \"administrators\"";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "everyone" => Some(Self::Everyone),
            "administrators" => Some(Self::Administrators),
            _ => None,
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Everyone => "everyone".to_owned(),
            Self::Administrators => "administrators".to_owned(),
        }
    }
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Whoever can reach the index.
    Open,
    /// Whoever has an invitation of an administrator.
    Invite,
    /// Nobody; the operator makes accounts.
    Closed,
}

impl Setting for Registration {
    const EXPECTED: &'static str = "\"open\", \"invite\" or \"closed\"";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "open" => Some(Self::Open),
            "invite" => Some(Self::Invite),
            "closed" => Some(Self::Closed),
            _ => None,
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Open => "open".to_owned(),
            Self::Invite => "invite".to_owned(),
            Self::Closed => "closed".to_owned(),
        }
    }
}

/// Who must have a second factor for the pages. Uploads never ask for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactorRule {
    /// Nobody.
    Off,
    /// Whoever has a role in a project, and administrators.
    Maintainers,
    /// Everybody.
    Everyone,
}

impl Setting for SecondFactorRule {
    const EXPECTED: &'static str = "\"off\", \"maintainers\" or \"everyone\"";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "off" => Some(Self::Off),
            "maintainers" => Some(Self::Maintainers),
            "everyone" => Some(Self::Everyone),
            _ => None,
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Off => "off".to_owned(),
            Self::Maintainers => "maintainers".to_owned(),
            Self::Everyone => "everyone".to_owned(),
        }
    }
}

/// A number of hours or days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub u32);

/// A century in hours, about: more is a mistake, and dates do not reach much further.
const HIGHEST_COUNT: u32 = 1_000_000;

impl Setting for Count {
    const EXPECTED: &'static str = "a whole number from 1 to 1000000";
    const KINDS: &'static [Kind] = &[Kind::Number];

    fn parse(text: &str) -> Option<Self> {
        let number = text.trim().parse().ok()?;
        (1..=HIGHEST_COUNT).contains(&number).then_some(Self(number))
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Setting for u32 {
    const EXPECTED: &'static str = "a whole number";
    const KINDS: &'static [Kind] = &[Kind::Number];

    fn parse(text: &str) -> Option<Self> {
        text.trim().parse().ok()
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for Option<u32> {
    const EXPECTED: &'static str = "a whole number above zero";
    const KINDS: &'static [Kind] = &[Kind::Number];

    fn parse(text: &str) -> Option<Self> {
        text.trim().parse().ok().filter(|number| *number > 0).map(Some)
    }

    fn show(&self) -> String {
        self.map_or_else(|| "(none)".to_owned(), |number| number.to_string())
    }
}

impl Setting for bool {
    const EXPECTED: &'static str = "true or false";
    const KINDS: &'static [Kind] = &[Kind::Truth];

    fn parse(text: &str) -> Option<Self> {
        text.trim().to_ascii_lowercase().parse().ok()
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for String {
    const EXPECTED: &'static str = "a text of one line";

    fn parse(text: &str) -> Option<Self> {
        let fits = !text.trim().is_empty() && !text.contains(char::is_control);
        fits.then(|| text.to_owned())
    }

    fn show(&self) -> String {
        self.clone()
    }
}

impl Setting for PathBuf {
    const EXPECTED: &'static str = "a path";

    fn parse(text: &str) -> Option<Self> {
        (!text.is_empty() && !text.contains('\0')).then(|| Self::from(text))
    }

    fn show(&self) -> String {
        self.display().to_string()
    }
}

impl Setting for ByteSize {
    const EXPECTED: &'static str = "a size, such as \"100MiB\"";
    const KINDS: &'static [Kind] = &[Kind::Text, Kind::Number];

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for Listen {
    const EXPECTED: &'static str =
        "an address and a port, such as \"127.0.0.1:8080\", or \"unix:\" and the path of a socket";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for Proxies {
    const EXPECTED: &'static str = "addresses or networks, such as [\"127.0.0.1\", \"10.0.0.0/8\"]";
    const KINDS: &'static [Kind] = &[Kind::List, Kind::Text];

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for Option<PublicUrl> {
    const EXPECTED: &'static str = "an http or https URL, such as \"https://packages.example.org\"";

    fn parse(text: &str) -> Option<Self> {
        PublicUrl::parse(text).map(Some)
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "(from listen)".to_owned(), ToString::to_string)
    }
}

impl Setting for DatabaseUrl {
    const IS_SECRET: bool = true;
    const EXPECTED: &'static str =
        "\"postgres://user@host/database\" or \"sqlite:\" and the path of a file";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for StorageUrl {
    // Somebody may have put the keys into it.
    const IS_SECRET: bool = true;
    const EXPECTED: &'static str = "the path of a folder, or \"s3://bucket/prefix\"";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}
