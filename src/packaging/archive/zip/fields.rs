//! Little-endian fields of ZIP records.

/// Signature of a local file header.
pub(super) const LOCAL: [u8; 4] = *b"PK\x03\x04";
/// Signature of a central directory header.
pub(super) const CENTRAL: [u8; 4] = *b"PK\x01\x02";
/// Signature of the end of central directory record.
pub(super) const END: [u8; 4] = *b"PK\x05\x06";
/// Signature of the ZIP64 end of central directory record.
pub(super) const END64: [u8; 4] = *b"PK\x06\x06";
/// Signature of the ZIP64 end of central directory locator.
pub(super) const LOCATOR64: [u8; 4] = *b"PK\x06\x07";
/// Signature that a data descriptor may begin with.
pub(super) const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";

/// Value of a 16-bit field whose true value is in a ZIP64 record.
pub(super) const FULL16: u16 = u16::MAX;
/// Value of a 32-bit field whose true value is in a ZIP64 record.
pub(super) const FULL32: u32 = u32::MAX;

/// Takes one field after the other off some bytes; `None` behind their end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    /// So many bytes.
    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// A signature.
    pub(super) fn signature(&mut self) -> Option<[u8; 4]> {
        self.array()
    }

    /// Two bytes.
    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    /// Four bytes.
    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight bytes.
    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.0.len()
    }
}
