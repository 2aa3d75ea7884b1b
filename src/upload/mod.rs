//! Taking in a distribution: form → spool → check → store → commit. One path for every way in:
//! the upload endpoint and the import command.

mod check;
mod form;
mod publish;
mod spool;

pub use check::claim_of_file;
pub use form::{Claim, Field, Form};
pub use publish::Outcome;
pub use spool::{Spool, Spooled};

use crate::accounts::Caller;
use crate::db::Db;
use crate::error::Result;
use crate::storage::Storage;

/// Takes in one spooled file for `caller`. `filename` is what the client called it; `claim` is
/// what its form said.
///
/// When this returns, the file is on disk and in the database, or nothing is left of it.
pub async fn accept(
    db: &Db,
    storage: &Storage,
    caller: &Caller,
    claim: &Claim,
    filename: &str,
    spooled: Spooled,
) -> Result<Outcome> {
    let filename = check::filename(filename, claim)?;
    check::digests(claim, spooled.digests())?;
    publish::may_upload(db, caller, claim.name()).await?;
    if publish::is_there(db, &filename, spooled.digests()).await? {
        return Ok(Outcome::AlreadyThere);
    }
    let candidate = check::inspect(filename, claim.clone(), spooled).await?;
    publish::publish(db, storage, caller, candidate).await
}
