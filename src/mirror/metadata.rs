//! The core metadata of a mirrored release, out of the file that tells them best.

use super::Mirror;
use super::file::Fault;
use super::project::{Release, ReleaseFile};
use crate::error::{Error, Result};
use crate::packaging::{CoreMetadata, NormalizedName};

/// Files that are tried where an index names metadata beside them and does not have any.
const MOST_TRIED: usize = 3;

impl Mirror {
    /// The metadata of a release, fetched where they are not here yet: those of the wheel that was
    /// uploaded first, else of another file. `None` where there are none that could be verified;
    /// an error where there are some and nobody can have them now.
    pub async fn metadata(
        &self,
        project: &NormalizedName,
        release: &Release,
    ) -> Result<Option<CoreMetadata>> {
        for file in best_first(release).into_iter().take(MOST_TRIED) {
            let kept = file.shown.metadata.as_ref();
            match self.files.metadata_of(project, &file.named, kept).await {
                Ok(Some(bytes)) => return parse(bytes).await.map(Some),
                // That it is named does not make it be there.
                Ok(None) | Err(Fault::Missing(_)) => {}
                Err(fault) => {
                    let filename = &file.shown.filename;
                    return Err(fault.about(&format!("The metadata of {filename}")));
                }
            }
        }
        Ok(None)
    }
}

/// The files that tell metadata. The same one comes first each time, whatever is stored.
fn best_first(release: &Release) -> Vec<&ReleaseFile> {
    let files = release.files.iter().filter(|file| file.shown.core_metadata.is_some());
    let mut files: Vec<_> = files.collect();
    files.sort_by_key(|file| {
        let shown = &file.shown;
        let time = shown.upload_time;
        (!shown.filename.ends_with(".whl"), time.is_none(), time, &shown.filename)
    });
    files
}

/// Long descriptions take a while: not on the threads that serve.
async fn parse(bytes: Vec<u8>) -> Result<CoreMetadata> {
    let parsed = tokio::task::spawn_blocking(move || CoreMetadata::parse(&bytes)).await;
    parsed.map_err(|error| Error::internal("reading metadata", error))
}
