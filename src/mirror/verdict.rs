//! What follows for a file from what administrators say, and from its age.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::page::UpstreamFile;
use super::rule::{Action, Rule};
use crate::error::Error;
use crate::packaging::Sha256;
use crate::time::{self, Time};

const DAY: Duration = Duration::from_hours(24);

/// All rules that may be about a project.
#[derive(Debug, Clone, Default)]
pub struct Rules(Vec<Rule>);

/// What follows for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is served.
    Served,
    /// An administrator quarantined it, and why.
    Quarantined(String),
    /// It is younger than files may be, until then; none: its index does not say how old it is.
    Young(Option<Time>),
}

impl Rules {
    /// These rules.
    pub fn new(rules: Vec<Rule>) -> Self {
        Self(rules)
    }

    /// Why all of the project is quarantined, if it is.
    pub fn quarantine(&self, now: Time) -> Option<&Rule> {
        self.holding(Action::Quarantine, now).find(|rule| rule.is_of_all())
    }

    /// What follows for a file, whose bytes have that SHA-256 where it is known: files younger
    /// than `min_age_days` are not served unless a rule releases them.
    pub fn verdict(
        &self,
        file: &UpstreamFile,
        sha256: Option<&Sha256>,
        min_age_days: u32,
        now: Time,
    ) -> Verdict {
        let about = |action| self.holding(action, now).find(|rule| rule.is_about(file, sha256));
        if let Some(rule) = about(Action::Quarantine) {
            return Verdict::Quarantined(rule.reason.clone());
        }
        if min_age_days == 0 {
            return Verdict::Served;
        }
        let of_age = file.upload_time.and_then(|at| at.checked_add_signed(days(min_age_days)));
        if of_age.is_some_and(|of_age| of_age <= now) || about(Action::ReleaseEarly).is_some() {
            return Verdict::Served;
        }
        Verdict::Young(of_age)
    }

    /// The next moment at which a rule ends.
    pub fn next_end(&self, now: Time) -> Option<Time> {
        self.0.iter().filter_map(|rule| rule.until).filter(|until| now < *until).min()
    }

    /// Equal for equal rules.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for rule in &self.0 {
            (rule.id, rule.until).hash(&mut hasher);
        }
        hasher.finish()
    }

    fn holding(&self, action: Action, now: Time) -> impl Iterator<Item = &Rule> {
        self.0.iter().filter(move |rule| rule.action() == action && rule.holds(now))
    }
}

fn days(count: u32) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(DAY.saturating_mul(count)).unwrap_or(chrono::TimeDelta::MAX)
}

impl Verdict {
    /// The refusal that it is for who asks for a file, if it is one: in words that say why, and
    /// until when.
    pub fn refusal(&self, filename: &str) -> Option<Error> {
        let words = match self {
            Self::Served => return None,
            Self::Quarantined(reason) if reason.is_empty() => {
                format!("{filename} is quarantined here.")
            }
            Self::Quarantined(reason) => format!("{filename} is quarantined here: {reason}"),
            Self::Young(Some(until)) => {
                let until = time::for_people(*until);
                format!(
                    "{filename} was uploaded a short time ago; this index serves it from {until} \
                     on, unless an administrator releases it earlier."
                )
            }
            Self::Young(None) => format!(
                "The index that {filename} comes from does not say when it was uploaded; this \
                 index serves files of a certain age only, and this one when an administrator \
                 releases it."
            ),
        };
        Some(Error::not_found(words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::MirrorRuleId;
    use crate::simple::Address;

    fn moment(day: i64) -> Time {
        time::from_unix(day * 86_400)
    }

    fn rule(action: Action, what: [Option<&str>; 3], until: Option<Time>) -> Rule {
        let [version, filename, sha256] = what.map(|text| text.map(str::to_owned));
        Rule {
            id: MirrorRuleId::new(1),
            action: action.as_str().to_owned(),
            project: "foo".to_owned(),
            version,
            filename,
            sha256,
            reason: "why".to_owned(),
            until,
            actor: "ada".to_owned(),
            created_at: moment(0),
        }
    }

    /// A file that was uploaded on that day.
    fn file(uploaded: Option<i64>) -> UpstreamFile {
        let digest = Sha256::from([7; 32]);
        UpstreamFile {
            filename: "foo-1.0.tar.gz".to_owned(),
            url: "https://x/foo-1.0.tar.gz".to_owned(),
            address: Address::other(&digest),
            hashes: [("sha256".to_owned(), digest.to_string())].into(),
            size: None,
            upload_time: uploaded.map(moment),
            requires_python: None,
            yanked: None,
            core_metadata: None,
            provenance: None,
            version: Some("1.0".to_owned()),
        }
    }

    fn verdict(rules: Vec<Rule>, uploaded: Option<i64>, min_age: u32) -> Verdict {
        let file = file(uploaded);
        Rules(rules).verdict(&file, file.sha256().as_ref(), min_age, moment(100))
    }

    #[test]
    fn files_are_served_when_they_are_of_age() {
        for (uploaded, min_age, expected) in [
            (Some(100), 0, Verdict::Served),
            (None, 0, Verdict::Served),
            (Some(93), 7, Verdict::Served),
            (Some(94), 7, Verdict::Young(Some(moment(101)))),
            (Some(200), 7, Verdict::Young(Some(moment(207)))),
            (None, 7, Verdict::Young(None)),
            (Some(1), u32::MAX, Verdict::Young(None)),
        ] {
            assert_eq!(verdict(Vec::new(), uploaded, min_age), expected, "{uploaded:?} {min_age}");
        }
    }

    #[test]
    fn rules_are_about_what_they_name() {
        let digest = Sha256::from([7; 32]).to_string();
        let other = Sha256::from([8; 32]).to_string();
        let quarantined = Verdict::Quarantined("why".to_owned());
        for (what, expected) in [
            ([None, None, None], &quarantined),
            ([Some("1"), None, None], &quarantined),
            ([Some("1.1"), None, None], &Verdict::Served),
            ([None, Some("foo-1.0.tar.gz"), None], &quarantined),
            ([None, Some("foo-1.0.zip"), None], &Verdict::Served),
            ([None, None, Some(digest.as_str())], &quarantined),
            ([None, None, Some(other.as_str())], &Verdict::Served),
            ([Some("1.0"), None, Some(other.as_str())], &Verdict::Served),
        ] {
            let rules = vec![rule(Action::Quarantine, what, None)];
            assert_eq!(&verdict(rules, Some(1), 0), expected, "{what:?}");
        }
    }

    #[test]
    fn a_quarantine_beats_a_release_and_ended_rules_are_none() {
        let all = [None, None, None];
        let release = |until| rule(Action::ReleaseEarly, all, until);
        let young = Verdict::Young(Some(moment(106)));
        assert_eq!(verdict(vec![release(None)], Some(99), 7), Verdict::Served);
        assert_eq!(verdict(vec![release(None)], None, 7), Verdict::Served);
        assert_eq!(verdict(vec![release(Some(moment(101)))], Some(99), 7), Verdict::Served);
        assert_eq!(verdict(vec![release(Some(moment(100)))], Some(99), 7), young);
        let both = vec![release(None), rule(Action::Quarantine, all, None)];
        assert!(Rules(both.clone()).quarantine(moment(100)).is_some());
        assert!(matches!(verdict(both, Some(99), 7), Verdict::Quarantined(_)));
        let ending = Rules(vec![release(Some(moment(101))), release(Some(moment(99)))]);
        assert_eq!(ending.next_end(moment(100)), Some(moment(101)));
    }

    #[test]
    fn refusals_say_why_and_until_when() {
        let words = |verdict: Verdict| verdict.refusal("foo.whl").map(|it| it.detail().to_owned());
        assert_eq!(words(Verdict::Served), None);
        for (verdict, part) in [
            (Verdict::Quarantined("malware".to_owned()), "foo.whl is quarantined here: malware"),
            (Verdict::Quarantined(String::new()), "foo.whl is quarantined here."),
            (Verdict::Young(Some(moment(1))), "serves it from 1970-01-02 00:00 UTC on"),
            (Verdict::Young(None), "does not say when it was uploaded"),
        ] {
            assert!(words(verdict).is_some_and(|words| words.contains(part)), "{part}");
        }
    }
}
