//! A file as the page of another index names it, in whichever form, and what is taken of it.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, NaiveDateTime};
use percent_encoding::percent_decode_str;
use sha2::Digest;
use url::Url;

use crate::mirror::page::{UpstreamFile, possible_projects, version_of};
use crate::packaging::{NormalizedName, Sha256, Version};
use crate::simple::{Address, SHA256};
use crate::time::{self, Time};

/// Longest file name that is taken, as for uploads: with `.metadata` behind it, it still fits the
/// 255 bytes that most file systems allow.
const LONGEST_FILENAME: usize = 240;
/// Longer texts are not requirements, reasons or URLs any more.
const LONGEST_TEXT: usize = 4096;
/// What is served beside a file under its own name.
const METADATA: &str = ".metadata";
/// Digits of the digests of SHA-256, and of the longest ones that there are (SHA-512).
const SHA256_DIGITS: usize = 64;
const MOST_DIGITS: usize = 128;
/// Longest name of an algorithm that is taken.
const LONGEST_ALGORITHM: usize = 16;

/// What a page says about a file. Nothing of it has been looked at.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// Its name; none: what the URL ends with.
    pub(super) filename: Option<String>,
    pub(super) url: String,
    pub(super) hashes: Vec<(String, String)>,
    pub(super) size: Option<u64>,
    pub(super) upload_time: Option<String>,
    pub(super) requires_python: Option<String>,
    pub(super) yanked: Option<String>,
    /// The digests of the metadata beside it.
    pub(super) core_metadata: Vec<(String, String)>,
    pub(super) provenance: Option<String>,
}

impl Entry {
    /// What is taken of it; `None` where it cannot be served: by its name, which speaks of no file
    /// or of one of another project, or by its URL.
    pub(super) fn take(self, project: &NormalizedName, base: &Url) -> Option<UpstreamFile> {
        let (url, fragment) = file_url(base, &self.url)?;
        let filename = match self.filename {
            Some(filename) => filename,
            None => last_segment(&url)?,
        };
        if !is_file_name(&filename) || !possible_projects(&filename).contains(project) {
            return None;
        }
        let mut hashes = digests(self.hashes);
        if let Some((algorithm, digits)) = fragment {
            hashes.entry(algorithm).or_insert(digits);
        }
        Some(UpstreamFile {
            address: address(&url, &filename, &hashes),
            version: version_of(&filename, project).map(|version| version.to_string()),
            size: self.size.filter(|size| i64::try_from(*size).is_ok()),
            upload_time: self.upload_time.as_deref().and_then(moment),
            requires_python: self.requires_python.as_deref().and_then(one_line),
            yanked: self.yanked.map(|reason| one_line(&reason).unwrap_or_default()),
            core_metadata: digests(self.core_metadata).remove(SHA256),
            provenance: self.provenance.and_then(|url| outer_url(base, &url)).map(String::from),
            url: url.into(),
            filename,
            hashes,
        })
    }
}

/// The files of a page in order: by version and name. Of two with one name the first counts.
pub(super) fn in_order(mut files: Vec<UpstreamFile>) -> Vec<UpstreamFile> {
    let mut seen = HashSet::new();
    files.retain(|file| seen.insert(file.filename.clone()));
    let version = |file: &UpstreamFile| file.version.as_deref().and_then(Version::parse);
    files.sort_by_cached_key(|file| (version(file), file.filename.clone()));
    files
}

/// The versions that a page names and those that its files have, in order.
pub(super) fn versions(named: Vec<String>, files: &[UpstreamFile]) -> Vec<String> {
    let of_files = files.iter().filter_map(|file| file.version.clone());
    let mut found: Vec<(Version, String)> = Vec::new();
    for text in named.into_iter().chain(of_files) {
        if let Some(version) = Version::parse(&text).filter(|_| text.trim() == text) {
            found.push((version, text));
        }
    }
    // A stable sort: of equal versions the one that the page itself names comes first.
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found.dedup_by(|(one, _), (other, _)| one == other);
    found.into_iter().map(|(_, text)| text).collect()
}

/// The absolute URL of a file without its fragment, and the digest that the fragment gives.
fn file_url(base: &Url, text: &str) -> Option<(Url, Option<(String, String)>)> {
    let mut url = outer_url(base, text)?;
    let fragment = url.fragment().and_then(|fragment| fragment.split('&').find_map(digest_in));
    url.set_fragment(None);
    Some((url, fragment))
}

/// An absolute http or https URL without credentials. An index that is asked by https names
/// nothing that is not encrypted.
fn outer_url(base: &Url, text: &str) -> Option<Url> {
    if text.len() > LONGEST_TEXT {
        return None;
    }
    let mut url = base.join(text.trim()).ok()?;
    let fits = match url.scheme() {
        "https" => true,
        "http" => base.scheme() == "http",
        _ => false,
    };
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    (fits && url.has_host()).then_some(url)
}

/// What a URL's path ends with, decoded.
fn last_segment(url: &Url) -> Option<String> {
    decoded(url.path_segments()?.next_back()?)
}

fn decoded(text: &str) -> Option<String> {
    Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())
}

/// Whether a name is that of a file that can be served under it.
fn is_file_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST_FILENAME
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"/\\".contains(&byte))
        && !text.ends_with(METADATA)
        && !text.starts_with('.')
}

/// The address here of what another index has at a URL.
fn address(url: &Url, filename: &str, hashes: &BTreeMap<String, String>) -> Address {
    let kept = || {
        let segments: Vec<&str> = url.path_segments()?.collect();
        let [.., "packages", first, second, rest, last] = segments.as_slice() else { return None };
        let is_named_so = url.query().is_none() && decoded(last).as_deref() == Some(filename);
        Address::parse(&[first, second, rest]).filter(|_| is_named_so)
    };
    let by_digest = || hashes.get(SHA256).and_then(|digits| Sha256::parse(digits));
    let by_url = || Sha256::from(<[u8; 32]>::from(sha2::Sha256::digest(url.as_str())));
    kept().unwrap_or_else(|| Address::other(&by_digest().unwrap_or_else(by_url)))
}

/// A digest as fragments and attributes give it: `sha256=…`.
pub(super) fn digest_in(text: &str) -> Option<(String, String)> {
    let (algorithm, digits) = text.split_once('=')?;
    digest(algorithm, digits)
}

fn digest(algorithm: &str, digits: &str) -> Option<(String, String)> {
    let (algorithm, digits) = (algorithm.to_ascii_lowercase(), digits.to_ascii_lowercase());
    let is_algorithm = !algorithm.is_empty()
        && algorithm.len() <= LONGEST_ALGORITHM
        && algorithm.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let is_length =
        if algorithm == SHA256 { digits.len() == SHA256_DIGITS } else { digits.len() >= 8 };
    let is_digest = is_length
        && digits.len() <= MOST_DIGITS
        && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    (is_algorithm && is_digest).then_some((algorithm, digits))
}

fn digests(named: Vec<(String, String)>) -> BTreeMap<String, String> {
    let read = |(algorithm, digits): (String, String)| digest(&algorithm, &digits);
    named.into_iter().filter_map(read).collect()
}

/// A text that may stand on a page of ours: one line, without what is not printed, not endless.
pub(super) fn one_line(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = !text.is_empty() && text.len() <= LONGEST_TEXT;
    fits.then(|| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
}

/// A moment as PEP 700 writes it, or with another offset; without one it is UTC.
fn moment(text: &str) -> Option<Time> {
    let text = text.trim();
    let with_offset = DateTime::parse_from_rfc3339(text).map(|moment| moment.naive_utc());
    let time = with_offset.or_else(|_| text.parse::<NaiveDateTime>()).ok()?;
    Some(time::exact(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(filename: Option<&str>, url: &str) -> Option<UpstreamFile> {
        let entry = Entry {
            filename: filename.map(str::to_owned),
            url: url.to_owned(),
            ..Entry::default()
        };
        let base = Url::parse("https://index.example.org/simple/foo/").ok()?;
        entry.take(&NormalizedName::parse("foo")?, &base)
    }

    #[test]
    fn addresses_are_kept_where_they_can_be() {
        let rest = "0f".repeat(30);
        let kept = format!("https://files.example.org/x/packages/aa/bb/{rest}/foo-1.0.tar.gz");
        let file = take(None, &format!("{kept}#sha256={}", "A".repeat(64)));
        let Some(file) = file else { panic!("it is a file") };
        assert_eq!(file.path(), format!("aa/bb/{rest}/foo-1.0.tar.gz"));
        assert_eq!(file.url, kept);
        assert_eq!(file.sha256().map(|it| it.to_string()), Some("a".repeat(64)));
        let digest = "c".repeat(64);
        for (url, path) in [
            (format!("../../foo-1.0.tar.gz#sha256={digest}"), format!("u/{digest}/foo-1.0.tar.gz")),
            (format!("{kept}?x#sha256={digest}"), format!("u/{digest}/foo-1.0.tar.gz")),
        ] {
            assert_eq!(take(None, &url).map(|file| file.path()), Some(path), "{url}");
        }
        let named = take(Some("foo-1.0.zip"), &format!("{kept}#sha256={digest}"));
        assert_eq!(named.map(|file| file.path()), Some(format!("u/{digest}/foo-1.0.zip")));
        let (one, other) = (take(None, "a/foo-1.0.zip"), take(None, "b/foo-1.0.zip"));
        assert_ne!(one.map(|it| it.address), other.map(|it| it.address));
        let upper = kept.replace("0f", "0F");
        assert!(take(None, &upper).is_some_and(|file| file.path().starts_with("u/")));
    }

    #[test]
    fn what_cannot_be_served_is_left_out() {
        let kept = "https://x/foo-1.0.tar.gz";
        for (filename, url) in [
            (None, "https://x/"),
            (None, "https://x/foo-1.0.tar.gz.metadata"),
            (None, "https://x/other-1.0.tar.gz"),
            (None, "https://x/bar-1.0-py3-none-any.whl"),
            (None, "http://x/foo-1.0.tar.gz"),
            (None, "ftp://x/foo-1.0.tar.gz"),
            (None, "file:///foo-1.0.tar.gz"),
            (None, "data:foo-1.0.tar.gz"),
            (None, "https://x/%2e%2e%2ffoo-1.0.tar.gz"),
            (None, "https://[/foo-1.0.tar.gz"),
            (Some("../foo-1.0.tar.gz"), kept),
            (Some("foo-1.0.tar.gz\n"), kept),
            (Some("foo 1.0.tar.gz"), kept),
            (Some(""), kept),
            (Some(".foo-1.0.tar.gz"), kept),
            (Some("foo"), kept),
        ] {
            assert_eq!(take(filename, url), None, "{filename:?} {url}");
        }
        let long = format!("foo-1.0-py3-none-{}.whl", "a".repeat(LONGEST_FILENAME));
        assert_eq!(take(Some(&long), kept), None);
    }

    #[test]
    fn credentials_in_urls_are_nobodys() {
        let file = take(None, "https://ada:secret@x/foo-1.0.tar.gz");
        assert_eq!(file.map(|file| file.url).as_deref(), Some("https://x/foo-1.0.tar.gz"));
    }

    #[test]
    fn moments_have_microseconds_and_an_offset_or_none() {
        let read = |text| moment(text).map(time::iso);
        for (text, expected) in [
            ("2020-01-02T03:04:05.678901Z", "2020-01-02T03:04:05.678901Z"),
            ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05.000000Z"),
            ("2020-01-02T03:04:05.6789012345+01:00", "2020-01-02T02:04:05.678901Z"),
            ("2020-01-02T03:04:05.1", "2020-01-02T03:04:05.100000Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        for bad in ["", "yesterday", "2020-01-02", "2020-13-02T03:04:05Z", "1577934245"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn versions_are_in_order_once_each() {
        let named = ["2.0", "1.10", "1.9", "nonsense", "1.9.0", " 3.0"].map(str::to_owned);
        assert_eq!(versions(named.to_vec(), &[]), ["1.9", "1.10", "2.0"]);
        let files: Vec<_> = take(None, "https://x/foo-1.5.tar.gz").into_iter().collect();
        assert_eq!(versions(vec!["2.0".to_owned()], &files), ["1.5", "2.0"]);
    }
}
