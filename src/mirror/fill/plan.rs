//! What is to be fetched: the pages of all projects that are needed, and the files chosen of them.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt};

use super::choose::{Chosen, Found, choose};
use super::{AT_ONCE, Choice, Missing, Need};
use crate::error::{Kind, Result};
use crate::mirror::Mirror;
use crate::mirror::policy::{NameRule, Ours};
use crate::mirror::view::Source;
use crate::packaging::NormalizedName;
use crate::time;

/// What is to be fetched.
#[derive(Debug, Default)]
pub struct Plan {
    /// By what stands behind `/packages/`: nothing is fetched twice.
    pub(super) files: BTreeMap<String, Planned>,
    /// What cannot be had.
    pub missing: Vec<Missing>,
    /// Projects that are hosted here.
    pub hosted: Vec<NormalizedName>,
}

#[derive(Debug)]
pub(super) struct Planned {
    pub(super) project: NormalizedName,
    pub(super) chosen: Chosen,
    pub(super) is_stored: bool,
    /// Who asked for it.
    pub(super) by: String,
}

/// What came of looking for a project.
enum Looked {
    Found(Box<Source>),
    Hosted,
    Not(String),
}

impl Mirror {
    /// Looks at the pages of these projects, which are asked for where they are not fresh, and
    /// chooses files. `looked_at` is told after each project.
    ///
    /// An error where the database fails.
    pub async fn plan(
        &self,
        needs: Vec<Need>,
        choice: &Choice,
        looked_at: &dyn Fn(),
    ) -> Result<Plan> {
        let mut by_name: BTreeMap<NormalizedName, Vec<Need>> = BTreeMap::new();
        for need in needs {
            by_name.entry(need.name.clone()).or_default().push(need);
        }
        let mut plan = Plan::default();
        let looking = by_name.into_iter().map(|(name, needs)| async move {
            let looked = self.look(&name).await;
            (name, needs, looked)
        });
        let mut looking = stream::iter(looking).buffer_unordered(AT_ONCE);
        while let Some((name, needs, looked)) = looking.next().await {
            match looked? {
                Looked::Found(source) => self.choose(&mut plan, &source, needs, choice),
                Looked::Hosted => plan.hosted.push(name),
                Looked::Not(why) => plan.missing.extend(needs.into_iter().map(|need| Missing {
                    what: format!("{name} ({})", need.by),
                    why: why.clone(),
                })),
            }
            looked_at();
        }
        plan.hosted.sort();
        plan.missing.sort_by(|one, other| one.what.cmp(&other.what));
        Ok(plan)
    }

    async fn look(&self, name: &NormalizedName) -> Result<Looked> {
        match self.head(name).await? {
            Err(NameRule::Local(Ours::Hosted)) => return Ok(Looked::Hosted),
            Err(rule) => return Ok(Looked::Not(never_asked(rule).to_owned())),
            Ok(_) => {}
        }
        match self.known(name).await {
            Ok(Some(source)) => Ok(Looked::Found(Box::new(source))),
            Ok(None) => Ok(Looked::Not("no index has it".to_owned())),
            Err(error) if error.kind() == Kind::Unavailable => Ok(Looked::Not(error.chain())),
            Err(error) => Err(error),
        }
    }

    fn choose(&self, plan: &mut Plan, source: &Source, needs: Vec<Need>, choice: &Choice) {
        let at = (self.how(), time::now());
        for need in needs {
            let Found { files, missing } = choose(source, &need.what, choice, at);
            for chosen in files {
                let path = chosen.file.path();
                let is_stored = source.stored_as(&path).is_some();
                let (project, by) = (source.name.clone(), need.by.clone());
                let planned = Planned { project, chosen, is_stored, by };
                // Of two who ask for a file, one may know what its bytes must have.
                let known = plan.files.get(&path).is_some_and(|it| !it.chosen.pins.is_empty());
                if !known {
                    plan.files.insert(path, planned);
                }
            }
            plan.missing.extend(missing.into_iter().map(|(file, why)| {
                let file = if file.is_empty() { source.name.to_string() } else { file };
                Missing { what: format!("{file} ({})", need.by), why }
            }));
        }
    }
}

impl Plan {
    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// Why a name is not asked for.
fn never_asked(rule: NameRule) -> &'static str {
    match rule {
        NameRule::Allowed => "it may be asked for",
        NameRule::Denied => "it may not be taken from elsewhere (mirror.allow, mirror.deny)",
        NameRule::Local(Ours::Hosted) => "it is hosted here",
        NameRule::Local(Ours::Former) => "a project here had this name; it is never asked for",
        NameRule::Local(Ours::Prohibited) => "the name is prohibited here; it is never asked for",
        NameRule::Local(Ours::Reserved) => {
            "a prefix of the name is reserved here; it is never asked for"
        }
    }
}
