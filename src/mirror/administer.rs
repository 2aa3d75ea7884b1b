//! What administrators do about projects of other indexes: each with a reason, and in their log.

use serde_json::json;

use super::rule::{Action, New, Rule};
use crate::accounts::act::{Act, Order};
use crate::catalog::project::Project;
use crate::db::{Conn, MirrorRuleId};
use crate::error::{Error, Kind, Result};
use crate::packaging::{NormalizedName, Sha256, Version};
use crate::time::{self, Time};

/// The longest file name, as pages have them.
const LONGEST_FILENAME: usize = 240;

/// What a rule is about: a project or something of it, or whatever has a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// All of a project.
    Project(NormalizedName),
    /// A version of it.
    Version(NormalizedName, Version),
    /// A file of it.
    File(NormalizedName, String),
    /// Files with that SHA-256, of whichever project.
    Digest(Sha256),
}

impl Target {
    /// Reads what somebody typed; texts that are empty say nothing.
    pub fn parse(project: &str, version: &str, file: &str, digest: &str) -> Result<Self> {
        let [project, version, file, digest] = [project, version, file, digest].map(str::trim);
        if !digest.is_empty() {
            if ![project, version, file].iter().all(|text| text.is_empty()) {
                let words = "A digest stands alone: it is about whatever has it.";
                return Err(Error::invalid("This is too much", words));
            }
            let bad =
                || Error::invalid("This is no digest", "A SHA-256 has 64 hexadecimal digits.");
            return Sha256::parse(&digest.to_ascii_lowercase()).map(Self::Digest).ok_or_else(bad);
        }
        let bad = || {
            let words = "Name the project, or the SHA-256 of a file.";
            Error::invalid("This is no name", words)
        };
        let project = NormalizedName::parse(project).ok_or_else(bad)?;
        match (version, file) {
            ("", "") => Ok(Self::Project(project)),
            (version, "") => {
                let bad = || {
                    let words = format!("{version:?} is not a version, such as 1.0.");
                    Error::invalid("This is no version", words)
                };
                Ok(Self::Version(project, Version::parse(version).ok_or_else(bad)?))
            }
            ("", file) => {
                let is_name = file.len() <= LONGEST_FILENAME
                    && file.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
                let bad =
                    || Error::invalid("This is no file name", "This is not the name of a file.");
                is_name.then(|| Self::File(project, file.to_owned())).ok_or_else(bad)
            }
            _ => {
                let words = "Name a version or a file of it, not both.";
                Err(Error::invalid("This is too much", words))
            }
        }
    }

    /// The project, where there is one.
    pub fn project(&self) -> Option<&NormalizedName> {
        match self {
            Self::Project(name) | Self::Version(name, _) | Self::File(name, _) => Some(name),
            Self::Digest(_) => None,
        }
    }

    fn rule<'a>(&'a self, action: Action, order: &'a Order, until: Option<Time>) -> New<'a> {
        let (version, filename, sha256) = match self {
            Self::Project(_) => (None, None, None),
            Self::Version(_, version) => (Some(version), None, None),
            Self::File(_, filename) => (None, Some(filename.as_str()), None),
            Self::Digest(digest) => (None, None, Some(digest)),
        };
        New {
            action,
            project: self.project(),
            version,
            filename,
            sha256,
            reason: order.reason(),
            until,
            actor: order.actor(),
        }
    }

    /// Under what it stands in the log.
    fn logged(&self) -> String {
        match self {
            Self::Digest(digest) => digest.to_string(),
            other => other.project().map(ToString::to_string).unwrap_or_default(),
        }
    }
}

/// Serves nothing of something any more, here at once and in other processes within a second.
pub fn quarantine(c: &mut Conn, order: &Order, target: &Target) -> Result<MirrorRuleId> {
    add(c, order, target, (Action::Quarantine, None))
}

/// Serves something before it is of age, until then.
pub fn allow(c: &mut Conn, order: &Order, target: &Target, until: Time) -> Result<MirrorRuleId> {
    if matches!(target, Target::Digest(_)) {
        let words = "An exception is for a project, or a version or a file of it.";
        return Err(Error::invalid("This is no exception", words));
    }
    if until <= order.visit.at {
        let words = "The day on which the exception ends is over.";
        return Err(Error::invalid("This day is over", words));
    }
    add(c, order, target, (Action::ReleaseEarly, Some(until)))
}

/// Takes a rule back.
pub fn lift(c: &mut Conn, order: &Order, id: MirrorRuleId) -> Result<Rule> {
    let missing = || Error::not_found("There is no such rule (any more).");
    let rule = Rule::all(c)?.into_iter().find(|rule| rule.id == id).ok_or_else(missing)?;
    Rule::remove(c, id)?;
    let target = rule.sha256.clone().unwrap_or_else(|| rule.project.clone());
    let detail = json!({
        "rule": rule.action().as_str(),
        "version": rule.version.clone().unwrap_or_default(),
        "file": rule.filename.clone().unwrap_or_default(),
    });
    order.log(c, Act::MirrorLifted, &target, &detail)?;
    Ok(rule)
}

fn add(
    c: &mut Conn,
    order: &Order,
    target: &Target,
    (action, until): (Action, Option<Time>),
) -> Result<MirrorRuleId> {
    if order.reason().is_empty() {
        let words = "Say why: the reason stays in the administrators' log.";
        return Err(Error::invalid("A reason is missing", words));
    }
    if let Some(name) = target.project()
        && Project::by_name(c, name)?.is_some()
    {
        let words = format!(
            "{name} is hosted here, so nothing of it is taken from elsewhere; act on its own page."
        );
        return Err(Error::new(Kind::Conflict, "The project is hosted here", words));
    }
    let new = target.rule(action, order, until);
    let is_same =
        |rule: &Rule| rule.action() == action && rule.holds(order.visit.at) && rule.says(&new);
    if let Some(known) = Rule::all(c)?.iter().find(|rule| is_same(rule)) {
        let words = match known.until {
            Some(until) => format!(
                "There is such a rule, which holds until {}; lift it first.",
                time::for_people(until)
            ),
            None => "There is such a rule already.".to_owned(),
        };
        return Err(Error::new(Kind::Conflict, "There is such a rule already", words));
    }
    let id = Rule::add(c, new, order.visit.at)?;
    let (version, file) = match target {
        Target::Version(_, version) => (version.to_string(), String::new()),
        Target::File(_, file) => (String::new(), file.clone()),
        Target::Project(_) | Target::Digest(_) => (String::new(), String::new()),
    };
    let until = until.map(time::for_people).unwrap_or_default();
    let detail = json!({ "version": version, "file": file, "until": until });
    let act = match action {
        Action::Quarantine => Act::MirrorQuarantined,
        Action::ReleaseEarly => Act::MirrorAllowed,
    };
    order.log(c, act, &target.logged(), &detail)?;
    Ok(id)
}
