//! A search: from what is wanted to a page of what was found.
//!
//! It goes from what fits best to what fits least, takes only so many projects of each kind, ranks
//! them, and looks further only where it found little. So the costs have a bound: common words
//! have too many projects for anyone to read, and rare ones are cheap.

use std::collections::BTreeMap;

use super::expression::Expression;
use super::index::{self, Entry, Place};
use super::rank::Question;
use super::words::{admits_any, classifier_mark, grams, python_mark, variants};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::packaging::{NormalizedName, Version, specifier};
use crate::time::Time;

/// Projects on a page.
pub const PAGE: usize = 20;
/// The last page that there may be.
pub const LARGEST_PAGE: usize = MOST / PAGE;
/// How many projects of a kind are ranked: more than anyone reads, and ranked within milliseconds.
const MOST: usize = 500;
/// The same for those whose names are similar: most that share some letters are not.
const MOST_SIMILAR: usize = 200;
/// Where so many were found by their words, descriptions are looked in no more.
const ENOUGH: usize = 250;
/// Where a name was asked for and so few were found, there may be a slip.
const FEW: usize = 5;
/// Longest question in characters.
const LONGEST: usize = 500;
/// How many words it may have; each is a condition for the database.
const MOST_WORDS: usize = 20;
/// How many classifiers may be asked for.
const MOST_CLASSIFIERS: usize = 20;
/// The letters of which a word means the beginning of another: of one, it would be of all.
const START: usize = 2;

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Words, in any form; empty: everything.
    pub text: String,
    /// Classifiers of which the latest release has all.
    pub classifiers: Vec<String>,
    /// The Python version that it works with: a whole one, or one without its third number.
    pub python: Option<Version>,
    /// When its newest release came at the earliest.
    pub since: Option<Time>,
    /// What comes first.
    pub order: Order,
}

/// What comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// What fits best.
    #[default]
    Relevance,
    /// What was updated last.
    Updated,
}

/// A project that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The name that identifies it.
    pub normalized: NormalizedName,
    /// Its name as its owner spells it.
    pub name: String,
    /// The version that stands for it.
    pub version: String,
    /// The summary of that, cut where it is long.
    pub summary: String,
    /// The word of its status: active, deprecated or archived.
    pub status: String,
    /// When its newest release came.
    pub updated_at: Time,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// A page of it.
    pub hits: Vec<Hit>,
    /// How many there are on all pages.
    pub count: usize,
    /// Whether there are more than were looked at.
    pub is_cut: bool,
}

impl Wanted {
    /// Refuses what nobody would ask for in earnest.
    pub fn check(&self) -> Result<()> {
        let refuse = |words: String| Err(Error::invalid("The search is too long", words));
        if self.text.chars().count() > LONGEST {
            return refuse(format!("A search has at most {LONGEST} characters."));
        }
        if Question::new(&self.text).words.len() > MOST_WORDS {
            return refuse(format!("A search has at most {MOST_WORDS} words."));
        }
        if self.classifiers.len() > MOST_CLASSIFIERS {
            return refuse(format!("A search has at most {MOST_CLASSIFIERS} classifiers."));
        }
        Ok(())
    }

    /// Whether nothing is wanted but everything.
    fn is_everything(&self, question: &Question) -> bool {
        question.words.is_empty() && self.text.trim().is_empty()
    }

    /// The tokens that every project has to have.
    fn marks(&self) -> Vec<String> {
        let classifiers = self.classifiers.iter().map(|it| classifier_mark(it));
        let python = self.python.as_ref().map(Version::major_and_minor).and_then(python_mark);
        classifiers.chain(python).collect()
    }

    /// What the tokens do not say.
    fn fits(&self, entry: &Entry) -> bool {
        let set = entry.requires_python.as_deref().unwrap_or_default();
        let on_python = self.python.as_ref().is_none_or(|version| {
            // `3` is any of 3.0; whoever writes a third number means it.
            const WHOLE: usize = 3;
            if version.parts() >= WHOLE {
                specifier::admits(set, version)
            } else {
                admits_any(set, version.major_and_minor())
            }
        });
        on_python && self.since.is_none_or(|since| entry.updated_at >= since)
    }
}

/// A page of what fits, counted from 1; the same question has the same order until something
/// changes.
pub fn find(c: &mut Conn, wanted: &Wanted, page: usize) -> Result<Found> {
    wanted.check()?;
    let question = Question::new(&wanted.text);
    let mut pool = Pool { wanted, question: &question, entries: BTreeMap::new(), is_cut: false };
    pool.fill(c)?;
    let mut ranked: Vec<(u32, Entry)> = pool.entries.into_values().collect();
    match wanted.order {
        Order::Relevance if !wanted.is_everything(&question) => {
            ranked.sort_by(|(score, entry), (other_score, other)| {
                other_score.cmp(score).then_with(|| entry.normalized.cmp(&other.normalized))
            });
        }
        _ => ranked.sort_by_key(|(_, entry)| std::cmp::Reverse((entry.updated_at, entry.id))),
    }
    let is_cut = pool.is_cut || ranked.len() > MOST;
    ranked.truncate(MOST);
    let count = ranked.len();
    let skipped = page.saturating_sub(1).saturating_mul(PAGE);
    let hits = ranked.into_iter().skip(skipped).take(PAGE).map(|(_, entry)| entry.into());
    Ok(Found { hits: hits.collect(), count, is_cut })
}

/// Versions and summaries of these projects, as far as the index has them, by name.
pub fn summaries(
    c: &mut Conn,
    names: &[NormalizedName],
) -> Result<BTreeMap<NormalizedName, (String, String)>> {
    let rows = index::of(c, names)?;
    Ok(rows.into_iter().map(|(name, version, summary)| (name, (version, summary))).collect())
}

impl From<Entry> for Hit {
    fn from(entry: Entry) -> Self {
        let Entry { normalized, name, version, summary, status, updated_at, .. } = entry;
        Self { normalized, name, version, summary, status, updated_at }
    }
}

/// What was found so far.
struct Pool<'a> {
    wanted: &'a Wanted,
    question: &'a Question,
    /// With scores, by id.
    entries: BTreeMap<i64, (u32, Entry)>,
    is_cut: bool,
}

impl Pool<'_> {
    fn fill(&mut self, c: &mut Conn) -> Result<()> {
        let marks = self.wanted.marks();
        let from = match self.wanted.since {
            Some(since) => index::first_since(c, since)?.unwrap_or(i64::MAX),
            None => i64::MIN,
        };
        if self.wanted.is_everything(self.question) {
            let found = match Expression::all_of(&marks) {
                Some(wanted) => index::by_words(c, Place::Heads, &wanted, from, limit(MOST))?,
                None => index::latest(c, from, limit(MOST))?,
            };
            self.is_cut |= found.len() == MOST;
            self.add(found, |_| 1);
            return Ok(());
        }
        if self.question.words.is_empty() {
            // Signs only, of which no text is found.
            return Ok(());
        }
        self.by_name(c, &marks)?;
        self.by_words(c, &marks, from)?;
        self.by_likeness(c, &marks, from)
    }

    /// Projects whose names begin so.
    fn by_name(&mut self, c: &mut Conn, marks: &[String]) -> Result<()> {
        let name = self.question.words.join("-");
        for start in [name, self.question.squeezed.clone()] {
            if !start.is_empty() {
                let found = index::by_start(c, &start, marks, limit(MOST_SIMILAR))?;
                self.score(found, false);
            }
        }
        Ok(())
    }

    /// Projects that have all words: as words or beginnings of words in name, summary and
    /// keywords, or else as whole words anywhere.
    fn by_words(&mut self, c: &mut Conn, marks: &[String], from: i64) -> Result<()> {
        let words = &self.question.words;
        let starts = words.iter().map(|word| match word.chars().count() {
            START.. => Expression::Start(word.clone()),
            _ => Expression::Token(word.clone()),
        });
        let heads = Expression::All(starts.collect()).with(marks);
        let found = index::by_words(c, Place::Heads, &heads, from, limit(MOST))?;
        self.is_cut |= found.len() == MOST;
        let is_enough = found.len() >= ENOUGH;
        self.score(found, true);
        if let Some(texts) = Expression::all_of(words)
            && !is_enough
        {
            let found = index::by_words(c, Place::Texts, &texts.with(marks), from, limit(ENOUGH))?;
            self.is_cut |= found.len() == ENOUGH;
            self.score(found, true);
        }
        Ok(())
    }

    /// Projects whose names contain that, have a slip in them or look alike.
    fn by_likeness(&mut self, c: &mut Conn, marks: &[String], from: i64) -> Result<()> {
        let squeezed = &self.question.squeezed;
        let grams = grams(squeezed);
        if let Some(all) = Expression::all_of(&grams) {
            let found = index::by_letters(c, &all, marks, from, limit(MOST_SIMILAR))?;
            self.score(found, false);
        }
        let variants: Vec<_> = variants(squeezed).into_iter().map(Expression::Token).collect();
        if !variants.is_empty() {
            let any = Expression::Any(variants);
            let found = index::by_letters(c, &any, marks, from, limit(MOST_SIMILAR))?;
            self.score(found, false);
        }
        // Names that have four letters in a row in common.
        let pairs = grams.windows(2).map(Expression::all_of);
        let pairs: Vec<_> = pairs.flatten().collect();
        if self.entries.len() < FEW && !pairs.is_empty() {
            let any = Expression::Any(pairs);
            let found = index::by_letters(c, &any, marks, from, limit(MOST_SIMILAR))?;
            self.score(found, false);
        }
        Ok(())
    }

    fn score(&mut self, found: Vec<Entry>, has_words: bool) {
        let question = self.question;
        self.add(found, |entry| question.score(entry, has_words));
    }

    /// Takes in what is really wanted.
    fn add(&mut self, found: Vec<Entry>, score: impl Fn(&Entry) -> u32) {
        for entry in found {
            let score = score(&entry);
            if score == 0 || !self.wanted.fits(&entry) {
                continue;
            }
            let known = self.entries.entry(entry.id).or_insert((0, entry));
            known.0 = known.0.max(score);
        }
    }
}

fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
