//! The central directory of a ZIP archive: every member with what is said about it.

use std::io::{Read, Seek};

use super::super::ArchiveError;
use super::end::End;
use super::extra::{self, Short};
use super::fields::{CENTRAL, FULL16, Fields};
use super::source::Source;
use super::{MemberFault, ZipError, name};

/// Most members that an archive may have: all that ZIP without ZIP64 can have (65,535), and some
/// room. Names and bookkeeping of so many stay within some tens of megabytes by estimate.
pub(super) const MOST_MEMBERS: u64 = 100_000;

/// Longest central directory that is read: so many members with names of 120 bytes.
const LONGEST_DIRECTORY: u64 = 16 * 1024 * 1024;

/// Bytes of a central directory header before its name, of its comment's length at least.
const HEADER_LENGTH: usize = 46;

/// Flag bits of a member that is encrypted: 0 as of old, 6 strongly, 13 its headers too.
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
/// Flag bits that every reader takes alike: 1 and 2 tell how deflate was done, 3 announces a
/// data descriptor, 11 a name in UTF-8.
const KNOWN_FLAGS: u16 = 1 << 1 | 1 << 2 | DESCRIPTOR_FLAG | UTF8_FLAG;
/// Sizes and checksum stand behind the data.
pub(super) const DESCRIPTOR_FLAG: u16 = 1 << 3;
/// The name is UTF-8.
const UTF8_FLAG: u16 = 1 << 11;
/// Highest version of the ZIP format that readers know: 6.3.
const KNOWN_VERSION: u16 = 63;

/// The unix file type bits of a mode, those of a regular file and those of a folder.
const TYPE_BITS: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;
/// The MS-DOS attribute of a folder.
const DOS_FOLDER: u32 = 0x10;

/// How a member is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::packaging::archive) enum Method {
    /// Not at all.
    Stored,
    /// By deflate.
    Deflate,
}

impl Method {
    /// Its number in headers.
    pub(super) fn number(self) -> u16 {
        match self {
            Self::Stored => 0,
            Self::Deflate => 8,
        }
    }
}

/// A member as the central directory has it.
#[derive(Debug, Clone)]
pub(in crate::packaging::archive) struct Entry {
    /// Its path, with a `/` at the end where it is a folder.
    pub(in crate::packaging::archive) name: Box<str>,
    /// Unpacked size in bytes.
    pub(in crate::packaging::archive) size: u64,
    pub(super) compressed: u64,
    pub(super) crc: u32,
    pub(super) flags: u16,
    pub(super) method: Method,
    /// Place of its local header.
    pub(super) offset: u64,
    /// Place of what stands behind it: the next member or the central directory.
    pub(super) limit: u64,
}

impl Entry {
    /// Whether it is a folder.
    pub(in crate::packaging::archive) fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }
}

/// Reads the central directory. The members are in the order of their bytes in the file; the
/// first begins at byte 0.
pub(super) fn read<R: Read + Seek>(
    source: &mut Source<R>,
    end: &End,
) -> Result<Vec<Entry>, ArchiveError> {
    if end.count > MOST_MEMBERS {
        return Err(ZipError::TooManyMembers { found: end.count, most: MOST_MEMBERS }.into());
    }
    if end.size > LONGEST_DIRECTORY {
        return Err(ZipError::DirectoryTooLong(LONGEST_DIRECTORY).into());
    }
    source.go_to(end.offset)?;
    let mut bytes = Vec::new();
    source.read_into(&mut bytes, usize::try_from(end.size).unwrap_or(usize::MAX))?;
    let mut entries = parse_all(&bytes, end.count)?;
    entries.sort_by_key(|entry| entry.offset);
    lay_out(&mut entries, end.offset)?;
    Ok(entries)
}

fn parse_all(bytes: &[u8], count: u64) -> Result<Vec<Entry>, ZipError> {
    let mut fields = Fields(bytes);
    let mut entries = Vec::new();
    while fields.left() > 0 {
        let found = entries.len() as u64;
        if found == count {
            // More records than stated, or something else behind them.
            return Err(if fields.0.starts_with(&CENTRAL) {
                ZipError::DirectoryCount { found: found + 1, stated: count }
            } else {
                ZipError::DirectorySize
            });
        }
        let record = Record::take(&mut fields).ok_or(ZipError::DirectoryRecord(found + 1))?;
        entries.push(record.check()?);
    }
    let found = entries.len() as u64;
    if found != count {
        return Err(ZipError::DirectoryCount { found, stated: count });
    }
    Ok(entries)
}

/// Gives each member its limit.
fn lay_out(entries: &mut [Entry], directory: u64) -> Result<(), ZipError> {
    match entries.first().map_or(directory, |first| first.offset) {
        0 => {}
        prefix => return Err(ZipError::Prefix(prefix)),
    }
    let mut limit = directory;
    for entry in entries.iter_mut().rev() {
        entry.limit = limit;
        if entry.offset >= limit {
            return Err(MemberFault::Overlap.of(entry.name.as_bytes()));
        }
        limit = entry.offset;
    }
    Ok(())
}

/// The fields of one header.
struct Record<'a> {
    version: u16,
    flags: u16,
    method: u16,
    crc: u32,
    short: Short,
    attributes: u32,
    name: &'a [u8],
    extra: &'a [u8],
    comment: &'a [u8],
}

impl<'a> Record<'a> {
    fn take(fields: &mut Fields<'a>) -> Option<Self> {
        let mut head = Fields(fields.take(HEADER_LENGTH)?);
        if head.signature()? != CENTRAL {
            return None;
        }
        let _made_by = head.u16()?;
        let (version, flags, method) = (head.u16()?, head.u16()?, head.u16()?);
        let _time = head.u32()?;
        let crc = head.u32()?;
        let (compressed, size) = (head.u32()?, head.u32()?);
        let lengths = (head.u16()?, head.u16()?, head.u16()?);
        let disk = head.u16()?;
        let _internal = head.u16()?;
        let (attributes, offset) = (head.u32()?, head.u32()?);
        Some(Self {
            version,
            flags,
            method,
            crc,
            short: Short { size, compressed, offset, disk },
            attributes,
            name: fields.take(lengths.0.into())?,
            extra: fields.take(lengths.1.into())?,
            comment: fields.take(lengths.2.into())?,
        })
    }

    fn check(&self) -> Result<Entry, ZipError> {
        self.entry().map_err(|fault| fault.of(self.name))
    }

    fn entry(&self) -> Result<Entry, MemberFault> {
        let name = name::check(self.name, self.flags & UTF8_FLAG != 0)?;
        if !self.comment.is_empty() {
            return Err(MemberFault::Comment);
        }
        let method = self.check_packing()?;
        check_kind(name, self.attributes)?;
        let extra = extra::parse(self.extra, self.name)?;
        let sizes = self.short.widen(extra.zip64)?;
        if sizes.disk != 0 {
            return Err(MemberFault::OtherDisk);
        }
        if method == Method::Stored && sizes.size != sizes.compressed {
            return Err(MemberFault::StoredSizes);
        }
        if name.ends_with('/') && sizes.size != 0 {
            return Err(MemberFault::FolderContent);
        }
        Ok(Entry {
            name: name.into(),
            size: sizes.size,
            compressed: sizes.compressed,
            crc: self.crc,
            flags: self.flags,
            method,
            offset: sizes.offset,
            limit: 0,
        })
    }

    fn check_packing(&self) -> Result<Method, MemberFault> {
        if self.flags & ENCRYPTED != 0 {
            return Err(MemberFault::Encrypted);
        }
        match self.flags & !KNOWN_FLAGS {
            0 => {}
            unknown => return Err(MemberFault::Flags(unknown)),
        }
        if self.version > KNOWN_VERSION {
            return Err(MemberFault::Version(self.version));
        }
        match self.method {
            0 => Ok(Method::Stored),
            8 => Ok(Method::Deflate),
            other => Err(MemberFault::Method(other)),
        }
    }
}

/// Unix mode and MS-DOS attributes must not make something else of a member than its name does.
/// The mode counts also where the archive is said to be from another system: installers look at
/// it without asking.
fn check_kind(name: &str, attributes: u32) -> Result<(), MemberFault> {
    let is_folder = name.ends_with('/');
    let kind = (attributes >> 16) & TYPE_BITS;
    match kind {
        0 => {}
        REGULAR if !is_folder => {}
        FOLDER if is_folder => {}
        REGULAR | FOLDER => return Err(MemberFault::Kind),
        _ => return Err(MemberFault::Special(attributes >> 16)),
    }
    if attributes & DOS_FOLDER != 0 && !is_folder {
        return Err(MemberFault::Kind);
    }
    Ok(())
}

const _: () = assert!(FULL16 as u64 <= MOST_MEMBERS, "all of plain ZIP must fit");
