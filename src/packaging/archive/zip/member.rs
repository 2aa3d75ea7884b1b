//! Unpacking one member, with everything verified that its header states.

use std::io::{Read, Seek};

use crc32fast::Hasher;
use flate2::{Decompress, FlushDecompress, Status};

use super::super::ArchiveError;
use super::central::{Entry, Method};
use super::fields::DESCRIPTOR;
use super::local::{self, Local, Signed};
use super::source::Source;
use super::{MemberFault, ZipError};

/// How much is unpacked at once.
const PIECE: usize = 256 * 1024;

/// Unpacks members, one after the other, with the same memory.
pub(super) struct Unpacker {
    inflater: Decompress,
    output: Vec<u8>,
}

impl Unpacker {
    pub(super) fn new() -> Self {
        Self { inflater: Decompress::new(false), output: vec![0; PIECE] }
    }

    /// Reads a member from its local header to its end and hands its unpacked bytes over.
    pub(super) fn unpack<R: Read + Seek>(
        &mut self,
        source: &mut Source<R>,
        entry: &Entry,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), ArchiveError> {
        let local = local::read(source, entry)?;
        let mut tally = Tally { entry, crc: Hasher::new(), size: 0, take };
        let found = match entry.method {
            Method::Stored => copy(source, &mut tally)?,
            Method::Deflate => {
                self.inflate(source, &mut tally)?;
                false
            }
        };
        tally.finish()?;
        let signed = local::read_descriptor(source, entry, local)?;
        check_end(entry, local, signed, found)?;
        Ok(())
    }

    fn inflate<R: Read + Seek>(
        &mut self,
        source: &mut Source<R>,
        tally: &mut Tally<'_>,
    ) -> Result<(), ArchiveError> {
        self.inflater.reset(false);
        let entry = tally.entry;
        let mut left = entry.compressed;
        loop {
            let input = first(source.peek()?, left);
            let before = (self.inflater.total_in(), self.inflater.total_out());
            let status = self
                .inflater
                .decompress(input, &mut self.output, FlushDecompress::None)
                .map_err(|_| MemberFault::Deflate.of(entry.name.as_bytes()))?;
            let used = self.inflater.total_in().saturating_sub(before.0);
            let made = self.inflater.total_out().saturating_sub(before.1);
            source.consume(usize::try_from(used).unwrap_or(usize::MAX));
            left = left.saturating_sub(used);
            tally.add(first(&self.output, made))?;
            match status {
                Status::StreamEnd if left == 0 => return Ok(()),
                Status::StreamEnd => {
                    return Err(MemberFault::DeflateTrailing(left)
                        .of(entry.name.as_bytes())
                        .into());
                }
                _ if used == 0 && made == 0 => {
                    return Err(MemberFault::DeflateCut.of(entry.name.as_bytes()).into());
                }
                _ => {}
            }
        }
    }
}

/// Passes a stored member on. Says whether its bytes contain the signature of a data descriptor.
fn copy<R: Read + Seek>(
    source: &mut Source<R>,
    tally: &mut Tally<'_>,
) -> Result<bool, ArchiveError> {
    let mut left = tally.entry.compressed;
    let mut search = Search::default();
    while left > 0 {
        let piece = first(source.peek()?, left);
        let length = piece.len();
        if length == 0 {
            return Err(ZipError::Truncated.into());
        }
        tally.add(piece)?;
        if tally.entry.flags & super::central::DESCRIPTOR_FLAG != 0 {
            search.feed(piece);
        }
        source.consume(length);
        left = left.saturating_sub(length as u64);
    }
    Ok(search.found)
}

/// A stored member with a data descriptor ends for a streaming reader where it finds the
/// descriptor's signature, unless the local header states the size.
fn check_end(entry: &Entry, local: Local, signed: Signed, found: bool) -> Result<(), ZipError> {
    let open = entry.method == Method::Stored && local.has_descriptor && !local.knows_end;
    if open && (found || signed == Signed::No) {
        return Err(MemberFault::AmbiguousEnd.of(entry.name.as_bytes()));
    }
    Ok(())
}

/// At most so many bytes from the beginning.
fn first(bytes: &[u8], most: u64) -> &[u8] {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    bytes.get(..most).unwrap_or(bytes)
}

/// Counts and checks what comes out of a member.
struct Tally<'a> {
    entry: &'a Entry,
    crc: Hasher,
    size: u64,
    take: &'a mut dyn FnMut(&[u8]),
}

impl Tally<'_> {
    fn add(&mut self, bytes: &[u8]) -> Result<(), ZipError> {
        self.size = self.size.saturating_add(bytes.len() as u64);
        if self.size > self.entry.size {
            return Err(MemberFault::Size(self.entry.size).of(self.entry.name.as_bytes()));
        }
        self.crc.update(bytes);
        (self.take)(bytes);
        Ok(())
    }

    fn finish(self) -> Result<(), ZipError> {
        let fault = if self.size != self.entry.size {
            MemberFault::Size(self.entry.size)
        } else if self.crc.finalize() != self.entry.crc {
            MemberFault::Crc
        } else {
            return Ok(());
        };
        Err(fault.of(self.entry.name.as_bytes()))
    }
}

/// Looks for the signature of a data descriptor in pieces of bytes.
#[derive(Default)]
struct Search {
    found: bool,
    /// The last bytes of the pieces before, fewer than a signature.
    carried: Vec<u8>,
}

impl Search {
    fn feed(&mut self, piece: &[u8]) {
        let overlap = DESCRIPTOR.len() - 1;
        let has = |bytes: &[u8]| bytes.windows(DESCRIPTOR.len()).any(|part| part == DESCRIPTOR);
        self.carried.extend_from_slice(piece.get(..overlap).unwrap_or(piece));
        self.found = self.found || has(&self.carried) || has(piece);
        if piece.len() >= overlap {
            self.carried.clear();
            self.carried.extend_from_slice(piece.get(piece.len() - overlap..).unwrap_or_default());
        } else {
            let surplus = self.carried.len().saturating_sub(overlap);
            self.carried.drain(..surplus);
        }
    }
}
