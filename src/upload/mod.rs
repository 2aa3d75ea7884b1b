//! Taking in a distribution: form → spool → check → store → commit. One path for every way in:
//! the upload endpoint and the import command.

mod check;
pub mod figures;
mod form;
mod naming;
mod permit;
mod policy;
mod publish;
mod rehearse;
mod rules;
mod spool;

pub use check::claim_of_file;
pub use form::{Claim, Field, Form, Origin};
pub use policy::Policy;
pub use publish::Outcome;
pub use spool::{Spool, Spooled};

use std::sync::Arc;

use crate::accounts::{Caller, Way};
use crate::catalog::project::Project;
use crate::db::Db;
use crate::error::Result;
use crate::mirror::Mirror;
use crate::packaging::NormalizedName;
use crate::storage::Storage;

/// Where distributions go, and by which rules.
#[derive(Clone)]
pub struct Intake {
    /// The index's database.
    pub db: Db,
    /// The index's blobs.
    pub storage: Storage,
    /// What may be uploaded.
    pub policy: Policy,
    /// What is taken from other indexes, whose names not everybody may use.
    pub mirror: Option<Arc<Mirror>>,
}

impl Intake {
    /// Takes in one spooled file for `caller`. `filename` is what the client called it; `claim`
    /// is what its form said.
    ///
    /// When this returns, the file is on disk and in the database, or nothing is left of it.
    pub async fn accept(
        &self,
        caller: &Caller,
        claim: &Claim,
        filename: &str,
        spooled: Spooled,
    ) -> Result<Outcome> {
        rehearse::project(self, caller, claim.name(), spooled.size()).await?;
        if let Some(mirror) = &self.mirror {
            let is_admin = caller.is_admin || matches!(caller.way, Way::Operator);
            mirror.claim(claim.name(), is_admin).await?;
        }
        let filename = check::filename(filename, claim, &self.policy)?;
        check::digests(claim, spooled.digests())?;
        if rehearse::file(self, &filename, &spooled, &claim.origin).await? {
            return Ok(Outcome::AlreadyThere);
        }
        let candidate = check::inspect(filename, claim, &self.policy, spooled).await?;
        publish::publish(self, caller, candidate, claim.origin.clone()).await
    }

    /// How many bytes a file of that project may have; of any project, where it is not known yet.
    pub async fn file_limit(&self, project: Option<NormalizedName>) -> Result<u64> {
        let Some(name) = project else { return Ok(self.policy.max_file_size.0) };
        let project = self.db.read(move |c| Ok(Project::by_name(c, &name)?)).await?;
        Ok(rules::file_limit(&self.policy, project.as_ref()))
    }
}
