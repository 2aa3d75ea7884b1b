//! Extra fields of ZIP headers: ZIP64 sizes and the Unicode Path.

use super::MemberFault;
use super::fields::{FULL16, FULL32, Fields};

/// ZIP64 extended information.
const ZIP64: u16 = 0x0001;
/// Info-ZIP Unicode Path.
const UNICODE_PATH: u16 = 0x7075;
/// The version of the Unicode Path field that readers know.
const UNICODE_PATH_VERSION: u8 = 1;
/// Bytes of that field before the name: version and checksum of the header's name.
const UNICODE_PATH_HEAD: usize = 5;

/// The extra fields that change what a header says.
#[derive(Debug, Default)]
pub(super) struct Extra<'a> {
    /// The content of the ZIP64 field.
    pub(super) zip64: Option<&'a [u8]>,
}

/// Reads the list of extra fields of a header with that name.
pub(super) fn parse<'a>(bytes: &'a [u8], name: &[u8]) -> Result<Extra<'a>, MemberFault> {
    let mut fields = Fields(bytes);
    let mut extra = Extra::default();
    let mut has_path = false;
    while fields.left() > 0 {
        let id = fields.u16().ok_or(MemberFault::Extra)?;
        let length = fields.u16().ok_or(MemberFault::Extra)?;
        let content = fields.take(length.into()).ok_or(MemberFault::Extra)?;
        match id {
            ZIP64 if extra.zip64.is_some() => return Err(MemberFault::RepeatedExtra(id)),
            ZIP64 => extra.zip64 = Some(content),
            UNICODE_PATH if has_path => return Err(MemberFault::RepeatedExtra(id)),
            UNICODE_PATH => {
                has_path = true;
                check_path(content, name)?;
            }
            _ => {}
        }
    }
    Ok(extra)
}

/// The name in the Unicode Path field must be the header's, so that it does not matter which of
/// the two a reader takes.
fn check_path(content: &[u8], name: &[u8]) -> Result<(), MemberFault> {
    let (head, path) =
        content.split_at_checked(UNICODE_PATH_HEAD).ok_or(MemberFault::UnicodePath)?;
    let known = head.first() == Some(&UNICODE_PATH_VERSION);
    if known && path == name { Ok(()) } else { Err(MemberFault::UnicodePath) }
}

/// The values of a header that ZIP64 can widen, in the order of its extra field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    /// Unpacked size.
    pub(super) size: u64,
    /// Packed size.
    pub(super) compressed: u64,
    /// Place of the local header; 0 in that header itself.
    pub(super) offset: u64,
    /// Disk of the local header; 0 in that header itself.
    pub(super) disk: u32,
}

/// The same as the header has them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Short {
    pub(super) size: u32,
    pub(super) compressed: u32,
    pub(super) offset: u32,
    pub(super) disk: u16,
}

impl Short {
    fn plain(self) -> Sizes {
        let Self { size, compressed, offset, disk } = self;
        Sizes {
            size: size.into(),
            compressed: compressed.into(),
            offset: offset.into(),
            disk: disk.into(),
        }
    }

    fn is_full(self) -> [bool; 4] {
        let wide = [self.size, self.compressed, self.offset].map(|value| value == FULL32);
        let [size, compressed, offset] = wide;
        [size, compressed, offset, self.disk == FULL16]
    }

    /// The true values. The ZIP64 field either has just those that the header has not, as the
    /// specification demands, or all of them in their order, and then the same as the header.
    pub(super) fn widen(self, zip64: Option<&[u8]>) -> Result<Sizes, MemberFault> {
        let full = self.is_full();
        let missing = full.contains(&true);
        let Some(zip64) = zip64 else {
            return if missing { Err(MemberFault::Zip64) } else { Ok(self.plain()) };
        };
        let lengths = [8, 8, 8, 4];
        let packed: usize =
            full.iter().zip(lengths).filter(|(full, _)| **full).map(|(_, length)| length).sum();
        if zip64.len() == packed {
            return self.widen_where(full, zip64);
        }
        let there = match zip64.len() {
            16 => [true, true, false, false],
            24 => [true, true, true, false],
            28 => [true; 4],
            _ => return Err(MemberFault::Zip64),
        };
        if full.iter().zip(there).any(|(full, there)| *full && !there) {
            return Err(MemberFault::Zip64);
        }
        let wide = self.widen_where(there, zip64)?;
        let kept = |full: bool, short: u64, wide: u64| full || short == wide;
        let plain = self.plain();
        let [size, compressed, offset, disk] = full;
        let agrees = kept(size, plain.size, wide.size)
            && kept(compressed, plain.compressed, wide.compressed)
            && kept(offset, plain.offset, wide.offset)
            && kept(disk, plain.disk.into(), wide.disk.into());
        if agrees { Ok(wide) } else { Err(MemberFault::Zip64) }
    }

    /// Takes those values from the field that are there.
    fn widen_where(self, there: [bool; 4], zip64: &[u8]) -> Result<Sizes, MemberFault> {
        let mut fields = Fields(zip64);
        let mut sizes = self.plain();
        let [size, compressed, offset, disk] = there;
        for (is_there, value) in [
            (size, &mut sizes.size),
            (compressed, &mut sizes.compressed),
            (offset, &mut sizes.offset),
        ] {
            if is_there {
                *value = fields.u64().ok_or(MemberFault::Zip64)?;
            }
        }
        if disk {
            sizes.disk = fields.u32().ok_or(MemberFault::Zip64)?;
        }
        Ok(sizes)
    }
}
