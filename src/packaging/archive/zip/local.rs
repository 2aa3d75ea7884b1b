//! Local headers and data descriptors, compared with the central directory.

use std::io::{Read, Seek};

use super::super::ArchiveError;
use super::MemberFault;
use super::central::{DESCRIPTOR_FLAG, Entry, Method};
use super::extra::{self, Short};
use super::fields::{DESCRIPTOR, Fields, LOCAL};
use super::source::Source;

/// Bytes of a local header before its name.
const HEADER_LENGTH: usize = 30;
/// Bytes of a ZIP64 field with one value.
const ONE_VALUE: usize = 8;
/// Bytes of a data descriptor: checksum and two sizes of 32 or 64 bits, with or without its
/// signature before them.
const DESCRIPTORS: [(u64, bool, bool); 4] =
    [(12, false, false), (16, true, false), (20, false, true), (24, true, true)];

/// What a local header leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Local {
    /// A data descriptor stands behind the data.
    pub(super) has_descriptor: bool,
    /// The header states the packed size, so that the end of the data is known from it.
    pub(super) knows_end: bool,
}

/// Reads the local header of the member. It stands where the directory says, says the same, and
/// the data of the member ends before what comes next.
pub(super) fn read<R: Read + Seek>(
    source: &mut Source<R>,
    entry: &Entry,
) -> Result<Local, ArchiveError> {
    source.go_to(entry.offset)?;
    let fault = |fault: MemberFault| ArchiveError::from(fault.of(entry.name.as_bytes()));
    let space = entry.limit.saturating_sub(entry.offset);
    if space < HEADER_LENGTH as u64 {
        return Err(fault(MemberFault::Overlap));
    }
    let mut head = [0; HEADER_LENGTH];
    source.read_exact(&mut head)?;
    let head = Head::parse(&head).ok_or_else(|| fault(MemberFault::NoLocalHeader))?;
    let variable = head.name_length + head.extra_length;
    if space - (HEADER_LENGTH as u64) < variable as u64 {
        return Err(fault(MemberFault::Overlap));
    }
    let mut bytes = Vec::new();
    source.read_into(&mut bytes, variable)?;
    let local = head.compare(&bytes, entry).map_err(fault)?;
    if entry.limit - source.position() < entry.compressed {
        return Err(fault(MemberFault::Overlap));
    }
    Ok(local)
}

/// The fields of a local header.
struct Head {
    flags: u16,
    method: u16,
    crc: u32,
    compressed: u32,
    size: u32,
    name_length: usize,
    extra_length: usize,
}

impl Head {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        if fields.signature()? != LOCAL {
            return None;
        }
        let _version = fields.u16()?;
        let (flags, method) = (fields.u16()?, fields.u16()?);
        let _time = fields.u32()?;
        Some(Self {
            flags,
            method,
            crc: fields.u32()?,
            compressed: fields.u32()?,
            size: fields.u32()?,
            name_length: fields.u16()?.into(),
            extra_length: fields.u16()?.into(),
        })
    }

    fn compare(&self, variable: &[u8], entry: &Entry) -> Result<Local, MemberFault> {
        let (name, extra) =
            variable.split_at_checked(self.name_length).ok_or(MemberFault::Extra)?;
        let same = |same: bool, what| same.then_some(()).ok_or(MemberFault::Mismatch(what));
        same(name == entry.name.as_bytes(), "name")?;
        same(self.flags == entry.flags, "set of flags")?;
        same(self.method == entry.method.number(), "compression method")?;
        let extra = extra::parse(extra, name)?;
        // One value would be the unpacked size; only a stored member has no other.
        if extra.zip64.is_some_and(|zip64| zip64.len() == ONE_VALUE)
            && entry.method != Method::Stored
        {
            return Err(MemberFault::Zip64);
        }
        let short = Short { size: self.size, compressed: self.compressed, offset: 0, disk: 0 };
        let sizes = short.widen(extra.zip64)?;
        // With a data descriptor the header may leave the values out: they are 0 then.
        let has_descriptor = self.flags & DESCRIPTOR_FLAG != 0;
        let fits = |local: u64, central| local == central || (has_descriptor && local == 0);
        same(fits(self.crc.into(), entry.crc.into()), "CRC-32 checksum")?;
        same(fits(sizes.compressed, entry.compressed), "packed size")?;
        same(fits(sizes.size, entry.size), "unpacked size")?;
        Ok(Local { has_descriptor, knows_end: sizes.compressed == entry.compressed })
    }
}

/// Reads what stands between the data of a member and the next record: its data descriptor if
/// there is one, and nothing else.
pub(super) fn read_descriptor<R: Read + Seek>(
    source: &mut Source<R>,
    entry: &Entry,
    local: Local,
) -> Result<Signed, ArchiveError> {
    let fault = |fault: MemberFault| ArchiveError::from(fault.of(entry.name.as_bytes()));
    let gap = entry.limit.saturating_sub(source.position());
    if !local.has_descriptor {
        return match gap {
            0 => Ok(Signed::No),
            _ if source.peek()?.starts_with(&LOCAL) => Err(fault(MemberFault::Unlisted)),
            _ => Err(fault(MemberFault::Gap(gap))),
        };
    }
    let form = DESCRIPTORS.iter().find(|(length, _, _)| *length == gap);
    let &(length, signed, wide) = form.ok_or_else(|| fault(MemberFault::Descriptor))?;
    let mut bytes = Vec::new();
    source.read_into(&mut bytes, usize::try_from(length).unwrap_or_default())?;
    if !agrees(&bytes, entry, signed, wide) {
        return Err(fault(MemberFault::Descriptor));
    }
    Ok(if signed { Signed::Yes } else { Signed::No })
}

/// Whether a data descriptor began with its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signed {
    /// It did.
    Yes,
    /// It did not, or there was none.
    No,
}

fn agrees(bytes: &[u8], entry: &Entry, signed: bool, wide: bool) -> bool {
    let mut fields = Fields(bytes);
    // A checksum that looks like the signature would make the form ambiguous.
    if signed != bytes.starts_with(&DESCRIPTOR) {
        return false;
    }
    if signed {
        let _ = fields.signature();
    }
    let crc = fields.u32();
    let (compressed, size) = if wide {
        (fields.u64(), fields.u64())
    } else {
        (fields.u32().map(u64::from), fields.u32().map(u64::from))
    };
    crc == Some(entry.crc) && compressed == Some(entry.compressed) && size == Some(entry.size)
}
