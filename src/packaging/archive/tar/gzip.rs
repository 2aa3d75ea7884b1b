//! The gzip layer of a `.tar.gz`: one stream, nothing behind it, and only so much inside.

use std::io::{self, BufRead, BufReader, Chain, Cursor, ErrorKind, Read};

use flate2::bufread::GzDecoder;

use super::TarError;
use super::limits::largest_unpacked;
use crate::packaging::archive::ArchiveError;

/// As many bytes from the start are looked at to tell formats apart: one tar header.
const HEAD: u64 = 512;
/// As many compressed bytes are read at once.
const BUFFER: usize = 64 * 1024;
/// What every gzip stream begins with (RFC 1952, section 2.3.1).
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The file with its beginning, which was read before.
type Whole<R> = Chain<Cursor<Vec<u8>>, Source<R>>;

/// The tar archive inside the gzip stream. Whoever reads it to its end has verified checksum and
/// length of the stream and that nothing follows. Why a read failed is kept: readers above know
/// only that it did.
pub(super) struct Unpacked<R> {
    gzip: GzDecoder<BufReader<Whole<R>>>,
    limit: u64,
    left: u64,
    fault: Option<TarError>,
}

impl<R: Read> Unpacked<R> {
    /// Opens the archive `file` of `length` bytes.
    pub(super) fn open(file: R, length: u64) -> Result<Self, ArchiveError> {
        Self::open_up_to(file, largest_unpacked(length))
    }

    /// Opens an archive of which no more than so many bytes are unpacked.
    pub(super) fn open_up_to(mut file: R, limit: u64) -> Result<Self, ArchiveError> {
        let mut head = Vec::new();
        file.by_ref().take(HEAD).read_to_end(&mut head).map_err(ArchiveError::Disk)?;
        if let Some(format) = other_format(&head) {
            return Err(TarError::Format(format).into());
        }
        let whole = Cursor::new(head).chain(Source { file, failure: None });
        let gzip = GzDecoder::new(BufReader::with_capacity(BUFFER, whole));
        Ok(Self { gzip, limit, left: limit, fault: None })
    }

    /// Why reading failed, if it did: our own disk, or the gzip stream.
    pub(super) fn into_fault(self) -> Option<ArchiveError> {
        let (_, source) = self.gzip.into_inner().into_inner().into_inner();
        let disk = source.failure.map(ArchiveError::Disk);
        disk.or_else(|| self.fault.map(ArchiveError::from))
    }

    fn fail(&mut self, fault: TarError) -> io::Error {
        let error = io::Error::other(fault.to_string());
        self.fault.get_or_insert(fault);
        error
    }

    fn check_end(&mut self) -> io::Result<()> {
        let fault = match self.gzip.get_mut().fill_buf()?.first() {
            None => return Ok(()),
            Some(first) if MAGIC.first() == Some(first) => TarError::SecondStream,
            Some(_) => TarError::TrailingBytes,
        };
        Err(self.fail(fault))
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(fault) = self.fault.clone() {
            return Err(self.fail(fault));
        }
        let read = match self.gzip.read(buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                return Err(self.fail(TarError::GzipCut));
            }
            Err(error) => return Err(self.fail(TarError::Gzip(error.to_string()))),
        };
        if read == 0 && !buffer.is_empty() {
            self.check_end()?;
        }
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => return Err(self.fail(TarError::Bomb(self.limit))),
        }
        Ok(read)
    }
}

/// The file on our own disk. That it cannot be read is no fault of the archive.
struct Source<R> {
    file: R,
    failure: Option<io::Error>,
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer).map_err(|error| {
            if error.kind() == ErrorKind::Interrupted {
                return error;
            }
            let copy = io::Error::from(error.kind());
            self.failure.get_or_insert(error);
            copy
        })
    }
}

/// The format that the beginning of a file shows, where it is not gzip.
fn other_format(head: &[u8]) -> Option<&'static str> {
    /// Where a tar header has its own mark.
    const USTAR: usize = 257;
    if head.starts_with(&MAGIC) {
        return None;
    }
    let marks: [(&[u8], &str); 5] = [
        (b"PK", "a ZIP archive"),
        (b"BZh", "compressed with bzip2"),
        (b"\xfd7zXZ", "compressed with xz"),
        (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
        (b"\x78", "compressed with zlib"),
    ];
    if head.is_empty() {
        return Some("empty");
    }
    if head.get(USTAR..).is_some_and(|behind| behind.starts_with(b"ustar")) {
        return Some("an uncompressed tar archive");
    }
    let found = marks.iter().find(|(mark, _)| head.starts_with(mark));
    Some(found.map_or("of an unknown format", |(_, format)| format))
}
