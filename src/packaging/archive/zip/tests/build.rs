//! ZIP archives made field by field, so that each can be made wrong.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::super::fields::{CENTRAL, DESCRIPTOR, END, END64, LOCAL, LOCATOR64};

/// What local and central header have in common.
#[derive(Debug, Clone)]
pub(super) struct Header {
    pub(super) signature: [u8; 4],
    pub(super) version: u16,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) compressed: u32,
    pub(super) size: u32,
    pub(super) name: Vec<u8>,
    pub(super) extra: Vec<u8>,
    /// Of the central header only.
    pub(super) comment: Vec<u8>,
    pub(super) disk: u16,
    pub(super) attributes: u32,
    pub(super) offset: Option<u32>,
}

/// A member: its records and its bytes.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) local: Header,
    pub(super) central: Header,
    pub(super) packed: Vec<u8>,
    /// What stands behind its data: the data descriptor.
    pub(super) behind: Vec<u8>,
    pub(super) listed: bool,
    pub(super) written: bool,
}

/// A whole archive; `None` stands for the true value.
#[derive(Debug, Clone, Default)]
pub(super) struct Zip {
    pub(super) prefix: Vec<u8>,
    pub(super) parts: Vec<Part>,
    pub(super) before_directory: Vec<u8>,
    pub(super) directory_tail: Vec<u8>,
    pub(super) behind_directory: Vec<u8>,
    pub(super) zip64: Option<End64>,
    pub(super) disks: (u16, u16),
    pub(super) count: Option<u16>,
    pub(super) total: Option<u16>,
    pub(super) size: Option<u32>,
    pub(super) offset: Option<u32>,
    pub(super) comment: Vec<u8>,
    pub(super) comment_length: Option<u16>,
    pub(super) trailing: Vec<u8>,
}

/// The ZIP64 records at the end.
#[derive(Debug, Clone, Default)]
pub(super) struct End64 {
    pub(super) stated: Option<u64>,
    pub(super) disks: (u32, u32),
    pub(super) count: Option<u64>,
    pub(super) total: Option<u64>,
    pub(super) size: Option<u64>,
    pub(super) offset: Option<u64>,
    pub(super) extensible: Vec<u8>,
    pub(super) locator_disk: u32,
    pub(super) locator_offset: Option<u64>,
    pub(super) locator_disks: Option<u32>,
    pub(super) without_locator: bool,
}

pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let Ok(()) = encoder.write_all(bytes) else { panic!("memory takes all") };
    let Ok(packed) = encoder.finish() else { panic!("memory takes all") };
    packed
}

/// An extra field.
pub(super) fn extra(id: u16, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or_default();
    [&id.to_le_bytes(), &length.to_le_bytes(), content].concat()
}

/// The ZIP64 extra field with these values.
pub(super) fn extra64(values: &[u64]) -> Vec<u8> {
    extra(1, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())
}

/// A Unicode Path extra field.
pub(super) fn extra_path(header_name: &str, name: &[u8]) -> Vec<u8> {
    let crc = crc32fast::hash(header_name.as_bytes());
    extra(0x7075, &[&[1], crc.to_le_bytes().as_slice(), name].concat())
}

impl Part {
    pub(super) fn deflated(name: &str, bytes: &[u8]) -> Self {
        Self::new(name, bytes, 8, deflate(bytes))
    }

    pub(super) fn stored(name: &str, bytes: &[u8]) -> Self {
        Self::new(name, bytes, 0, bytes.to_vec())
    }

    fn new(name: &str, bytes: &[u8], method: u16, packed: Vec<u8>) -> Self {
        let central = Header {
            signature: CENTRAL,
            version: 20,
            flags: if name.is_ascii() { 0 } else { 1 << 11 },
            method,
            crc: crc32fast::hash(bytes),
            compressed: u32::try_from(packed.len()).unwrap_or_default(),
            size: u32::try_from(bytes.len()).unwrap_or_default(),
            name: name.into(),
            extra: Vec::new(),
            comment: Vec::new(),
            disk: 0,
            attributes: 0o644 << 16,
            offset: None,
        };
        let local = Header { signature: LOCAL, ..central.clone() };
        Self { local, central, packed, behind: Vec::new(), listed: true, written: true }
    }

    /// Sets a field in both headers.
    pub(super) fn both(&mut self, set: impl Fn(&mut Header)) {
        set(&mut self.local);
        set(&mut self.central);
    }

    /// The name in both headers, marked as UTF-8 where needed.
    pub(super) fn rename(&mut self, name: &str) {
        self.both(|header| {
            header.name = name.into();
            header.flags |= if name.is_ascii() { 0 } else { 1 << 11 };
        });
    }

    /// Puts checksum and sizes behind the data.
    pub(super) fn stream(&mut self, signed: bool, wide: bool) {
        self.both(|header| header.flags |= 1 << 3);
        (self.local.crc, self.local.compressed, self.local.size) = (0, 0, 0);
        self.behind = self.descriptor(signed, wide);
    }

    pub(super) fn descriptor(&self, signed: bool, wide: bool) -> Vec<u8> {
        let mut bytes = if signed { DESCRIPTOR.to_vec() } else { Vec::new() };
        bytes.extend(self.central.crc.to_le_bytes());
        for value in [self.central.compressed, self.central.size] {
            if wide {
                bytes.extend(u64::from(value).to_le_bytes());
            } else {
                bytes.extend(value.to_le_bytes());
            }
        }
        bytes
    }
}

impl Header {
    fn head(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for value in [self.version, self.flags, self.method, 0, 0x21] {
            bytes.extend(value.to_le_bytes());
        }
        for value in [self.crc, self.compressed, self.size] {
            bytes.extend(value.to_le_bytes());
        }
        for text in [&self.name, &self.extra] {
            bytes.extend(u16::try_from(text.len()).unwrap_or_default().to_le_bytes());
        }
        bytes
    }

    fn local(&self) -> Vec<u8> {
        [&self.signature, self.head().as_slice(), &self.name, &self.extra].concat()
    }

    fn central(&self, place: usize) -> Vec<u8> {
        let mut bytes = self.signature.to_vec();
        bytes.extend(0x0314_u16.to_le_bytes());
        bytes.extend(self.head());
        bytes.extend(u16::try_from(self.comment.len()).unwrap_or_default().to_le_bytes());
        bytes.extend(self.disk.to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend(self.attributes.to_le_bytes());
        let place = u32::try_from(place).unwrap_or_default();
        bytes.extend(self.offset.unwrap_or(place).to_le_bytes());
        bytes.extend([self.name.as_slice(), &self.extra, &self.comment].concat());
        bytes
    }
}

impl Zip {
    /// The part with that number.
    pub(super) fn part(&mut self, at: usize) -> &mut Part {
        let Some(part) = self.parts.get_mut(at) else { panic!("no part {at}") };
        part
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.prefix.clone();
        let mut directory = Vec::new();
        let mut count = 0_u16;
        for part in &self.parts {
            if part.listed {
                directory.extend(part.central.central(bytes.len()));
                count += 1;
            }
            if part.written {
                bytes.extend(part.local.local());
                bytes.extend_from_slice(&part.packed);
                bytes.extend_from_slice(&part.behind);
            }
        }
        bytes.extend_from_slice(&self.before_directory);
        directory.extend_from_slice(&self.directory_tail);
        let (offset, size) = (bytes.len() as u64, directory.len() as u64);
        bytes.extend(directory);
        bytes.extend_from_slice(&self.behind_directory);
        if let Some(end64) = &self.zip64 {
            end64.write(&mut bytes, count.into(), size, offset);
        }
        let short = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        bytes.extend(END);
        for value in [self.disks.0, self.disks.1] {
            bytes.extend(value.to_le_bytes());
        }
        for value in [self.count, self.total] {
            bytes.extend(value.unwrap_or(count).to_le_bytes());
        }
        bytes.extend(self.size.unwrap_or(short(size)).to_le_bytes());
        bytes.extend(self.offset.unwrap_or(short(offset)).to_le_bytes());
        let comment = u16::try_from(self.comment.len()).unwrap_or(u16::MAX);
        bytes.extend(self.comment_length.unwrap_or(comment).to_le_bytes());
        bytes.extend_from_slice(&self.comment);
        bytes.extend_from_slice(&self.trailing);
        bytes
    }
}

impl End64 {
    fn write(&self, bytes: &mut Vec<u8>, count: u64, size: u64, offset: u64) {
        let place = bytes.len() as u64;
        bytes.extend(END64);
        bytes.extend(self.stated.unwrap_or(44 + self.extensible.len() as u64).to_le_bytes());
        bytes.extend([45, 3, 45, 0]);
        bytes.extend(self.disks.0.to_le_bytes());
        bytes.extend(self.disks.1.to_le_bytes());
        for (value, truth) in
            [(self.count, count), (self.total, count), (self.size, size), (self.offset, offset)]
        {
            bytes.extend(value.unwrap_or(truth).to_le_bytes());
        }
        bytes.extend_from_slice(&self.extensible);
        if self.without_locator {
            return;
        }
        bytes.extend(LOCATOR64);
        bytes.extend(self.locator_disk.to_le_bytes());
        bytes.extend(self.locator_offset.unwrap_or(place).to_le_bytes());
        bytes.extend(self.locator_disks.unwrap_or(1).to_le_bytes());
    }
}
