//! The file of user names and passwords that tools share: `.netrc`.
//! Source: <https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html>

use std::fmt;
use std::path::{Path, PathBuf};

/// Much more than any such file has; it is read whole.
const LONGEST: u64 = 1 << 20;

/// User names and passwords by host.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Netrc(Vec<Entry>);

#[derive(Clone, Default, PartialEq, Eq)]
struct Entry {
    /// None: for every host that no entry before it names.
    host: Option<String>,
    login: String,
    password: String,
}

/// Where it is: what `NETRC` names, else `.netrc` in the home folder.
pub(super) fn path() -> Option<PathBuf> {
    let named = std::env::var_os("NETRC").filter(|name| !name.is_empty()).map(PathBuf::from);
    named.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".netrc")))
}

impl Netrc {
    /// Reads it; empty where there is none.
    pub fn read(path: &Path) -> std::io::Result<Self> {
        match std::fs::metadata(path) {
            Ok(found) if found.len() > LONGEST => {
                Err(std::io::Error::other("it is much too long for such a file"))
            }
            Ok(_) => Ok(Self::parse(&std::fs::read_to_string(path)?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// User name and password for a host.
    pub fn find(&self, host: &str) -> Option<(&str, &str)> {
        let is_meant = |entry: &&Entry| {
            entry.host.as_deref().is_none_or(|known| known.eq_ignore_ascii_case(host))
        };
        self.0.iter().find(is_meant).map(|entry| (entry.login.as_str(), entry.password.as_str()))
    }

    /// Reads its words; what is not understood is passed over, as all its readers do.
    fn parse(text: &str) -> Self {
        let mut entries = Vec::new();
        let mut words = words(text).into_iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "machine" => entries.push(Entry { host: words.next(), ..Entry::default() }),
                "default" => entries.push(Entry::default()),
                "login" => set(&mut entries, words.next(), |entry| &mut entry.login),
                "password" => set(&mut entries, words.next(), |entry| &mut entry.password),
                "account" => drop(words.next()),
                _ => {}
            }
        }
        Self(entries)
    }
}

fn set(entries: &mut [Entry], word: Option<String>, field: fn(&mut Entry) -> &mut String) {
    if let (Some(entry), Some(word)) = (entries.last_mut(), word) {
        *field(entry) = word;
    }
}

/// The words of all lines but comments and macros. A word may stand in quotes.
fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim();
        if line.starts_with('#') {
            continue;
        }
        if line.starts_with("macdef") {
            // A macro ends at an empty line.
            lines.by_ref().find(|line| line.trim().is_empty());
            continue;
        }
        let mut rest = line;
        while let Some((word, behind)) = next_word(rest) {
            found.push(word);
            rest = behind;
        }
    }
    found
}

fn next_word(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let Some(quoted) = text.strip_prefix('"') else {
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        return (!word.is_empty()).then(|| (word.to_owned(), rest));
    };
    let mut word = String::new();
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Some((word, chars.as_str())),
            '\\' => word.extend(chars.next()),
            c => word.push(c),
        }
    }
    Some((word, ""))
}

impl fmt::Debug for Netrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} entries", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn entries_are_found_by_host() {
        let netrc = Netrc::parse(
            "# machine x login y\nmachine a.example login ada password hunter2\n\
             machine B.example\n  login \"b o b\"\n  account z\n  password \"p\\\"w#\"\n\
             macdef init\n machine c.example login no\n\nmachine d.example login d\n\
             default login anonymous password guest\n",
        );
        for (host, expected) in [
            ("a.example", ("ada", "hunter2")),
            ("b.EXAMPLE", ("b o b", "p\"w#")),
            ("c.example", ("anonymous", "guest")),
            ("d.example", ("d", "")),
        ] {
            assert_eq!(netrc.find(host), Some(expected), "{host}");
        }
        assert!(!format!("{netrc:?}").contains("hunter2"));
        assert_eq!(Netrc::parse("login x password y").find("a"), None);
    }

    #[test]
    fn a_missing_file_is_an_empty_one() {
        let read = Netrc::read(Path::new("/nowhere/at/all"));
        assert_eq!(read.ok(), Some(Netrc::default()));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(machine|login|password|default|macdef|\"|\\\\|#|\n| |.)*") {
            let _ = Netrc::parse(&text);
        }
    }
}
