//! What a repair does, and nothing else: it takes nothing away that readers see, and invents
//! nothing. Mirrored files that are damaged are forgotten: they are fetched again.

use super::{Index, What};
use crate::catalog::file::File;
use crate::catalog::journal;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::mirror::file::evict::forget;
use crate::packaging::archive::read_metadata;
use crate::packaging::digest::Digester;
use crate::packaging::{Blake2b256, Filename, NormalizedName};
use crate::storage::Storage;
use crate::upkeep::references::Referrer;
use crate::upkeep::text::execute;

/// The counter only grows: a serial that was given out is not given out again. A project's serial
/// is that of its last row in the journal. Names of files that are there are used.
const MEND: [&str; 3] = [
    "UPDATE journal_counter SET last_serial = (SELECT MAX(serial) FROM journal) \
     WHERE last_serial < (SELECT MAX(serial) FROM journal)",
    "UPDATE projects SET last_serial = \
     (SELECT MAX(j.serial) FROM journal j WHERE j.normalized = projects.normalized) \
     WHERE last_serial <> COALESCE( \
     (SELECT MAX(j.serial) FROM journal j WHERE j.normalized = projects.normalized), last_serial)",
    "INSERT INTO file_names (filename, project, first_used_at) \
     SELECT f.filename, p.normalized, f.uploaded_at FROM files f \
     JOIN releases r ON r.id = f.release_id JOIN projects p ON p.id = r.project_id \
     WHERE NOT EXISTS (SELECT 1 FROM file_names n WHERE n.filename = f.filename)",
];

/// Mends rows while nothing is published.
pub(super) fn rows(c: &mut Conn) -> Result<()> {
    journal::lock(c)?;
    for sql in MEND {
        execute(c, sql)?;
    }
    Ok(())
}

/// Mends a blob that is lost or damaged, where that is possible; whether it was.
pub(super) async fn blob(
    index: Index<'_>,
    what: What,
    digest: &Blake2b256,
    referrers: &[Referrer],
) -> Result<bool> {
    if !referrers.iter().all(|it| it.is_mirrored) {
        return metadata(index, digest, referrers).await;
    }
    if what == What::Unreadable {
        // It may be whole, and its storage away for a moment.
        return Ok(false);
    }
    let (storage, digest) = (index.storage.clone(), digest.clone());
    index.db.write(move |c| forget(c, &storage, &digest)).await.map(|()| true)
}

/// Takes the metadata of a wheel out of the wheel again, where a blob is that and nothing else, and
/// what comes out is what it was. Whether it is there again.
async fn metadata(index: Index<'_>, digest: &Blake2b256, referrers: &[Referrer]) -> Result<bool> {
    if referrers.iter().any(|it| it.blake2_256 == *digest) {
        return Ok(false);
    }
    for referrer in referrers.iter().filter(|it| !it.is_mirrored) {
        let name = referrer.filename.clone();
        let Some((file, project)) = index.db.read(move |c| Ok(File::by_name(c, &name)?)).await?
        else {
            continue;
        };
        match extract(index.storage.clone(), file, project).await {
            Ok(bytes) if Digester::of(&bytes).blake2_256 == *digest => {
                index.storage.put_bytes(bytes.into(), digest).await?;
                return Ok(true);
            }
            Ok(_) => tracing::warn!(
                "the metadata in {} is not what it was when it came",
                referrer.filename
            ),
            Err(error) => tracing::warn!(
                "the metadata of {} cannot be made again: {}",
                referrer.filename,
                error.chain()
            ),
        }
    }
    Ok(false)
}

async fn extract(storage: Storage, file: File, project: NormalizedName) -> Result<Vec<u8>> {
    let work = move || {
        let doing = || format!("reading {}", file.filename);
        let name = Filename::parse(&file.filename, &project)
            .map_err(|error| Error::internal(doing(), error))?;
        let opened = storage.open_file(&file.blake2_256)?;
        let opened = opened.ok_or_else(|| Error::internal(doing(), "it is missing as well"))?;
        let size = u64::try_from(file.size).unwrap_or_default();
        read_metadata(opened, size, &name).map_err(|error| Error::internal(doing(), error))
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::internal("reading a stored wheel", error)),
    }
}
