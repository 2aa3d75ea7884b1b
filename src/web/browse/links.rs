//! The links that a project gives, with the well-known labels of PEP 753.

use url::Url;

use super::foreign;
use crate::packaging::CoreMetadata;

/// A link that the project gives.
pub(super) struct Link {
    /// What it is called here.
    pub(super) label: String,
    /// Where it leads.
    pub(super) url: String,
    /// The drawing beside it, as SVG of our own.
    pub(super) icon: &'static str,
}

/// A kind of link that everybody knows.
struct Known {
    label: &'static str,
    /// Normalized labels that mean it: the standard's own first.
    names: &'static [&'static str],
    icon: &'static str,
}

/// As many links are shown; the JSON API has all.
const MOST: usize = 20;
/// Longest label in characters: the specification's own limit for them.
const LONGEST_LABEL: usize = 32;
/// Longest address in bytes that is a link.
const LONGEST_URL: usize = 1000;

const OTHER: &str = include_str!("../../../static/icons/link.svg");

/// <https://packaging.python.org/en/latest/specifications/well-known-project-urls/>
static KNOWN: [Known; 8] = [
    Known {
        label: "Homepage",
        names: &["homepage"],
        icon: include_str!("../../../static/icons/home.svg"),
    },
    Known {
        label: "Source",
        names: &["source", "repository", "sourcecode", "github"],
        icon: include_str!("../../../static/icons/source.svg"),
    },
    Known {
        label: "Documentation",
        names: &["documentation", "docs"],
        icon: include_str!("../../../static/icons/book.svg"),
    },
    Known {
        label: "Changelog",
        names: &["changelog", "changes", "whatsnew", "history"],
        icon: include_str!("../../../static/icons/list.svg"),
    },
    Known {
        label: "Release notes",
        names: &["releasenotes"],
        icon: include_str!("../../../static/icons/list.svg"),
    },
    Known {
        label: "Issue tracker",
        names: &["issues", "bugs", "issue", "tracker", "issuetracker", "bugtracker"],
        icon: include_str!("../../../static/icons/issue.svg"),
    },
    Known {
        label: "Download",
        names: &["download"],
        icon: include_str!("../../../static/icons/download.svg"),
    },
    Known {
        label: "Funding",
        names: &["funding", "sponsor", "donate", "donation"],
        icon: include_str!("../../../static/icons/heart.svg"),
    },
];

/// The links that lead to the web, well-known ones first. `Project-URL` wins over the older fields
/// where both have a link of one kind.
pub(super) fn links(metadata: &CoreMetadata) -> Vec<Link> {
    let labelled = metadata.all("project-url").filter_map(|value| value.split_once(','));
    let mut found: Vec<_> = labelled.filter_map(|(label, url)| link(label, url)).collect();
    for (label, field) in [("Homepage", "home-page"), ("Download", "download-url")] {
        let old = metadata.one(field).and_then(|url| link(label, url));
        let is_new = |(place, old): &(usize, Link)| {
            !found.iter().any(|(there, link)| there == place || link.url == old.url)
        };
        found.extend(old.filter(is_new));
    }
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, link)| link).take(MOST).collect()
}

/// A link with the place of its kind among the others.
fn link(label: &str, url: &str) -> Option<(usize, Link)> {
    let parsed = Url::parse(url.trim()).ok().filter(|url| url.as_str().len() <= LONGEST_URL)?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return None;
    }
    let normal = normalized(label);
    let place = KNOWN.iter().position(|known| known.names.contains(&normal.as_str()));
    let known = place.and_then(|place| KNOWN.get(place));
    let own = foreign::line(label, LONGEST_LABEL);
    let label = known.map_or(own, |known| known.label.to_owned());
    let label = if label.is_empty() { parsed.host_str()?.to_owned() } else { label };
    let icon = known.map_or(OTHER, |known| known.icon);
    Some((place.unwrap_or(KNOWN.len()), Link { label, url: parsed.into(), icon }))
}

/// Without ASCII punctuation and blanks, in lower case (PEP 753, "Label normalization").
fn normalized(label: &str) -> String {
    let kept = label.chars().filter(|c| !c.is_ascii_punctuation() && !c.is_whitespace());
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String)> {
        let metadata = CoreMetadata::parse(text.as_bytes());
        links(&metadata).into_iter().map(|link| (link.label, link.url)).collect()
    }

    #[test]
    fn labels_are_known_in_every_spelling() {
        for (written, shown) in [
            ("home-page", "Homepage"),
            ("Source Code", "Source"),
            ("GitHub", "Source"),
            ("What's New?", "Changelog"),
            ("Release_Notes", "Release notes"),
            ("Bug Tracker", "Issue tracker"),
            ("Docs", "Documentation"),
            ("donate!", "Funding"),
            ("Chat", "Chat"),
            ("!", "!"),
            ("", "e.org"),
        ] {
            let got = found(&format!("Project-URL: {written}, https://e.org/\n"));
            assert_eq!(got, [(shown.to_owned(), "https://e.org/".to_owned())], "{written}");
        }
    }

    #[test]
    fn only_links_to_the_web_are_links() {
        let got = found(
            "Project-URL: Docs, https://e.org/a\nProject-URL: Bad, javascript:alert(1)\n\
             Project-URL: nocomma\nProject-URL: Homepage, https://e.org/new\n\
             Home-page: https://e.org/old\nDownload-URL: https://e.org/a\n",
        );
        let urls: Vec<_> = got.iter().map(|(_, url)| url.as_str()).collect();
        assert_eq!(urls, ["https://e.org/new", "https://e.org/a"]);
        assert_eq!(found("Home-page: https://e.org/old\n").len(), 1);
    }
}
