//! The layers of configuration, and what is wrong with them.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::value::{Kind, Raw, Setting};

const PREFIX: &str = "CHEESESHOP_";

/// Something in the configuration that cannot be used: one line for its writer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Nobody set it.
    Default,
    /// A line of the configuration file.
    File(PathBuf, usize),
    /// An environment variable.
    Environment(String),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, line) => write!(f, "{}, line {line}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}

/// One effective value, for `cheeseshop config`.
#[derive(Debug, Clone)]
pub struct Effective {
    /// The key, with dots.
    pub key: &'static str,
    /// The value as it could be written, secrets hidden.
    pub shown: String,
    /// Where it came from.
    pub place: Place,
    /// A hash of the value as it was written: tells whether a secret has changed without showing
    /// it.
    mark: u64,
}

impl Effective {
    pub(super) fn new(key: &'static str, shown: String, written: &str, place: Place) -> Self {
        let mut hasher = DefaultHasher::new();
        written.hash(&mut hasher);
        Self { key, shown, place, mark: hasher.finish() }
    }

    /// Whether both stand for the same value of the same key.
    pub fn is_same(&self, other: &Self) -> bool {
        self.key == other.key && self.shown == other.shown && self.mark == other.mark
    }
}

/// All layers above the defaults, and a record of what was asked of them.
#[derive(Debug)]
pub struct Layers {
    file: BTreeMap<String, Raw>,
    environment: BTreeMap<String, Raw>,
    flags: BTreeMap<&'static str, Raw>,
    effective: Vec<Effective>,
}

impl Layers {
    /// Starts with the environment; file and flags are added.
    pub fn new(environment: impl Iterator<Item = (String, String)>) -> Self {
        let ours = environment.filter_map(|(name, text)| {
            let key = name.strip_prefix(PREFIX)?.to_ascii_lowercase().replace("__", ".");
            let place = Place::Environment(name);
            Some((key, Raw { text, kind: Kind::Untyped, place }))
        });
        Self {
            file: BTreeMap::new(),
            environment: ours.collect(),
            flags: BTreeMap::new(),
            effective: Vec::new(),
        }
    }

    /// Adds what a flag says, if it was given.
    pub fn flag(&mut self, key: &'static str, flag: &'static str, text: Option<String>) {
        if let Some(text) = text {
            let raw = Raw { text, kind: Kind::Untyped, place: Place::Flag(flag) };
            self.flags.insert(key, raw);
        }
    }

    /// Adds the configuration file.
    pub fn read_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            ConfigError(format!(
                "the configuration file {} cannot be read: {error}",
                path.display()
            ))
        })?;
        let place = |at: usize| Place::File(path.to_owned(), line_of(&text, at));
        let table = DeTable::parse(&text).map_err(|error| {
            let at = place(error.span().map_or(0, |span| span.start));
            let said = error.message().lines().collect::<Vec<_>>().join(", ");
            ConfigError(format!("{at}: this is not TOML: {said}"))
        })?;
        flatten(table.get_ref(), "", &place, &mut self.file);
        // `data` says where the file is; in the file it would come too late.
        if let Some(raw) = self.file.get("data") {
            return Err(ConfigError(format!(
                "{}: \"data\" cannot be set in the file; use --data or CHEESESHOP_DATA",
                raw.place
            )));
        }
        Ok(())
    }

    /// The effective value of a key. Every layer that sets it is checked, also where another wins.
    pub fn get<T: Setting>(&mut self, key: &'static str, default: T) -> Result<T, ConfigError> {
        let mut winner = (default, Place::Default, String::new());
        let layers = [self.file.remove(key), self.environment.remove(key), self.flags.remove(key)];
        for raw in layers.into_iter().flatten() {
            let value = T::read(&raw).ok_or_else(|| not_understood::<T>(key, &raw))?;
            winner = (value, raw.place, raw.text);
        }
        let (value, place, text) = winner;
        self.effective.push(Effective::new(key, value.show(), &text, place));
        Ok(value)
    }

    /// An error about a key whose value does not go together with others; `words` go on after
    /// where it stands.
    pub fn contradiction(&self, key: &str, words: &str) -> ConfigError {
        let found = self.effective.iter().find(|value| value.key == key);
        let place = found.map_or_else(String::new, |value| in_place(&value.place));
        ConfigError(format!("{key}{place}: {words}"))
    }

    /// All effective values by key, and the names of environment variables that set nothing.
    /// A key of the file that nobody asked for is an error.
    pub fn finish(mut self) -> Result<(Vec<Effective>, Vec<String>), ConfigError> {
        // An empty table of ours sets nothing, and is no mistake.
        let is_ours = |table: &str| self.effective.iter().any(|it| it.key.starts_with(table));
        self.file.retain(|key, _| !(key.ends_with('.') && is_ours(key)));
        if let Some((key, raw)) = self.file.first_key_value() {
            let (key, is_table) = (key.trim_end_matches('.'), key.ends_with('.'));
            if is_table && self.effective.iter().any(|it| it.key == key) {
                return Err(ConfigError(format!("{}: {key:?} is no table", raw.place)));
            }
            let hint = self.nearest(key).map(|near| format!("; did you mean {near:?}?"));
            let hint = hint.unwrap_or_default();
            return Err(ConfigError(format!("{}: there is no key {key:?}{hint}", raw.place)));
        }
        self.effective.sort_by_key(|value| value.key);
        let strangers = self.environment.into_values().filter_map(|raw| match raw.place {
            Place::Environment(name) => Some(name),
            _ => None,
        });
        let strangers = strangers.collect();
        Ok((self.effective, strangers))
    }

    /// The known key that shares the most words with `key`, if any.
    fn nearest(&self, key: &str) -> Option<&'static str> {
        let words = |text: &str| text.split(['.', '_']).map(str::to_owned).collect::<Vec<_>>();
        let wanted = words(key);
        let shared = |known: &str| words(known).iter().filter(|word| wanted.contains(word)).count();
        let best =
            self.effective.iter().map(|value| value.key).max_by_key(|known| shared(known))?;
        (shared(best) > 0).then_some(best)
    }
}

fn not_understood<T: Setting>(key: &str, raw: &Raw) -> ConfigError {
    let place = in_place(&raw.place);
    let problem = match raw.kind {
        _ if T::IS_SECRET => "the value is not understood".to_owned(),
        Kind::Text if !T::KINDS.contains(&Kind::Text) => format!("{:?} is a text", raw.text),
        Kind::Untyped | Kind::Text => format!("{:?} is not understood", raw.text),
        kind if T::KINDS.contains(&kind) => format!("{} is not understood", raw.text),
        kind => format!("{} is {kind}", raw.text),
    };
    ConfigError(format!("{key}{place}: {problem}; write {}", T::EXPECTED))
}

fn in_place(place: &Place) -> String {
    match place {
        Place::Environment(name) => format!(" in the environment, {name}"),
        place => format!(" in {place}"),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1
}

fn flatten(
    table: &DeTable<'_>,
    prefix: &str,
    place: &impl Fn(usize) -> Place,
    into: &mut BTreeMap<String, Raw>,
) {
    for (name, value) in table {
        let key = format!("{prefix}{}", name.get_ref());
        let at = Spanned::span(name).start;
        match value.get_ref() {
            DeValue::Table(inner) if !inner.is_empty() => {
                flatten(inner, &format!("{key}."), place, into);
            }
            DeValue::Table(_) => {
                let raw = Raw { text: String::new(), kind: Kind::Other, place: place(at) };
                into.insert(format!("{key}."), raw);
            }
            leaf => {
                let (text, kind) = read_leaf(leaf);
                into.insert(key, Raw { text, kind, place: place(at) });
            }
        }
    }
}

fn read_leaf(value: &DeValue<'_>) -> (String, Kind) {
    match value {
        DeValue::String(text) => (text.clone().into_owned(), Kind::Text),
        DeValue::Integer(number) => (number.to_string(), Kind::Number),
        DeValue::Boolean(truth) => (truth.to_string(), Kind::Truth),
        DeValue::Float(number) => (number.to_string(), Kind::Other),
        DeValue::Datetime(time) => (time.to_string(), Kind::Other),
        DeValue::Array(items) => read_list(items.iter().map(Spanned::get_ref)),
        DeValue::Table(_) => ("this".to_owned(), Kind::Other),
    }
}

fn read_list<'a>(items: impl Iterator<Item = &'a DeValue<'a>>) -> (String, Kind) {
    let texts: Option<Vec<&str>> = items.map(DeValue::as_str).collect();
    match texts {
        Some(texts) => (texts.join(","), Kind::List),
        None => ("this".to_owned(), Kind::Other),
    }
}
