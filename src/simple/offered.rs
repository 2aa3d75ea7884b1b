//! Which files a project's page offers, so that a download needs no look-up in the database.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use super::Address;
use super::page::PageFile;
use crate::db::FileId;
use crate::packaging::Blake2b256;

/// The bytes of a file as they are kept here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The file's id, by which downloads are counted. That of a mirrored file is below zero.
    pub id: FileId,
    /// Where its bytes are kept.
    pub blob: Blake2b256,
    /// How many there are.
    pub size: u64,
}

/// A file as downloads need it.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Its address.
    pub address: Address,
    stored: OnceLock<Stored>,
    metadata: OnceLock<Blake2b256>,
}

impl Offer {
    /// Its bytes; none: a mirrored file that was not asked for yet.
    pub fn stored(&self) -> Option<&Stored> {
        self.stored.get()
    }

    /// Where the metadata beside it is kept, where it is kept.
    pub fn metadata(&self) -> Option<&Blake2b256> {
        self.metadata.get()
    }

    /// Notes that its bytes are kept here now, so that the next download finds them by the page
    /// alone. The first word counts.
    pub fn keep(&self, stored: Stored) {
        let _ = self.stored.set(stored);
    }

    /// The same of the metadata beside it.
    pub fn keep_metadata(&self, blob: Blake2b256) {
        let _ = self.metadata.set(blob);
    }
}

/// The files of a page by the hash of their names. The address in a file's URL says which of two
/// names with one hash is meant.
#[derive(Debug, Default)]
pub struct Offers(Vec<(u64, Offer)>);

impl Offers {
    /// The files of a page.
    pub(super) fn of(files: &[PageFile]) -> Self {
        let mut offers: Vec<_> = files
            .iter()
            .map(|file| {
                let offer = Offer {
                    address: file.address,
                    stored: file.stored.clone().map(OnceLock::from).unwrap_or_default(),
                    metadata: file.metadata.clone().map(OnceLock::from).unwrap_or_default(),
                };
                (hash(&file.filename), offer)
            })
            .collect();
        offers.sort_unstable_by_key(|(hash, _)| *hash);
        Self(offers)
    }

    /// The file of that name at that address.
    pub fn find(&self, filename: &str, address: Address) -> Option<&Offer> {
        let wanted = hash(filename);
        let first = self.0.partition_point(|(hash, _)| *hash < wanted);
        let same = self.0.get(first..)?.iter().take_while(|(hash, _)| *hash == wanted);
        same.map(|(_, offer)| offer).find(|offer| offer.address == address)
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
