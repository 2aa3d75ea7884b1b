//! ZIP archives, read so strictly that every reader sees the same members in them.
//!
//! The central directory says what is there; the records are then walked from byte 0, and
//! whatever differs from it, hides from it or lies between its members is refused. Source: the
//! ZIP specification, APPNOTE.TXT 6.3.10.

mod central;
mod end;
mod error;
mod extra;
mod fields;
mod local;
mod member;
mod name;
mod second;
mod source;
mod tar_twin;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::{Read, Seek};

use super::ArchiveError;
pub(super) use central::Entry;
pub use error::{Member, MemberFault, ZipError};
use member::Unpacker;
use source::Source;

/// An archive may always unpack to this much,
const SMALL: u64 = 64 * 1024 * 1024;
/// and a larger one to so many times its own size, as on PyPI,
const HIGHEST_RATIO: u64 = 50;
/// but none to more than this, so that no upload keeps a thread busy for many minutes.
const MOST_UNPACKED: u64 = 16 * 1024 * 1024 * 1024;

/// A ZIP archive whose central directory is in order.
pub(super) struct Archive<R> {
    source: Source<R>,
    entries: Vec<Entry>,
    by_name: HashMap<Box<str>, usize>,
    unpacker: Unpacker,
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the end of the archive and its central directory, and checks all that can be
    /// checked with them.
    pub(super) fn open(file: R) -> Result<Self, ArchiveError> {
        let mut source = Source::new(file)?;
        if tar_twin::is_tar_header(source.peek()?) {
            return Err(ZipError::AlsoTar.into());
        }
        let end = end::read(&mut source)?;
        let entries = central::read(&mut source, &end)?;
        name::check_all(&entries)?;
        check_size(&entries, source.length())?;
        let numbered = entries.iter().enumerate();
        let by_name = numbered.map(|(at, entry)| (entry.name.clone(), at)).collect();
        Ok(Self { source, entries, by_name, unpacker: Unpacker::new() })
    }

    /// All members, in the order of their bytes.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The member with that name; folders have a `/` at its end.
    pub(super) fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.get(*self.by_name.get(name)?)
    }

    /// The bytes of a member that must be there as a regular file of no more than so many bytes.
    pub(super) fn read(&mut self, name: &str, most: u64) -> Result<Vec<u8>, ArchiveError> {
        let Some(at) = self.by_name.get(name) else {
            return Err(if self.by_name.contains_key(format!("{name}/").as_str()) {
                ArchiveError::NotAFile(name.to_owned())
            } else {
                ArchiveError::Missing(name.to_owned())
            });
        };
        let entry = self.entries.get(*at).ok_or(ZipError::Truncated)?;
        if entry.size > most {
            return Err(ArchiveError::TooLong(name.to_owned()));
        }
        let mut bytes = Vec::new();
        let mut take = |piece: &[u8]| bytes.extend_from_slice(piece);
        self.unpacker.unpack(&mut self.source, entry, &mut take)?;
        Ok(bytes)
    }

    /// Walks over the whole archive from byte 0, unpacks every member and lets the visitor see
    /// it. When this has succeeded, every byte of the file is accounted for, and another reader
    /// of archives sees the same members. Nothing can be read afterwards.
    pub(super) fn walk(&mut self, visitor: &mut impl Visitor) -> Result<(), ArchiveError> {
        for entry in &self.entries {
            visitor.begin(entry)?;
            self.unpacker.unpack(&mut self.source, entry, &mut |piece| visitor.piece(piece))?;
            visitor.end(entry)?;
        }
        second::agrees(self.source.file(), &self.entries)
    }
}

/// Sees every member of an archive as it is unpacked.
pub(super) trait Visitor {
    /// A member begins.
    fn begin(&mut self, entry: &Entry) -> Result<(), ArchiveError>;
    /// The next unpacked bytes of that member.
    fn piece(&mut self, bytes: &[u8]);
    /// The member is complete and is as its header states.
    fn end(&mut self, entry: &Entry) -> Result<(), ArchiveError>;
}

/// Refuses what unpacks to absurdly much. No member can unpack to more than it states, and no
/// two can share bytes, so what they state may be added up.
fn check_size(entries: &[Entry], length: u64) -> Result<(), ArchiveError> {
    let total = entries.iter().fold(0, |sum: u64, entry| sum.saturating_add(entry.size));
    let limit = length.saturating_mul(HIGHEST_RATIO).clamp(SMALL, MOST_UNPACKED);
    if total > limit { Err(ArchiveError::Bomb(limit)) } else { Ok(()) }
}
