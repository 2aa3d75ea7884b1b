//! How much a tar archive may ask of who reads it.

/// An archive may always unpack to this many bytes,
const SMALL: u64 = 64 * 1024 * 1024;
/// and a larger one to so many times its own size (the ratio that PyPI allows for ZIP archives),
const HIGHEST_RATIO: u64 = 50;
/// but never to more than this. The largest source distributions on PyPI unpack to about half a
/// gigabyte; inflating this much already takes about ten seconds.
const LARGEST: u64 = 4 * 1024 * 1024 * 1024;

/// Most members of an archive. The largest source distributions have some ten thousand.
pub(super) const MOST_MEMBERS: u32 = 100_000;

/// Longest name of a member or target of a link in bytes: what Linux takes as a path.
pub(super) const LONGEST_NAME: usize = 4096;

/// Most bytes that names of members, their folders and targets of links may take together, which
/// are held in memory while the archive is read. Twice what an archive of the most members with
/// names of a hundred bytes needs.
pub(super) const MOST_NAME_BYTES: usize = 32 * 1024 * 1024;

/// What a name takes in memory besides its own bytes, roughly: its place in the table and what
/// the allocator adds.
pub(super) const BYTES_BESIDE_NAME: usize = 64;

/// Longest pax header in bytes. They hold a name, times, and perhaps the extended attributes of
/// a file, of which each has at most 64 KiB on Linux.
pub(super) const LONGEST_EXTENSION: u64 = 1024 * 1024;

/// As many characters of a name are shown in a message.
pub(super) const SHOWN_CHARACTERS: usize = 100;

/// What an archive of `length` bytes may unpack to, in bytes.
pub(super) fn largest_unpacked(length: u64) -> u64 {
    SMALL.max(length.saturating_mul(HIGHEST_RATIO)).min(LARGEST)
}
