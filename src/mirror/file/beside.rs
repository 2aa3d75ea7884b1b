//! The metadata beside a file as a whole, for whoever reads it here.

use futures_util::TryStreamExt;

use super::Files;
use super::fault::Fault;
use super::wanted::Wanted;
use crate::error::{Error, Result};
use crate::mirror::page::UpstreamFile;
use crate::packaging::archive::LONGEST_METADATA;
use crate::packaging::{Blake2b256, NormalizedName};

impl Files {
    /// The bytes of the metadata beside a file, or taken out of it: what is kept at `kept`, where
    /// its page says so, else what its index serves. `None` where nobody has any that could be
    /// verified.
    pub async fn metadata_of(
        &self,
        project: &NormalizedName,
        file: &UpstreamFile,
        kept: Option<&Blake2b256>,
    ) -> Result<Option<Vec<u8>>, Fault> {
        if let Some(blob) = kept
            && let Some(bytes) = self.whole(blob).await?
        {
            self.note_use(blob);
            return Ok(Some(bytes));
        }
        let Some(wanted) = Wanted::metadata(project, file)? else { return Ok(None) };
        let stored = self.fetch(wanted)?.stored().await?;
        let blob = &stored.blake2_256;
        let lost = || Error::internal(format!("reading the blob {blob}"), "it is not there");
        Ok(Some(self.whole(blob).await?.ok_or_else(lost)?))
    }

    /// A blob of metadata as a whole; `None` where it is not there, or is none.
    async fn whole(&self, blob: &Blake2b256) -> Result<Option<Vec<u8>>> {
        let Some(found) = self.storage().get(blob, None).await? else { return Ok(None) };
        if found.size() > LONGEST_METADATA {
            return Ok(None);
        }
        let bytes = Vec::with_capacity(usize::try_from(found.size()).unwrap_or_default());
        let gather = |mut bytes: Vec<u8>, piece: bytes::Bytes| async move {
            bytes.extend_from_slice(&piece);
            Ok(bytes)
        };
        let read = found.into_stream().try_fold(bytes, gather).await;
        read.map(Some).map_err(|error| Error::internal(format!("reading the blob {blob}"), error))
    }
}
