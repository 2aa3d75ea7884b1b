//! Source distributions packed as gzip-compressed tar archives (`.tar.gz`).
//!
//! The archive is read once from start to end and never unpacked to disk. What readers of such
//! archives (Python's `tarfile`, GNU tar, those of installers) take differently is refused.
//! Sources: POSIX.1-1988 (ustar), POSIX.1-2001 (pax), PEP 625, PEP 643, PEP 721

mod error;
mod gzip;
mod header;
mod limits;
mod listing;
mod member;
mod path;
mod pax;
mod rules;
mod tree;
mod walk;

#[cfg(test)]
mod tests;

use std::io::Read;

use tar::Archive;

pub use self::error::TarError;
use self::gzip::Unpacked;
pub(super) use self::listing::look;
use self::rules::Rules;
use super::ArchiveError;
use crate::packaging::Filename;

/// Length of a block: headers have one, and content is filled up to a multiple of it.
const BLOCK: u64 = 512;

/// The bytes of `{name}-{version}/PKG-INFO` in the archive `file` of `length` bytes, which is
/// read to its end and must keep all rules.
pub(super) fn read_pkg_info(
    file: impl Read,
    length: u64,
    filename: &Filename,
) -> Result<Vec<u8>, ArchiveError> {
    let mut unpacked = Unpacked::open(file, length)?;
    let found = read_members(&mut unpacked, filename);
    // Where the stream below broke, this is why the archive could not be read.
    match unpacked.into_fault() {
        Some(fault) => Err(fault),
        None => Ok(found?),
    }
}

fn read_members(unpacked: &mut impl Read, filename: &Filename) -> Result<Vec<u8>, TarError> {
    let mut rules = Rules::new(filename);
    walk::walk(&mut Archive::new(unpacked.by_ref()), &mut rules)?;
    check_end(unpacked)?;
    rules.finish()
}

/// The first of the two blocks of zeros at the end is read; behind the second, only more zeros
/// may follow. Some installers take an archive without these blocks to be cut off.
fn check_end(rest: &mut impl Read) -> Result<(), TarError> {
    /// As many bytes are read at once.
    const CHUNK: usize = 16 * 1024;
    let mut chunk = vec![0; CHUNK];
    let mut zeros: u64 = 0;
    loop {
        // Any error is one of the stream, which keeps it.
        let read = rest.read(&mut chunk).map_err(|_| TarError::GzipCut)?;
        let bytes = chunk.get(..read).unwrap_or_default();
        if bytes.iter().any(|&byte| byte != 0) {
            return Err(TarError::HiddenData);
        }
        zeros += read as u64;
        if read == 0 {
            return if zeros < BLOCK { Err(TarError::NoEnd) } else { Ok(()) };
        }
    }
}
