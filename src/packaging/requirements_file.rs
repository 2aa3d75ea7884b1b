//! Requirements files, as pip reads them.
//! Source: <https://pip.pypa.io/en/stable/reference/requirements-file-format/>

use super::metadata::{Requirement, RequirementError};
use super::{NormalizedName, Sha256};

/// How the digests begin that are understood.
const SHA256: &str = "sha256:";
/// What the names of archives end with that stand where a requirement could.
const ARCHIVES: [&str; 5] = [".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz"];

/// A project, and which of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Required {
    /// Its name.
    pub name: NormalizedName,
    /// The version specifier set, as written; empty: any version.
    pub versions: String,
    /// SHA-256 digests, one of which a file must have; none: it may have any.
    pub hashes: Vec<Sha256>,
}

impl Required {
    /// Reads a requirement. Extras and markers are checked and passed over: whoever collects files
    /// for other machines does not know what holds there.
    pub fn parse(text: &str) -> Result<Self, NotRequired> {
        let parsed = Requirement::parse(text)?;
        if parsed.url.is_some() {
            return Err(NotRequired::Url);
        }
        let name = NormalizedName::parse(parsed.name).ok_or(RequirementError::Name)?;
        Ok(Self { name, versions: parsed.versions.to_owned(), hashes: Vec::new() })
    }
}

/// Why a text asks for nothing that an index has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRequired {
    /// It names a file by its URL, or a folder.
    #[error("it is a URL or a path, which no index has")]
    Url,
    /// It is no requirement.
    #[error("it is no requirement: {0}")]
    Text(#[from] RequirementError),
    /// An option behind it is malformed or unknown.
    #[error("{0}")]
    Option(String),
    /// None of its digests is understood.
    #[error("none of its hashes is SHA-256, which alone is checked")]
    Hashes,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A requirement.
    Required(Required),
    /// It asks for something that cannot be had.
    Bad(String, NotRequired),
    /// Another requirements file, by its path.
    Requirements(String),
    /// A file of constraints, by its path.
    Constraints(String),
    /// Versions before the final ones are wanted, too (`--pre`).
    Prereleases,
    /// Every requirement must have hashes (`--require-hashes`).
    HashesRequired,
    /// An option that has no meaning here.
    Option(String),
}

/// Reads a requirements file; each entry with the number of the line that it begins on.
///
/// ```
/// use cheeseshop::packaging::requirements_file::{Entry, read};
///
/// let lines = read("# tools\n-r more.txt\nfoo>=1 \\\n  # why\n--pre");
/// assert_eq!(lines[0], (2, Entry::Requirements("more.txt".to_owned())));
/// assert_eq!(lines[2], (5, Entry::Prereleases));
/// ```
pub fn read(text: &str) -> Vec<(usize, Entry)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    joined(text)
        .into_iter()
        .filter_map(|(number, line)| {
            let line = without_comment(&line).trim();
            (!line.is_empty()).then(|| (number, entry(line)))
        })
        .collect()
}

/// Lines with those that a backslash joins to them. A line that is a comment ends the joining.
fn joined(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (at, line) in text.lines().enumerate() {
        let is_comment = line.trim_start().starts_with('#');
        let (begin, mut whole) = open.take().unwrap_or((at + 1, String::new()));
        match line.strip_suffix('\\') {
            Some(head) if !is_comment => {
                whole.push_str(head);
                open = Some((begin, whole));
            }
            _ => {
                if is_comment {
                    whole.push(' ');
                }
                whole.push_str(line);
                found.push((begin, whole));
            }
        }
    }
    found.extend(open);
    found
}

/// A `#` begins a comment at the beginning of a line and behind a blank: URLs have some, too.
fn without_comment(line: &str) -> &str {
    let begins = |(at, _): &(usize, &str)| {
        line.get(..*at).is_some_and(|head| head.is_empty() || head.ends_with(char::is_whitespace))
    };
    let comment = line.match_indices('#').find(begins);
    comment.and_then(|(at, _)| line.get(..at)).unwrap_or(line)
}

fn entry(line: &str) -> Entry {
    if !line.starts_with('-') {
        return match required(line) {
            Ok(required) => Entry::Required(required),
            Err(why) => Entry::Bad(line.to_owned(), why),
        };
    }
    let value = |names: [&str; 2]| names.into_iter().find_map(|name| value_of(line, name));
    if let Some(path) = value(["--requirement", "-r"]) {
        return Entry::Requirements(path);
    }
    if let Some(path) = value(["--constraint", "-c"]) {
        return Entry::Constraints(path);
    }
    if value(["--editable", "-e"]).is_some() {
        return Entry::Bad(line.to_owned(), NotRequired::Url);
    }
    match line {
        "--pre" => Entry::Prereleases,
        "--require-hashes" => Entry::HashesRequired,
        line => Entry::Option(line.to_owned()),
    }
}

/// The value of an option, with `=`, blanks, or, for a short one, nothing between them.
fn value_of(line: &str, name: &str) -> Option<String> {
    let rest = line.strip_prefix(name)?;
    let is_apart = rest.starts_with(|c: char| c == '=' || c.is_whitespace());
    if !is_apart && name.starts_with("--") {
        return None;
    }
    let value = rest.trim_start().trim_start_matches('=').trim();
    let plain = value.trim_matches(['"', '\'']);
    (!plain.is_empty()).then(|| plain.to_owned())
}

fn required(line: &str) -> Result<Required, NotRequired> {
    // As pip has it: options begin with the first word that begins with a dash.
    let begin = line.match_indices(char::is_whitespace).find_map(|(at, blank)| {
        let rest = line.get(at + blank.len()..)?;
        rest.starts_with('-').then_some((line.get(..at)?, rest))
    });
    let (text, options) = begin.unwrap_or((line, ""));
    let text = text.trim();
    let is_path = text.starts_with(['.', '/', '~']) || text.contains("://");
    if is_path || ARCHIVES.iter().any(|ending| text.ends_with(ending)) {
        return Err(NotRequired::Url);
    }
    let hashes = hashes(options)?;
    Ok(Required { hashes, ..Required::parse(text)? })
}

fn hashes(options: &str) -> Result<Vec<Sha256>, NotRequired> {
    let mut found = Vec::new();
    let mut are_others = false;
    let mut words = options.split_whitespace();
    while let Some(word) = words.next() {
        let unknown = || NotRequired::Option(format!("the option {word} is not understood"));
        let value = match word.strip_prefix("--hash").ok_or_else(unknown)? {
            "" => words.next().unwrap_or_default(),
            rest => rest.strip_prefix('=').ok_or_else(unknown)?,
        };
        match value.strip_prefix(SHA256) {
            Some(digits) => {
                let bad = || NotRequired::Option(format!("{value} is no hash"));
                let digest = Sha256::parse(&digits.to_ascii_lowercase()).ok_or_else(bad)?;
                found.push(digest);
            }
            None if value.contains(':') => are_others = true,
            None => return Err(NotRequired::Option(format!("{value:?} is no hash"))),
        }
    }
    if are_others && found.is_empty() { Err(NotRequired::Hashes) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(text: &str) -> Entry {
        let mut lines = read(text);
        assert_eq!(lines.len(), 1, "{text:?}: {lines:?}");
        let Some((_, entry)) = lines.pop() else { panic!("{text}") };
        entry
    }

    fn plain(name: &str, versions: &str, hashes: Vec<Sha256>) -> Entry {
        let Some(name) = NormalizedName::parse(name) else { panic!("{name}") };
        Entry::Required(Required { name, versions: versions.to_owned(), hashes })
    }

    #[test]
    fn requirements_are_read_with_their_hashes() {
        let digest = Sha256::from([7; 32]);
        let long = format!(
            "Foo.Bar[x] == 1.0 ; os_name == 'a' \\\n    --hash=SHA \\\n  --hash sha256:{digest} # x\n",
        );
        let other = long.replace("SHA", "sha512:abc");
        assert_eq!(one(&other), plain("foo-bar", "== 1.0", vec![digest.clone()]));
        let upper = format!("foo --hash=sha256:{}", digest.to_string().to_uppercase());
        assert_eq!(one(&upper), plain("foo", "", vec![digest]));
        assert_eq!(one("\u{feff}foo>=1,<2  # why"), plain("foo", ">=1,<2", Vec::new()));
        assert_eq!(one("foo\\\n>=1"), plain("foo", ">=1", Vec::new()));
        assert_eq!(one("foo\\\n# comment"), plain("foo", "", Vec::new()));
        assert_eq!(one("foo \\"), plain("foo", "", Vec::new()));
        for bad in [
            "foo --hash=sha512:abc",
            "foo --hash=abc",
            "foo --hash",
            "foo --hash=sha256:abc",
            "foo --hashes=sha256:abc",
            "foo --config-settings=x",
            "foo bar",
            "foo==",
            "./foo",
            "../foo.tar.gz",
            "https://x/foo.zip#egg=foo",
            "foo @ https://x/foo.zip",
            "foo-1.0-py3-none-any.whl",
            "git+ssh://x/y",
            "-e .",
            "--editable=.",
            "${NAME}==1",
        ] {
            assert!(matches!(one(bad), Entry::Bad(..)), "{bad}: {:?}", one(bad));
        }
    }

    #[test]
    fn other_lines_say_what_they_are() {
        for text in ["-r a b.txt", "-ra b.txt", "--requirement=a b.txt", "--requirement 'a b.txt'"]
        {
            assert_eq!(one(text), Entry::Requirements("a b.txt".to_owned()), "{text}");
        }
        assert_eq!(one("-c x"), Entry::Constraints("x".to_owned()));
        assert_eq!(one("  --pre"), Entry::Prereleases);
        assert_eq!(one("--require-hashes"), Entry::HashesRequired);
        for text in ["-i https://x/", "--index-url=https://x/", "--no-binary :all:", "-r", "--x"] {
            assert_eq!(one(text), Entry::Option(text.to_owned()));
        }
        assert_eq!(read("\n# a\n  # b\n\n"), []);
        let numbers: Vec<_> = read("a\n\nb \\\n==1\nc").iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 3, 5]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([a-z#\\\\\n =:-]|--hash|sha256:){0,40}") {
            let _ = read(&text);
        }

        #[test]
        fn no_other_text_does_either(text in "(?s).*") {
            let _ = read(&text);
        }
    }
}
