//! Tar archives byte by byte, for tests.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// One tar header. The checksum is set last.
#[derive(Clone)]
pub(super) struct Head([u8; 512]);

impl Head {
    /// A ustar header of this type for a member of so many bytes.
    pub(super) fn new(flag: u8, name: impl AsRef<[u8]>, size: usize) -> Self {
        let blank = Self([0; 512]).put(0, name.as_ref()).put(100, b"0000644\0");
        let owned = blank.put(108, b"0000000\0").put(116, b"0000000\0");
        let sized = owned.put(124, format!("{size:011o}\0").as_bytes());
        sized.put(136, b"14000000000\0").put(156, &[flag]).put(257, b"ustar\x0000")
    }

    /// A link.
    pub(super) fn link(flag: u8, name: &str, target: impl AsRef<[u8]>) -> Self {
        Self::new(flag, name, 0).put(157, target.as_ref())
    }

    /// Overwrites bytes.
    pub(super) fn put(mut self, at: usize, bytes: &[u8]) -> Self {
        for (place, byte) in self.0.iter_mut().skip(at).zip(bytes) {
            *place = *byte;
        }
        self
    }

    fn sealed(self) -> [u8; 512] {
        let blank = self.put(148, b"        ");
        let sum: u32 = blank.0.iter().copied().map(u32::from).sum();
        blank.put(148, format!("{sum:06o}\0 ").as_bytes()).0
    }
}

/// A tar archive in the making.
#[derive(Clone, Default)]
pub(super) struct Tar(pub(super) Vec<u8>);

impl Tar {
    /// Adds a header and content, filled up to whole blocks.
    pub(super) fn add(mut self, head: Head, content: impl AsRef<[u8]>) -> Self {
        self.0.extend(head.sealed());
        self.0.extend(content.as_ref());
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    /// Adds a member with content: a file or an extension header.
    pub(super) fn entry(self, flag: u8, name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        let head = Head::new(flag, name, content.as_ref().len());
        self.add(head, content)
    }

    /// Adds a regular file.
    pub(super) fn file(self, name: impl AsRef<[u8]>) -> Self {
        self.entry(b'0', name, "content\n")
    }

    /// Adds a folder.
    pub(super) fn folder(self, name: impl AsRef<[u8]>) -> Self {
        self.entry(b'5', name, "")
    }

    /// Adds a link.
    pub(super) fn link(self, flag: u8, name: &str, target: impl AsRef<[u8]>) -> Self {
        self.add(Head::link(flag, name, target), "")
    }

    /// Adds a pax header with these records.
    pub(super) fn pax(self, records: &[(&str, &str)]) -> Self {
        self.entry(b'x', "pax", pax_records(records))
    }

    /// Adds bytes as they are.
    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    /// Adds the end marker and compresses.
    pub(super) fn done(self) -> Vec<u8> {
        gzip(&self.raw(&[0; 1024]).0)
    }
}

/// `length key=value` lines; the length counts itself.
pub(super) fn pax_records(records: &[(&str, &str)]) -> Vec<u8> {
    let line = |(key, value): &(&str, &str)| {
        let bare = key.len() + value.len() + 3;
        let digits = |n: usize| n.to_string().len();
        let first = bare + digits(bare);
        format!("{} {key}={value}\n", bare + digits(first)).into_bytes()
    };
    records.iter().flat_map(line).collect()
}

/// Compresses; nothing can go wrong in memory.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

/// Metadata of the project `foo`, version 1.0.
pub(super) const PKG_INFO: &str = "Metadata-Version: 2.4\nName: foo\nVersion: 1.0\n";

/// A sound archive without end.
pub(super) fn sound() -> Tar {
    Tar::default().folder("foo-1.0/").entry(b'0', "foo-1.0/PKG-INFO", PKG_INFO).file("foo-1.0/a.py")
}
