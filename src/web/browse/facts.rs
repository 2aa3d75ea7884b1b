//! What the side of a project's page says, out of core metadata.

use url::Url;

use crate::packaging::CoreMetadata;

/// A fact with its name.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
}

/// A link that the project gives.
pub(super) struct Link {
    pub(super) label: String,
    pub(super) url: String,
}

const LONGEST_LICENSE: usize = 100;

/// The facts that are there.
pub(super) fn facts(metadata: &CoreMetadata) -> Vec<Fact> {
    let one = |field| metadata.one(field).map(str::to_owned);
    let person = |name, mail| one(name).or_else(|| one(mail));
    let facts = [
        ("Requires Python", one("requires-python")),
        ("License", one("license-expression").or_else(|| license(metadata))),
        ("Author", person("author", "author-email")),
        ("Maintainer", person("maintainer", "maintainer-email")),
        ("Keywords", one("keywords")),
    ];
    let present = facts.into_iter().filter_map(|(name, value)| Some(Fact { name, value: value? }));
    present.collect()
}

/// The first line of the free text; some packages put the whole licence there.
fn license(metadata: &CoreMetadata) -> Option<String> {
    let line = metadata.one("license")?.lines().next()?.trim();
    let short: String = line.chars().take(LONGEST_LICENSE).collect();
    Some(if short.len() < line.len() { format!("{short}…") } else { short })
}

/// The links that lead to the web; `Project-URL` wins over the older fields (PEP 753).
pub(super) fn links(metadata: &CoreMetadata) -> Vec<Link> {
    let labelled = metadata.all("project-url").filter_map(|value| value.split_once(','));
    let mut links: Vec<_> = labelled.filter_map(|(label, url)| link(label, url)).collect();
    if links.is_empty() {
        let old = [("Homepage", "home-page"), ("Download", "download-url")];
        let old = old.iter().filter_map(|(label, field)| link(label, metadata.one(field)?));
        links.extend(old);
    }
    links
}

fn link(label: &str, url: &str) -> Option<Link> {
    let parsed = Url::parse(url.trim()).ok()?;
    let is_web = matches!(parsed.scheme(), "http" | "https");
    is_web.then(|| Link { label: label.trim().to_owned(), url: parsed.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_to_the_web_are_links() {
        let metadata = CoreMetadata::parse(
            b"Project-URL: Docs, https://example.org/a\nProject-URL: Bad, javascript:alert(1)\n\
              Project-URL: nocomma\nHome-page: https://example.org/old\n",
        );
        let found: Vec<_> = links(&metadata).into_iter().map(|link| link.url).collect();
        assert_eq!(found, ["https://example.org/a"]);
    }
}
