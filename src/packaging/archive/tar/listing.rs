//! The members of a tar archive for people who look into it, and the content of one.

use std::collections::BTreeMap;
use std::io::Read;

use tar::Archive;

use super::error::TarError;
use super::gzip::Unpacked;
use super::member::Member;
use super::tree::{Kind, Tree};
use super::walk::{self, Visitor};
use crate::packaging::archive::contents::{self, Contents, Item};
use crate::packaging::archive::{ArchiveError, LONGEST_METADATA};

/// Unpacks no more of an archive than this to look into it, which takes about a second. Few
/// source distributions unpack to more; of these the beginning is listed.
const MOST_UNPACKED: u64 = 512 * 1024 * 1024;

/// The members, and the bytes of the one that is `wanted`, where it is a regular file of no more
/// than `most` bytes and the archive could be read to its end.
pub(in crate::packaging::archive) fn look(
    file: impl Read,
    wanted: Option<&str>,
    most: u64,
) -> Result<(Contents, Option<Vec<u8>>), ArchiveError> {
    let mut unpacked = Unpacked::open_up_to(file, MOST_UNPACKED)?;
    let most = most.min(LONGEST_METADATA);
    let mut listing =
        Listing { wanted, most, items: BTreeMap::new(), names: Tree::default(), found: None };
    let walked = walk::walk(&mut Archive::new(unpacked.by_ref()), &mut listing);
    let is_cut = match (unpacked.into_fault(), walked) {
        (Some(ArchiveError::Tar(TarError::Bomb(_))), _) => true,
        (Some(fault), _) => return Err(fault),
        (None, walked) => walked.map(|()| false)?,
    };
    let items = listing.items.into_values().collect();
    // What comes later under the same name counts: without the end nobody knows.
    Ok((Contents { items, is_cut }, listing.found.filter(|_| !is_cut)))
}

struct Listing<'w> {
    wanted: Option<&'w str>,
    most: u64,
    items: BTreeMap<String, Item>,
    /// Bounds what all names take.
    names: Tree,
    found: Option<Vec<u8>>,
}

impl Visitor for Listing<'_> {
    fn member(&mut self, member: &Member) -> Result<bool, TarError> {
        let kind = match member.kind {
            Kind::Folder => return Ok(false),
            Kind::File => contents::Kind::File,
            Kind::Symlink | Kind::HardLink => contents::Kind::Link,
        };
        self.names.charge(member.path.len().saturating_mul(2))?;
        let item = Item { name: member.path.clone(), size: member.size, kind };
        self.items.insert(member.path.clone(), item);
        let is_wanted = self.wanted == Some(member.path.as_str());
        if is_wanted {
            self.found = None;
        }
        Ok(is_wanted && kind == contents::Kind::File && member.size <= self.most)
    }

    fn content(&mut self, bytes: Vec<u8>) {
        self.found = Some(bytes);
    }
}
