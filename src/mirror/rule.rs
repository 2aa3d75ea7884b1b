//! What administrators say about projects of other indexes.

use diesel::prelude::*;

use crate::catalog::elsewhere;
use crate::db::schema::mirror_rules;
use crate::db::{Conn, MirrorRuleId};
use crate::mirror::page::UpstreamFile;
use crate::packaging::{NormalizedName, Sha256, Version};
use crate::time::Time;

/// The word in the database for what is not served.
pub(super) const QUARANTINE: &str = "quarantine";
const RELEASE_EARLY: &str = "release_early";

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// What it is about is not served.
    Quarantine,
    /// It is served although it is younger than others may be.
    ReleaseEarly,
}

impl Action {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quarantine => QUARANTINE,
            Self::ReleaseEarly => RELEASE_EARLY,
        }
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = mirror_rules)]
pub struct Rule {
    /// Its id.
    pub id: MirrorRuleId,
    pub(super) action: String,
    /// The normalized name of the project; empty: any, for a digest.
    pub project: String,
    /// What of it: a version,
    pub version: Option<String>,
    /// a file,
    pub filename: Option<String>,
    /// or a SHA-256. None of the three: all of it.
    pub sha256: Option<String>,
    /// Why.
    pub reason: String,
    /// When it ends; none: when it is taken back.
    pub until: Option<Time>,
    /// Who said it.
    pub actor: String,
    /// When.
    pub created_at: Time,
}

/// A rule to be made.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// What it does.
    pub action: Action,
    /// The project; none: whichever has the digest.
    pub project: Option<&'a NormalizedName>,
    /// What of it.
    pub version: Option<&'a Version>,
    /// What of it.
    pub filename: Option<&'a str>,
    /// What of it.
    pub sha256: Option<&'a Sha256>,
    /// Why.
    pub reason: &'a str,
    /// When it ends.
    pub until: Option<Time>,
    /// Who says it.
    pub actor: &'a str,
}

impl Rule {
    /// What it does. An unknown word in the database allows the least.
    pub fn action(&self) -> Action {
        if self.action == RELEASE_EARLY { Action::ReleaseEarly } else { Action::Quarantine }
    }

    /// Makes one. Every process minds it within a second.
    pub fn add(c: &mut Conn, new: New<'_>, now: Time) -> QueryResult<MirrorRuleId> {
        elsewhere::rules_changed(c)?;
        elsewhere::names_changed(c)?;
        let row = (
            mirror_rules::action.eq(new.action.as_str()),
            mirror_rules::project.eq(new.project.map_or("", NormalizedName::as_str)),
            mirror_rules::version.eq(new.version.map(ToString::to_string)),
            mirror_rules::filename.eq(new.filename),
            mirror_rules::sha256.eq(new.sha256.map(Sha256::as_str)),
            mirror_rules::reason.eq(new.reason),
            mirror_rules::until.eq(new.until),
            mirror_rules::actor.eq(new.actor),
            mirror_rules::created_at.eq(now),
        );
        diesel::insert_into(mirror_rules::table)
            .values(row)
            .returning(mirror_rules::id)
            .get_result(c)
    }

    /// Takes one back. Returns how many there were: one or none.
    pub fn remove(c: &mut Conn, id: MirrorRuleId) -> QueryResult<usize> {
        let removed = diesel::delete(mirror_rules::table.find(id)).execute(c)?;
        if removed > 0 {
            elsewhere::rules_changed(c)?;
            elsewhere::names_changed(c)?;
        }
        Ok(removed)
    }

    /// All of them, the newest first.
    pub fn all(c: &mut Conn) -> QueryResult<Vec<Self>> {
        let rows = mirror_rules::table.order(mirror_rules::id.desc());
        rows.select(Self::as_select()).load(c)
    }

    /// Those of a project, and those about digests.
    pub fn of_project(c: &mut Conn, name: &NormalizedName) -> QueryResult<Vec<Self>> {
        let own = mirror_rules::project.eq(name.as_str());
        let digests = mirror_rules::project.eq("");
        let rows = mirror_rules::table.filter(own.or(digests)).order(mirror_rules::id);
        rows.select(Self::as_select()).load(c)
    }

    /// Why the bytes with that SHA-256 are quarantined, wherever they are named, if they are.
    pub(super) fn against(c: &mut Conn, sha256: &Sha256, now: Time) -> QueryResult<Option<String>> {
        let of_bytes = mirror_rules::sha256.eq(sha256.as_str());
        let rows = mirror_rules::table.filter(mirror_rules::project.eq("").and(of_bytes));
        let rules: Vec<Self> = rows.order(mirror_rules::id).select(Self::as_select()).load(c)?;
        let holds = |rule: &Self| rule.action() == Action::Quarantine && rule.holds(now);
        Ok(rules.into_iter().find(holds).map(|rule| rule.reason))
    }

    /// Whether it is about exactly what another one would be about.
    pub(super) fn says(&self, new: &New<'_>) -> bool {
        let key = |text: &String| Version::parse(text).map(|version| version.key());
        self.project == new.project.map_or("", NormalizedName::as_str)
            && self.version.as_ref().and_then(key) == new.version.map(Version::key)
            && self.filename.as_deref() == new.filename
            && self.sha256.as_deref() == new.sha256.map(Sha256::as_str)
    }

    /// Whether it still does anything.
    pub fn holds(&self, now: Time) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Whether it is about all of its project.
    pub(super) fn is_of_all(&self) -> bool {
        self.version.is_none() && self.filename.is_none() && self.sha256.is_none()
    }

    /// Whether it is about a file of the project whose rules these are.
    pub(super) fn is_about(&self, file: &UpstreamFile, sha256: Option<&Sha256>) -> bool {
        let key = |text: &str| Version::parse(text).map_or_else(|| text.to_owned(), |it| it.key());
        let same_version = |wanted: &String| {
            file.version.as_deref().is_some_and(|version| key(version) == key(wanted))
        };
        let same_digest = |wanted: &String| sha256.is_some_and(|digest| digest.as_str() == wanted);
        self.version.as_ref().is_none_or(same_version)
            && self.filename.as_ref().is_none_or(|wanted| *wanted == file.filename)
            && self.sha256.as_ref().is_none_or(same_digest)
    }
}
