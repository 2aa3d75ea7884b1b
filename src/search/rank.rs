//! Which of the projects that were found comes first: a pure function of the question and of what
//! is shown of the project, so both databases agree.

use strsim::{osa_distance, sorensen_dice};

use super::index::Entry;
use super::words::{squeeze, words};

/// What the words of a question are compared with.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// Its words in order.
    pub(super) words: Vec<String>,
    /// All of it as one name.
    pub(super) squeezed: String,
}

/// The name is what was asked for.
const EXACT: u32 = 1_000;
/// It begins so.
const START: u32 = 800;
/// It contains that.
const CONTAINS: u32 = 600;
/// It differs by one slip of the finger; by two.
const SLIPS: [u32; 2] = [700, 620];
/// The same for a short name, where a slip often makes another name.
const SHORT_SLIP: u32 = 450;
/// All words are words of the name.
const NAMED: u32 = 500;
/// It looks alike.
const ALIKE: u32 = 200;
/// Of two names that fit alike, the shorter one is meant; so many letters make a difference.
const CLOSENESS: usize = 40;
/// How much has to be the same for names to look alike, from 0 to 1.
const LIKENESS: f64 = 0.6;
/// Letters from which on a name may differ by one and by two slips.
const ONE_SLIP: usize = 4;
const TWO_SLIPS: usize = 8;
/// Letters up to which a slip is unlikely.
const SHORT: usize = 4;

/// What a word is worth where it stands, and where it only begins a word.
const IN_NAME: (u32, u32) = (100, 80);
const IN_KEYWORDS: (u32, u32) = (60, 40);
const IN_SUMMARY: (u32, u32) = (50, 30);
/// What it is worth anywhere else.
const IN_TEXT: u32 = 10;

impl Question {
    pub(super) fn new(text: &str) -> Self {
        let words: Vec<_> = words(text).collect();
        let squeezed = squeeze(&words.concat());
        Self { words, squeezed }
    }

    /// How well a project fits; 0 where it does not. `has_words`: all words are known to stand
    /// somewhere in it.
    pub(super) fn score(&self, entry: &Entry, has_words: bool) -> u32 {
        let name = squeeze(entry.normalized.as_str());
        let by_name = self.by_name(&name);
        let by_words = if has_words || by_name >= START { self.by_words(entry) } else { 0 };
        let closeness = CLOSENESS.saturating_sub(name.len().abs_diff(self.squeezed.len()));
        let closeness = u32::try_from(closeness).unwrap_or_default();
        match by_name.max(by_words) {
            0 => 0,
            score => score + closeness,
        }
    }

    fn by_name(&self, name: &str) -> u32 {
        let wanted = self.squeezed.as_str();
        if wanted.is_empty() {
            return 0;
        }
        if name == wanted {
            return EXACT;
        }
        if name.starts_with(wanted) {
            return START;
        }
        let slip = slips(name, wanted);
        let contains = if name.contains(wanted) { CONTAINS } else { 0 };
        let alike = if sorensen_dice(name, wanted) >= LIKENESS { ALIKE } else { 0 };
        slip.max(contains).max(alike)
    }

    fn by_words(&self, entry: &Entry) -> u32 {
        let count = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        if count == 0 {
            return 0;
        }
        let fields = [
            (words(&entry.name).collect::<Vec<_>>(), IN_NAME),
            (words(&entry.keywords).collect(), IN_KEYWORDS),
            (words(&entry.summary).collect(), IN_SUMMARY),
        ];
        let worth = |word: &String| {
            let found = fields.iter().map(|(words, worth)| in_words(words, word, *worth));
            found.max().unwrap_or_default().max(IN_TEXT)
        };
        let mean = self.words.iter().map(worth).sum::<u32>() / count;
        if mean >= IN_NAME.1 { NAMED + mean } else { mean }
    }
}

fn in_words(words: &[String], wanted: &str, (whole, start): (u32, u32)) -> u32 {
    if words.iter().any(|word| word == wanted) {
        whole
    } else if words.iter().any(|word| word.starts_with(wanted)) {
        start
    } else {
        0
    }
}

fn slips(name: &str, wanted: &str) -> u32 {
    let length = wanted.len().min(name.len());
    let most = match length {
        0..ONE_SLIP => return 0,
        ONE_SLIP..TWO_SLIPS => 1,
        _ => 2,
    };
    let distance = if name.len().abs_diff(wanted.len()) > most {
        return 0;
    } else {
        osa_distance(name, wanted)
    };
    match distance {
        1 if length <= SHORT => SHORT_SLIP,
        1 => SLIPS[0],
        2 if most == 2 => SLIPS[1],
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packaging::NormalizedName;
    use crate::time;

    fn entry(name: &str, summary: &str, keywords: &str) -> Option<Entry> {
        Some(Entry {
            id: 1,
            normalized: NormalizedName::parse(name)?,
            name: name.to_owned(),
            version: "1.0".to_owned(),
            summary: summary.to_owned(),
            keywords: keywords.to_owned(),
            requires_python: None,
            status: "active".to_owned(),
            updated_at: time::from_unix(0),
        })
    }

    /// In each row, each project fits better than the next.
    #[test]
    fn what_fits_better_comes_first() {
        type Row = (&'static str, &'static str, &'static str);
        let table: [(&str, &[Row]); 7] = [
            (
                "requests",
                &[
                    ("Requests", "", ""),
                    ("requests-oauth", "", ""),
                    ("request", "", ""),
                    ("my-requests", "", ""),
                    ("tool", "Requests for all", ""),
                    ("other", "", ""),
                ],
            ),
            ("djagno", &[("django", "", ""), ("x", "", "")]),
            ("scikit learn", &[("scikit-learn", "", ""), ("scikit-learn-extra", "", "")]),
            ("Zope_interface", &[("zope.interface", "", ""), ("five.zope.interface", "", "")]),
            ("yaml", &[("pyyaml", "", ""), ("yacl", "", "")]),
            (
                "web framework",
                &[
                    ("framework-for-web", "", ""),
                    ("flask", "", "web, framework"),
                    ("django", "A web framework", ""),
                    ("other", "A framework", ""),
                ],
            ),
            ("sckit-lern", &[("scikit-learn", "", ""), ("x", "", "")]),
        ];
        for (question, rows) in table {
            let question = Question::new(question);
            let scores: Vec<_> = rows
                .iter()
                .filter_map(|(name, summary, keywords)| entry(name, summary, keywords))
                .map(|entry| question.score(&entry, true))
                .collect();
            assert_eq!(scores.len(), rows.len());
            assert!(scores.is_sorted_by(|one, next| one > next), "{question:?}: {scores:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_nothing() {
        let Some(entry) = entry("flask", "A web framework", "") else { panic!("no entry") };
        assert_eq!(Question::new("numpy").score(&entry, false), 0);
        assert_eq!(Question::new("").score(&entry, true), 0);
        assert_eq!(Question::new("日本").score(&entry, false), 0);
    }
}
