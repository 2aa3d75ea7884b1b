//! The blobs: all there, whole, and none too many.

use std::time::SystemTime;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::finding::{Finding, Report, What};
use super::{How, Index, repair};
use crate::error::Result;
use crate::packaging::Blake2b256;
use crate::storage::{Part, Stored};
use crate::upkeep::LEFT_OVER_AFTER;
use crate::upkeep::compare::{Difference, compare};
use crate::upkeep::hash::{at_once, hash};
use crate::upkeep::progress::Progress;
use crate::upkeep::references::{self, Reference};

/// Listings that are waited for at the same time.
const LISTINGS: usize = 4;

/// Compares all parts.
pub(super) async fn check(
    index: Index<'_>,
    how: How,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<()> {
    progress.begin(stage(how), Part::COUNT);
    let mut parts = stream::iter(Part::all())
        .map(|part| async move {
            let wanted = index.db.read(move |c| Ok(references::of_part(c, part)?)).await?;
            compare(index.storage, part, wanted).await
        })
        .buffered(LISTINGS);
    while let Some(part) = parts.try_next().await? {
        check_part(index, how, report, part).await?;
        progress.step(1);
    }
    Ok(())
}

fn stage(how: How) -> &'static str {
    if how.deep { "hashing the blobs" } else { "comparing the blobs" }
}

async fn check_part(
    index: Index<'_>,
    how: How,
    report: &mut Report,
    part: Difference,
) -> Result<()> {
    let Difference { there, altered, missing, surplus } = part;
    report.blobs += there.len() as u64;
    report.bytes += there.iter().map(|(_, stored)| stored.size).sum::<u64>();
    report.unreferenced += surplus.iter().filter(|it| is_left_over(it)).count() as u64;
    for reference in missing {
        report_missing(index, how, report, reference).await?;
    }
    for (reference, stored) in altered {
        let digest = Blake2b256::from(reference.digest);
        let size = reference.size.unwrap_or_default();
        let words = format!("it has {} bytes instead of {size}", stored.size);
        tell(index, how, report, What::Size, &digest, &words).await?;
    }
    if how.deep {
        rehash(index, how, report, there).await?;
    }
    Ok(())
}

/// Whether the clean-up would take a blob that nothing refers to.
fn is_left_over(stored: &Stored) -> bool {
    let age = SystemTime::now().duration_since(stored.modified).unwrap_or_default();
    age > LEFT_OVER_AFTER
}

/// What is not in the listing may have been removed between the two questions, or moved: it is
/// looked for itself before anybody is alarmed.
async fn report_missing(
    index: Index<'_>,
    how: How,
    report: &mut Report,
    reference: Reference,
) -> Result<()> {
    let digest = Blake2b256::from(reference.digest);
    match index.storage.get(&digest, None).await {
        Ok(Some(blob)) if reference.size.is_none_or(|size| size == blob.size()) => {
            report.blobs += 1;
            report.bytes += blob.size();
            Ok(())
        }
        Ok(Some(blob)) => {
            let words = format!("it has {} bytes", blob.size());
            tell(index, how, report, What::Size, &digest, &words).await
        }
        Ok(None) => tell(index, how, report, What::Missing, &digest, "it is missing").await,
        Err(error) => tell(index, how, report, What::Unreadable, &digest, &error.chain()).await,
    }
}

/// Reads all of them, several at a time.
async fn rehash(
    index: Index<'_>,
    how: How,
    report: &mut Report,
    there: Vec<(Reference, Stored)>,
) -> Result<()> {
    let mut hashes = stream::iter(there)
        .map(|(reference, _)| async move {
            let digest = Blake2b256::from(reference.digest);
            let hashes = hash(index.storage, &digest).await;
            (reference, digest, hashes)
        })
        .buffer_unordered(at_once());
    while let Some((reference, digest, hashes)) = hashes.next().await {
        report.hashed += 1;
        let (what, words) = match hashes {
            Ok(Some(hashes)) if hashes.blake2_256 != reference.digest => {
                (What::Altered, "its bytes are not what they were".to_owned())
            }
            Ok(Some(hashes)) if reference.sha256.is_some_and(|it| it != hashes.sha256) => {
                (What::Altered, "its SHA-256 is another one than readers are told".to_owned())
            }
            Ok(Some(_)) => continue,
            Ok(None) => (What::Missing, "it is missing".to_owned()),
            Err(error) => (What::Unreadable, error.chain()),
        };
        tell(index, how, report, what, &digest, &words).await?;
    }
    Ok(())
}

/// Reports a blob by the files that have it, unless nothing refers to it by now; mends it first
/// where that is wanted and possible.
async fn tell(
    index: Index<'_>,
    how: How,
    report: &mut Report,
    what: What,
    digest: &Blake2b256,
    words: &str,
) -> Result<()> {
    let wanted = digest.clone();
    let referrers = index.db.read(move |c| Ok(references::referrers(c, &wanted)?)).await?;
    let Some(first) = referrers.first() else { return Ok(()) };
    let repaired = how.repair && repair::blob(index, what, digest, &referrers).await?;
    let others = match referrers.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let words = format!("{}{others}: {words} (blob {digest})", first.words(digest));
    report.add(Finding { what, words, repaired });
    Ok(())
}
