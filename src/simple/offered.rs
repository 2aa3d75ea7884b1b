//! Which files a project's page offers, so that a download needs no look-up in the database.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::page::PageFile;
use crate::db::FileId;
use crate::packaging::Blake2b256;

/// A file as downloads need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Its id, by which downloads are counted.
    pub id: FileId,
    /// Where its bytes are kept.
    pub blob: Blake2b256,
    /// How many there are.
    pub size: u64,
    /// Where the metadata beside it is kept.
    pub metadata: Option<Blake2b256>,
}

/// The files of a page by the hash of their names. The digest in a file's URL says which of two
/// names with one hash is meant.
#[derive(Debug, Default)]
pub struct Offers(Vec<(u64, Offer)>);

impl Offers {
    /// The files of a page.
    pub(super) fn of(files: &[PageFile]) -> Self {
        let mut offers: Vec<_> = files
            .iter()
            .map(|PageFile { file, .. }| {
                let offer = Offer {
                    id: file.id,
                    blob: file.blake2_256.clone(),
                    size: u64::try_from(file.size).unwrap_or_default(),
                    metadata: file.metadata_blake2_256.clone(),
                };
                (hash(&file.filename), offer)
            })
            .collect();
        offers.sort_unstable_by_key(|(hash, _)| *hash);
        Self(offers)
    }

    /// The file of that name with those bytes.
    pub fn find(&self, filename: &str, blob: &Blake2b256) -> Option<&Offer> {
        let wanted = hash(filename);
        let first = self.0.partition_point(|(hash, _)| *hash < wanted);
        let same = self.0.get(first..)?.iter().take_while(|(hash, _)| *hash == wanted);
        same.map(|(_, offer)| offer).find(|offer| offer.blob == *blob)
    }

    /// Bytes that it keeps in memory.
    pub(super) fn size(&self) -> usize {
        /// The digests are texts on the heap.
        const DIGESTS: usize = 2 * 64;
        self.0.len() * (size_of::<(u64, Offer)>() + DIGESTS)
    }
}

fn hash(filename: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    filename.hash(&mut hasher);
    hasher.finish()
}
