//! What the side of a project's page says, out of core metadata.

use super::foreign;
use crate::packaging::CoreMetadata;

/// A fact with its name.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
}

/// Longest value of a fact, in characters.
const LONGEST: usize = 300;
/// Longest licence that is no expression; some packages put the whole text there.
const LONGEST_LICENSE: usize = 100;
/// Classifiers and extras that are shown; the JSON API has all.
const MOST: usize = 60;
/// Longest of these, in characters.
const LONGEST_WORD: usize = 100;

/// The facts that are there.
pub(super) fn facts(metadata: &CoreMetadata) -> Vec<Fact> {
    let one = |field| metadata.one(field).map(|text| foreign::line(text, LONGEST));
    let person = |name, mail| one(name).or_else(|| one(mail));
    let facts = [
        ("Requires Python", one("requires-python")),
        ("License", metadata.license_expression().or_else(|| license(metadata))),
        ("Author", person("author", "author-email")),
        ("Maintainer", person("maintainer", "maintainer-email")),
        ("Keywords", one("keywords")),
    ];
    let present = facts.into_iter().filter_map(|(name, value)| Some(Fact { name, value: value? }));
    present.filter(|fact| !fact.value.is_empty()).collect()
}

/// The values of a field that may be repeated, as many as a page bears.
pub(super) fn words(metadata: &CoreMetadata, field: &str) -> Vec<String> {
    metadata.all(field).take(MOST).map(|text| foreign::line(text, LONGEST_WORD)).collect()
}

/// What the expression says that is none, or the first line of the free text.
fn license(metadata: &CoreMetadata) -> Option<String> {
    let text = metadata.one("license-expression").or_else(|| metadata.one("license"))?;
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    Some(foreign::line(first, LONGEST_LICENSE))
}
