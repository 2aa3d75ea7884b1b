//! The bytes of an archive, read in large pieces and with their position known.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use super::super::ArchiveError;
use super::ZipError;

/// How much is read at once: large enough that the calls cost nothing beside unpacking.
const PIECE: usize = 256 * 1024;

/// A file with its length and the place where it is read next.
pub(super) struct Source<R> {
    reader: BufReader<R>,
    length: u64,
    position: u64,
}

impl<R: Read + Seek> Source<R> {
    /// Begins at byte 0.
    pub(super) fn new(mut file: R) -> Result<Self, ArchiveError> {
        let length = file.seek(SeekFrom::End(0)).map_err(ArchiveError::Disk)?;
        file.rewind().map_err(ArchiveError::Disk)?;
        Ok(Self { reader: BufReader::with_capacity(PIECE, file), length, position: 0 })
    }

    /// The file itself, for another reader; it is left wherever that one stops.
    pub(super) fn file(&mut self) -> &mut R {
        self.reader.get_mut()
    }

    /// Of the whole file, in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Where the next byte is read.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Goes on elsewhere. Free where that is the present place.
    pub(super) fn go_to(&mut self, position: u64) -> Result<(), ArchiveError> {
        if position != self.position {
            self.reader.seek(SeekFrom::Start(position)).map_err(ArchiveError::Disk)?;
            self.position = position;
        }
        Ok(())
    }

    /// At least one byte, unless the file ends here.
    pub(super) fn peek(&mut self) -> Result<&[u8], ArchiveError> {
        loop {
            match self.reader.fill_buf() {
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ArchiveError::Disk(error)),
            }
        }
        Ok(self.reader.buffer())
    }

    /// Goes past bytes that were peeked at.
    pub(super) fn consume(&mut self, count: usize) {
        self.reader.consume(count);
        self.position = self.position.saturating_add(count as u64);
    }

    /// Fills the buffer; an archive that ends before that is cut off.
    pub(super) fn read_exact(&mut self, buffer: &mut [u8]) -> Result<(), ArchiveError> {
        self.reader.read_exact(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => ZipError::Truncated.into(),
            _ => ArchiveError::Disk(error),
        })?;
        self.position = self.position.saturating_add(buffer.len() as u64);
        Ok(())
    }

    /// The next so many bytes, in `buffer` that is made as long. Meant for records, whose
    /// lengths are 16-bit numbers.
    pub(super) fn read_into<'b>(
        &mut self,
        buffer: &'b mut Vec<u8>,
        length: usize,
    ) -> Result<&'b [u8], ArchiveError> {
        buffer.resize(length, 0);
        self.read_exact(buffer)?;
        Ok(buffer)
    }
}
