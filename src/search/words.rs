//! From texts to tokens: the words of a text, and the pieces of a name by which it is found in
//! spite of a slip of the finger.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::packaging::{Version, specifier};

/// Longest word in characters: longer ones are numbers in disguise, cut alike on both sides.
const LONGEST_WORD: usize = 40;
/// The letters of a gram: as many as it takes to mean something.
const GRAM: usize = 3;
/// The shortest name in which a letter may be missing: of less nothing is left to tell by.
const SHORTEST_VARIED: usize = 4;
/// The longest one: nobody types more from memory.
const LONGEST_VARIED: usize = 40;
/// Stands before tokens that are no words: no word has a letter for private use.
const MARK: char = '\u{e000}';
/// Stands before a name with a letter missing, to tell it from a gram.
const VARIANT: char = 'x';
/// The Python versions that there is a mark for: 2.7, and 3.0 up to this.
const LAST_MINOR: u64 = 20;
/// The highest third number that a version of Python had, with room: 3.4.10 and 2.7.18 were.
const LAST_MICRO: u64 = 30;

/// The words of a text in order: runs of letters and digits in lower case without accents, and
/// each ideograph by itself.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    let folded = text.nfkd().flat_map(char::to_lowercase).filter(|&c| !is_combining_mark(c));
    Words { rest: folded, ideograph: None }
}

struct Words<I> {
    rest: I,
    /// One that ended the word before it.
    ideograph: Option<char>,
}

impl<I: Iterator<Item = char>> Iterator for Words<I> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        if let Some(alone) = self.ideograph.take() {
            return Some(alone.to_string());
        }
        let (mut word, mut length) = (String::new(), 0);
        for c in self.rest.by_ref() {
            if is_ideograph(c) {
                if word.is_empty() {
                    return Some(c.to_string());
                }
                self.ideograph = Some(c);
                break;
            }
            if c.is_alphanumeric() {
                if length < LONGEST_WORD {
                    word.push(c);
                }
                length += 1;
            } else if !word.is_empty() {
                break;
            }
        }
        (!word.is_empty()).then_some(word)
    }
}

/// Letters of scripts that put no blanks between words.
fn is_ideograph(c: char) -> bool {
    c.is_alphanumeric()
        && matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

/// A name as one word: `scikit-learn`, `scikit learn` and `scikitlearn` are alike.
pub(super) fn squeeze(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// All pieces of three letters, in order: a name that has those of a word is likely to contain it.
pub(super) fn grams(squeezed: &str) -> Vec<String> {
    let letters: Vec<char> = squeezed.chars().collect();
    letters.windows(GRAM).map(|window| window.iter().collect()).collect()
}

/// A name and what is left of it without any one letter. Two names that a slip lies between (a
/// letter too much, too little, another one, or two that changed places) have one of these in
/// common.
pub(super) fn variants(squeezed: &str) -> BTreeSet<String> {
    let length = squeezed.chars().count();
    if !(SHORTEST_VARIED..=LONGEST_VARIED).contains(&length) {
        return BTreeSet::new();
    }
    let without = |gone| {
        let kept = squeezed.chars().enumerate().filter(|(at, _)| *at != gone).map(|(_, c)| c);
        std::iter::once(VARIANT).chain(kept).collect()
    };
    // At `length` nothing is left out.
    (0..=length).map(without).collect()
}

/// The token of a classifier.
pub(super) fn classifier_mark(classifier: &str) -> String {
    const KEPT: usize = 16;
    let digest = hex::encode(Sha256::digest(classifier.trim()));
    std::iter::once(MARK).chain(digest.chars().take(KEPT)).collect()
}

/// The token of Python versions that begin so; none for those that nothing is noted of.
pub(super) fn python_mark((major, minor): (u64, u64)) -> Option<String> {
    let is_noted = (major, minor) == (2, 7) || (major == 3 && minor <= LAST_MINOR);
    is_noted.then(|| format!("{MARK}{major}x{minor}"))
}

/// The tokens of all Python versions that a `Requires-Python` admits.
pub(super) fn python_marks(requires: Option<&str>) -> Vec<String> {
    let known = (0..=LAST_MINOR).map(|minor| (3, minor)).chain([(2, 7)]);
    let fitting = known.filter(|&version| requires.is_none_or(|set| admits_any(set, version)));
    fitting.filter_map(python_mark).collect()
}

/// Whether a `Requires-Python` admits any Python whose version begins so.
pub(super) fn admits_any(set: &str, (major, minor): (u64, u64)) -> bool {
    let mut versions =
        (0..=LAST_MICRO).filter_map(|micro| Version::parse(&format!("{major}.{minor}.{micro}")));
    versions.any(|version| specifier::admits(set, &version))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Vec<String> {
        words(text).collect()
    }

    #[test]
    fn words_are_folded() {
        assert_eq!(of("Zope.Interface 2"), ["zope", "interface", "2"]);
        assert_eq!(of("Käse, CAFÉ & İstanbul"), ["kase", "cafe", "istanbul"]);
        assert_eq!(of("ﬁle Ⅷ"), ["file", "viii"]);
        assert_eq!(of("x日本語y"), ["x", "日", "本", "語", "y"]);
        assert_eq!(of("\0 \" ' * ( ) : ^ -"), Vec::<String>::new());
        assert_eq!(of(&"a".repeat(99)), ["a".repeat(LONGEST_WORD)]);
    }

    #[test]
    fn a_slip_leaves_something_in_common() {
        for (one, other) in [
            ("requests", "requets"),
            ("django", "djagno"),
            ("numpy", "numpyy"),
            ("flask", "flusk"),
            ("pandas", "panads"),
        ] {
            assert!(!variants(one).is_disjoint(&variants(other)), "{one} {other}");
        }
        assert!(variants("flask").is_disjoint(&variants("click")));
        assert!(variants("abc").is_empty());
    }

    #[test]
    fn grams_are_pieces() {
        assert_eq!(grams("flask"), ["fla", "las", "ask"]);
        assert!(grams("ab").is_empty());
    }

    #[test]
    fn python_versions() {
        assert_eq!(python_marks(Some(">=3.9.2,<3.11")).len(), 2);
        assert_eq!(python_marks(None).len(), python_marks(Some("")).len());
        assert!(admits_any(">=3.8", (3, 40)));
        assert_eq!(python_mark((3, 40)), None);
    }

    proptest! {
        #[test]
        fn words_are_words(text in "\\PC*") {
            for word in words(&text) {
                prop_assert!(!word.is_empty());
                prop_assert!(word.chars().all(|c| c.is_alphanumeric() && !c.is_ascii_uppercase()));
            }
        }
    }
}
