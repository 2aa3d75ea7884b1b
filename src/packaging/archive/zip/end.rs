//! The end of a ZIP archive: where its central directory is, and that all readers agree on it.

use std::io::{Read, Seek};

use super::super::ArchiveError;
use super::ZipError;
use super::fields::{CENTRAL, DESCRIPTOR, END, END64, FULL16, FULL32, Fields, LOCAL, LOCATOR64};
use super::source::Source;

/// Bytes of an end record without its comment.
const END_LENGTH: u64 = 22;
/// Bytes of a ZIP64 end record without extensible data, and of its locator.
const END64_LENGTH: u64 = 56;
const LOCATOR64_LENGTH: u64 = 20;
/// What a ZIP64 end record without extensible data states as its own size: signature and size
/// field do not count.
const END64_STATED: u64 = END64_LENGTH - 12;

/// Where the central directory is and how many records it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub(super) count: u64,
    pub(super) size: u64,
    pub(super) offset: u64,
}

/// Reads the records at the end. The central directory that they speak of ends right where they
/// begin, and nothing follows them but the archive comment.
pub(super) fn read<R: Read + Seek>(source: &mut Source<R>) -> Result<End, ArchiveError> {
    let length = source.length();
    let reach = END_LENGTH.saturating_add(u64::from(u16::MAX));
    let tail_start = length.saturating_sub(reach);
    let tail = read_at(source, tail_start, length.saturating_sub(tail_start))?;
    let at = find(&tail).ok_or(ZipError::NoEnd)?;
    let (_, record) = tail.split_at_checked(at).ok_or(ZipError::NoEnd)?;
    let end = parse(record)?;
    let position = tail_start.saturating_add(at as u64);
    let (end, begin) = match locator(source, position)? {
        Some(locator) => (with_zip64(source, &locator, position, end)?, position64(position)),
        None => (end, position),
    };
    if end.offset.checked_add(end.size) != Some(begin) {
        return Err(ZipError::DirectoryPlace.into());
    }
    Ok(end)
}

fn read_at<R: Read + Seek>(
    source: &mut Source<R>,
    position: u64,
    length: u64,
) -> Result<Vec<u8>, ArchiveError> {
    source.go_to(position)?;
    let mut bytes = Vec::new();
    source.read_into(&mut bytes, usize::try_from(length).unwrap_or(usize::MAX))?;
    Ok(bytes)
}

/// The end record as Python's `zipfile` finds it: without a comment at the very end, else the
/// last one.
fn find(tail: &[u8]) -> Option<usize> {
    let plain = tail.len().checked_sub(usize::try_from(END_LENGTH).ok()?)?;
    let (_, record) = tail.split_at_checked(plain)?;
    if record.starts_with(&END) && record.ends_with(&[0, 0]) {
        return Some(plain);
    }
    tail.windows(END.len()).rposition(|window| window == END)
}

fn parse(record: &[u8]) -> Result<End, ZipError> {
    let mut fields = Fields(record);
    let parsed = (|| {
        fields.signature()?;
        let disks = (fields.u16()?, fields.u16()?);
        let counts = (fields.u16()?, fields.u16()?);
        Some((disks, counts, fields.u32()?, fields.u32()?, fields.u16()?))
    })();
    let (disks, counts, size, offset, comment) = parsed.ok_or(ZipError::Truncated)?;
    // 65,535 says that the ZIP64 record has the number; the disks are checked there.
    let is_zero = |disk: u16| disk == 0 || disk == FULL16;
    if !is_zero(disks.0) || !is_zero(disks.1) || counts.0 != counts.1 {
        return Err(ZipError::MultiDisk);
    }
    check_comment(fields.0, usize::from(comment))?;
    Ok(End { count: counts.1.into(), size: size.into(), offset: offset.into() })
}

fn check_comment(rest: &[u8], stated: usize) -> Result<(), ZipError> {
    if rest.len() < stated {
        return Err(ZipError::CommentCut);
    }
    if rest.len() > stated {
        return Err(ZipError::Trailing((rest.len() - stated) as u64));
    }
    let signatures = [LOCAL, CENTRAL, END, END64, LOCATOR64, DESCRIPTOR];
    if rest.windows(END.len()).any(|window| signatures.iter().any(|known| window == known)) {
        return Err(ZipError::CommentRecord);
    }
    Ok(())
}

/// Where the ZIP64 end record must begin if the end record begins at `position`.
fn position64(position: u64) -> u64 {
    position.saturating_sub(END64_LENGTH + LOCATOR64_LENGTH)
}

/// The ZIP64 locator right before the end record. That it is there decides; readers differ in
/// whether they look for it when the end record holds all values.
fn locator<R: Read + Seek>(
    source: &mut Source<R>,
    position: u64,
) -> Result<Option<Vec<u8>>, ArchiveError> {
    let Some(start) = position.checked_sub(LOCATOR64_LENGTH) else { return Ok(None) };
    let bytes = read_at(source, start, LOCATOR64_LENGTH)?;
    Ok(bytes.starts_with(&LOCATOR64).then_some(bytes))
}

fn with_zip64<R: Read + Seek>(
    source: &mut Source<R>,
    locator: &[u8],
    position: u64,
    end: End,
) -> Result<End, ArchiveError> {
    let place = position64(position);
    if position < END64_LENGTH + LOCATOR64_LENGTH {
        return Err(ZipError::Locator.into());
    }
    let mut fields = Fields(locator);
    let located = (|| {
        fields.signature()?;
        Some((fields.u32()?, fields.u64()?, fields.u32()?))
    })();
    let Some((disk, offset, disks)) = located else { return Err(ZipError::Locator.into()) };
    if disk != 0 || disks > 1 {
        return Err(ZipError::MultiDisk.into());
    }
    let record = read_at(source, place, END64_LENGTH)?;
    if offset != place || !record.starts_with(&END64) {
        return Err(ZipError::Locator.into());
    }
    let end64 = parse64(&record)?;
    agree("record count", end.count, u64::from(FULL16), end64.count)?;
    agree("size", end.size, u64::from(FULL32), end64.size)?;
    agree("place", end.offset, u64::from(FULL32), end64.offset)?;
    Ok(end64)
}

fn parse64(record: &[u8]) -> Result<End, ZipError> {
    let mut fields = Fields(record);
    let parsed = (|| {
        fields.signature()?;
        let stated = fields.u64()?;
        let _versions = fields.u32()?;
        let disks = (fields.u32()?, fields.u32()?);
        let counts = (fields.u64()?, fields.u64()?);
        Some((stated, disks, counts, fields.u64()?, fields.u64()?))
    })();
    let (stated, disks, counts, size, offset) = parsed.ok_or(ZipError::Truncated)?;
    if stated != END64_STATED {
        return Err(ZipError::ExtensibleData);
    }
    if disks != (0, 0) || counts.0 != counts.1 {
        return Err(ZipError::MultiDisk);
    }
    Ok(End { count: counts.1, size, offset })
}

/// A value of the end record is that of the ZIP64 record, or says that it is there.
fn agree(what: &'static str, short: u64, full: u64, long: u64) -> Result<(), ZipError> {
    if short == long || short == full { Ok(()) } else { Err(ZipError::EndsDisagree(what)) }
}
