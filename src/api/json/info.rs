//! `info`: what the metadata of a release says, under PyPI's names.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::config::PublicUrl;
use crate::downloads::sums::Sums;
use crate::packaging::{CoreMetadata, NormalizedName};

/// The release that it is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    /// The project's name as its owners spell it.
    pub(super) name: &'a str,
    /// Its normalized name.
    pub(super) normalized: &'a NormalizedName,
    /// The version in normal form.
    pub(super) version: &'a str,
    /// Why it is yanked.
    pub(super) yanked: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Info<'a> {
    author: Option<&'a str>,
    author_email: Option<&'a str>,
    bugtrack_url: Option<&'a str>,
    classifiers: Vec<&'a str>,
    description: &'a str,
    description_content_type: Option<&'a str>,
    docs_url: Option<&'a str>,
    download_url: Option<&'a str>,
    downloads: Downloads,
    dynamic: Option<Vec<&'a str>>,
    home_page: Option<&'a str>,
    keywords: Option<&'a str>,
    license: Option<&'a str>,
    license_expression: Option<String>,
    license_files: Option<Vec<&'a str>>,
    maintainer: Option<&'a str>,
    maintainer_email: Option<&'a str>,
    name: &'a str,
    package_url: String,
    platform: Option<String>,
    project_url: String,
    project_urls: Option<BTreeMap<&'a str, &'a str>>,
    provides_extra: Option<Vec<&'a str>>,
    release_url: String,
    requires_dist: Option<Vec<&'a str>>,
    requires_python: Option<&'a str>,
    summary: Option<&'a str>,
    version: &'a str,
    yanked: bool,
    yanked_reason: Option<&'a str>,
}

/// How often files of the project were downloaded: today, in seven and in thirty days.
#[derive(Serialize)]
struct Downloads {
    #[serde(rename = "last_day")]
    day: i64,
    #[serde(rename = "last_month")]
    month: i64,
    #[serde(rename = "last_week")]
    week: i64,
}

impl<'a> Info<'a> {
    pub(super) fn new(
        url: &PublicUrl,
        subject: Subject<'a>,
        metadata: &'a CoreMetadata,
        sums: &Sums,
    ) -> Self {
        let one = |field| metadata.one(field);
        let list = |field| some_of(metadata.all(field).collect());
        let page = format!("{url}/project/{}/", subject.normalized);
        let platforms: Vec<_> = metadata.all("platform").collect();
        Self {
            author: one("author"),
            author_email: one("author-email"),
            bugtrack_url: None,
            classifiers: metadata.all("classifier").collect(),
            description: metadata.description(),
            description_content_type: one("description-content-type"),
            docs_url: None,
            download_url: one("download-url"),
            downloads: Downloads {
                day: sums.last_day(),
                month: sums.last_month(),
                week: sums.last_week(),
            },
            dynamic: list("dynamic"),
            home_page: one("home-page"),
            keywords: one("keywords"),
            license: one("license"),
            license_expression: metadata.license_expression(),
            license_files: list("license-file"),
            maintainer: one("maintainer"),
            maintainer_email: one("maintainer-email"),
            name: subject.name,
            platform: some_of(platforms).map(|platforms| platforms.join(", ")),
            project_urls: project_urls(metadata),
            provides_extra: list("provides-extra"),
            release_url: format!("{page}{}/", subject.version),
            requires_dist: list("requires-dist"),
            requires_python: one("requires-python"),
            summary: one("summary"),
            version: subject.version,
            yanked: subject.yanked.is_some(),
            yanked_reason: subject.yanked.filter(|reason| !reason.is_empty()),
            project_url: page.clone(),
            package_url: page,
        }
    }
}

/// `null` stands for an empty list in this API.
fn some_of<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// The addresses under `Project-URL` together with those of the older fields, which are named
/// `Homepage` and `Download` here unless the newer ones say the same again.
fn project_urls(metadata: &CoreMetadata) -> Option<BTreeMap<&str, &str>> {
    let mut urls = BTreeMap::new();
    for (label, field) in [("Homepage", "home-page"), ("Download", "download-url")] {
        if let Some(url) = metadata.one(field) {
            urls.insert(label, url);
        }
    }
    for (label, url) in metadata.all("project-url").filter_map(|value| value.split_once(',')) {
        let (label, url) = (label.trim(), url.trim());
        let older = match plain(label).as_str() {
            "homepage" => Some("Homepage"),
            "downloadurl" => Some("Download"),
            _ => None,
        };
        let is_again = older.is_some_and(|older| urls.get(older) == Some(&url));
        if !is_again {
            urls.insert(label, url);
        }
    }
    (!urls.is_empty()).then_some(urls)
}

fn plain(label: &str) -> String {
    label.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_and_newer_addresses_are_one_list() {
        let urls = |text: &str| {
            let metadata = CoreMetadata::parse(text.as_bytes());
            project_urls(&metadata).map(|urls| {
                urls.iter().map(|(label, url)| format!("{label}={url}")).collect::<Vec<_>>()
            })
        };
        assert_eq!(urls("Name: foo\n"), None);
        let both = "Home-page: https://a/\nDownload-URL: https://d/\n";
        let labelled = |text| urls(&format!("{both}{text}")).unwrap_or_default();
        assert_eq!(labelled(""), ["Download=https://d/", "Homepage=https://a/"]);
        assert_eq!(
            labelled("Project-URL: home-page, https://a/\nProject-URL: Download URL, https://d/\n"),
            ["Download=https://d/", "Download URL=https://d/", "Homepage=https://a/"]
        );
        assert_eq!(
            labelled("Project-URL: Homepage, https://b/\nProject-URL: Docs,https://c/,x\n"),
            ["Docs=https://c/,x", "Download=https://d/", "Homepage=https://b/"]
        );
    }
}
