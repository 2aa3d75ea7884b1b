//! What an upstream index says about a project, as it is kept here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::project::Status;
use crate::error::{Error, Result};
use crate::packaging::{Filename, NormalizedName, PackageType, Sha256, Version};
use crate::simple::{Address, SHA256};
use crate::time::Time;

/// Pages say the same things thousands of times: higher levels take much longer for little.
const ZSTD_LEVEL: i32 = 3;
/// What stands behind the version in the names of files of older times.
const ENDINGS: [&str; 9] =
    [".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz", ".egg", ".exe", ".msi", ".rpm"];
/// What stands between version and ending in the names of installers for Windows.
const WINDOWS: [&str; 3] = [".win32", ".win-amd64", ".win-arm64"];

/// The page of a project of an upstream index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamPage {
    /// What may be done with the project (PEP 792).
    pub status: Status,
    /// Why.
    pub status_reason: Option<String>,
    /// All versions, by the order of PEP 440; also those without files.
    pub versions: Vec<String>,
    /// All files that are named in a way that can be served, by version and name.
    pub files: Vec<UpstreamFile>,
}

/// A file of such a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamFile {
    /// Its name: printable ASCII without blanks and path separators.
    pub filename: String,
    /// Where the upstream index has it: an absolute http or https URL without fragment.
    pub url: String,
    /// Its address here.
    pub address: Address,
    /// Its digests in lower-case hexadecimal digits by the names of their algorithms.
    pub hashes: BTreeMap<String, String>,
    /// How many bytes it has.
    pub size: Option<u64>,
    /// When it was uploaded there.
    pub upload_time: Option<Time>,
    /// The versions of Python that it is for.
    pub requires_python: Option<String>,
    /// Why it is yanked; the reason may be empty.
    pub yanked: Option<String>,
    /// The SHA-256 of the metadata beside it, in lower-case hexadecimal digits. Where the index
    /// says that there is some and gives no digest, it counts as none.
    pub core_metadata: Option<String>,
    /// Where its provenance can be read: an absolute URL.
    pub provenance: Option<String>,
    /// Its version, where its name tells it.
    pub version: Option<String>,
}

impl UpstreamPage {
    /// Itself as it is kept in the database.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let text = serde_json::to_vec(self)
            .map_err(|error| Error::internal("writing the page of another index", error))?;
        zstd::bulk::compress(&text, ZSTD_LEVEL)
            .map_err(|error| Error::internal("compressing the page of another index", error))
    }

    /// Reads what [`UpstreamPage::to_bytes`] made; `None` for all else, such as what another
    /// release of this program made otherwise: it is asked for again.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(&zstd::stream::decode_all(bytes).ok()?).ok()
    }

    /// The file of that name at that address.
    pub fn find(&self, filename: &str, address: Address) -> Option<&UpstreamFile> {
        self.files.iter().find(|file| file.address == address && file.filename == filename)
    }
}

impl UpstreamFile {
    /// What stands behind `/packages/` in its URL here.
    pub fn path(&self) -> String {
        format!("{}/{}", self.address, self.filename)
    }

    /// What its bytes must have as SHA-256, where the index says it.
    pub fn sha256(&self) -> Option<Sha256> {
        self.hashes.get(SHA256).and_then(|digits| Sha256::parse(digits))
    }

    /// What the metadata beside it must have as SHA-256; none: there is none to rely on.
    pub fn core_metadata(&self) -> Option<Sha256> {
        self.core_metadata.as_deref().and_then(Sha256::parse)
    }
}

/// The projects that a file name may speak of. The name of a wheel tells it, that of a source
/// distribution most of the time, first; those of older times can be cut at any dash.
pub fn possible_projects(filename: &str) -> Vec<NormalizedName> {
    let told = Filename::parse_alone(filename).ok();
    let mut found: Vec<_> = told.iter().map(|told| told.name().clone()).collect();
    if told.is_none_or(|told| told.package_type() != PackageType::Wheel) {
        let heads = filename.match_indices('-').filter_map(|(at, _)| filename.get(..at));
        for name in heads.filter_map(NormalizedName::parse) {
            if !found.contains(&name) {
                found.push(name);
            }
        }
    }
    found
}

/// The version that the name of a file of this project speaks of.
pub fn version_of(filename: &str, project: &NormalizedName) -> Option<Version> {
    if let Ok(parsed) = Filename::parse(filename, project) {
        return Some(parsed.version().clone());
    }
    let is_name = |(at, _): &(usize, &str)| {
        filename.get(..*at).and_then(NormalizedName::parse).as_ref() == Some(project)
    };
    let (at, _) = filename.match_indices('-').find(is_name)?;
    let rest = filename.get(at + 1..)?;
    let rest = ENDINGS.iter().find_map(|ending| rest.strip_suffix(ending)).unwrap_or(rest);
    let cut = |text: &str| {
        let whole = WINDOWS.iter().find_map(|part| text.strip_suffix(part)).unwrap_or(text);
        Version::parse(whole)
    };
    let first = || rest.split('-').next().and_then(cut);
    // `1.0.win32-py2.7` has the platform before the dash.
    let before_platform = || {
        let (head, _) = WINDOWS.iter().find_map(|part| rest.split_once(part))?;
        Version::parse(head)
    };
    cut(rest).or_else(before_platform).or_else(first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(filename: &str) -> Vec<String> {
        possible_projects(filename).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn file_names_tell_the_project_or_some_that_are_possible() {
        for (filename, expected) in [
            ("Foo.Bar-1.0-py3-none-any.whl", &["foo-bar"][..]),
            ("foo-1.0.tar.gz", &["foo"]),
            ("foo-bar-1.0.tar.gz", &["foo-bar", "foo"]),
            ("foo-1.0-1.tar.gz", &["foo-1-0", "foo"]),
            ("foo-1.0-py2.7.egg", &["foo", "foo-1-0"]),
            ("foo-1.0.win32-py2.7.exe", &["foo", "foo-1-0-win32"]),
            ("foo.tar.gz", &[]),
            ("", &[]),
        ] {
            assert_eq!(names(filename), expected, "{filename}");
        }
    }

    #[test]
    fn versions_of_files_old_and_new() {
        let Some(project) = NormalizedName::parse("foo-bar") else { panic!("a name") };
        let version = |filename| version_of(filename, &project).map(|it| it.to_string());
        for (filename, expected) in [
            ("foo_bar-1.0-py3-none-any.whl", Some("1.0")),
            ("foo-bar-1.0.tar.gz", Some("1.0")),
            ("foo-bar-1.0-py2.7.egg", Some("1.0")),
            ("foo-bar-1.0.win32-py2.7.exe", Some("1.0")),
            ("foo-bar-1.0.win-amd64.exe", Some("1.0")),
            ("foo-bar-1.0.tar.bz2", Some("1.0")),
            ("foo-bar-latest.tar.gz", None),
            ("other-1.0.tar.bz2", None),
        ] {
            assert_eq!(version(filename).as_deref(), expected, "{filename}");
        }
    }

    #[test]
    fn a_page_survives_being_kept() -> Result<()> {
        let digest = Sha256::from([7; 32]);
        let file = UpstreamFile {
            filename: "foo-1.0.tar.gz".to_owned(),
            url: "https://files.example.org/x/foo-1.0.tar.gz".to_owned(),
            address: Address::other(&digest),
            hashes: BTreeMap::from([("sha256".to_owned(), digest.to_string())]),
            size: Some(3),
            upload_time: Some(crate::time::now()),
            requires_python: Some(">=3".to_owned()),
            yanked: Some(String::new()),
            core_metadata: Some(digest.to_string()),
            provenance: None,
            version: Some("1.0".to_owned()),
        };
        let page = UpstreamPage {
            status: Status::Deprecated,
            status_reason: Some("old".to_owned()),
            versions: vec!["1.0".to_owned()],
            files: vec![file.clone()],
        };
        assert_eq!(UpstreamPage::from_bytes(&page.to_bytes()?).as_ref(), Some(&page));
        assert_eq!(UpstreamPage::from_bytes(b"nonsense"), None);
        assert_eq!(page.find("foo-1.0.tar.gz", file.address), Some(&file));
        assert_eq!(file.path(), format!("u/{digest}/foo-1.0.tar.gz"));
        assert_eq!((file.sha256(), file.core_metadata()), (Some(digest.clone()), Some(digest)));
        Ok(())
    }

    proptest! {
        #[test]
        fn no_file_name_makes_it_panic(text in ".*", odd in "[a-z.é_-]{0,9}-[0-9.]{0,4}[.a-z0-9-]{0,12}") {
            let Some(project) = NormalizedName::parse("foo") else { panic!("a name") };
            for text in [text, odd] {
                let _ = (possible_projects(&text), version_of(&text, &project));
            }
        }
    }
}
