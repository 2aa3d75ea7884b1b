//! Compressing pages once, for everyone who asks later.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress, Status};

/// Shorter pages are not worth it: they fit into one packet as they are.
const SHORTEST: usize = 1024;
/// zlib's own default: levels above it take several times as long for one or two per cent.
const LEVEL: u32 = 6;
/// From this length on zstd is kept beside gzip. Measured on pages of 50 and 2,000 files it is 9
/// to 14 % smaller and three times as fast for the reader; below it saves a packet at most.
const SHORTEST_ZSTD: usize = 8 * 1024;
/// zstd's own default: on pages level 9 takes four times as long for one per cent.
const ZSTD_LEVEL: i32 = 3;
/// What is written grows by so much at a time.
const STEP: usize = 16 * 1024;

/// What begins a gzip member (RFC 1952): magic number, deflate, no flags, no time, no hint on the
/// level, unknown system.
pub(super) const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Compressors that nobody uses at the moment. Each has some 300 kB of tables; made anew for each
/// page they tear the heap into pieces that fit nothing else.
static SPARE: Mutex<Vec<Compress>> = Mutex::new(Vec::new());
/// More are made when many pages are compressed at once, and dropped afterwards.
const MOST_SPARE: usize = 2;

/// The text by gzip; `None` where that is not worth it.
pub(super) fn gzip(text: &[u8]) -> Option<Bytes> {
    if text.len() < SHORTEST {
        return None;
    }
    let mut checksum = Hasher::new();
    checksum.update(text);
    let mut bytes = GZIP_HEAD.to_vec();
    deflate(text, FlushCompress::Finish, &mut bytes);
    bytes.extend_from_slice(&gzip_tail(checksum, text.len()));
    smaller(&bytes, text)
}

/// What ends a gzip member: the checksum of the text, and its length modulo 2^32.
pub(super) fn gzip_tail(checksum: Hasher, length: usize) -> [u8; 8] {
    let length = u64::try_from(length).unwrap_or(u64::MAX) & u64::from(u32::MAX);
    (u64::from(checksum.finalize()) | length << u32::BITS).to_le_bytes()
}

/// The text by zstd; `None` where that is not worth it.
pub(super) fn zstd(text: &[u8]) -> Option<Bytes> {
    if text.len() < SHORTEST_ZSTD {
        return None;
    }
    smaller(&zstd::bulk::compress(text, ZSTD_LEVEL).ok()?, text)
}

fn smaller(bytes: &[u8], text: &[u8]) -> Option<Bytes> {
    (bytes.len() < text.len()).then(|| exact(bytes))
}

/// The same bytes without room behind them.
pub(super) fn exact(bytes: &[u8]) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

/// Adds the text by raw deflate (RFC 1951) to `out`, to its end or to a whole byte.
pub(super) fn deflate(text: &[u8], flush: FlushCompress, out: &mut Vec<u8>) {
    let spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let mut compress = spare.unwrap_or_else(|| Compress::new(Compression::new(LEVEL), false));
    out.reserve(text.len() / 3 + STEP);
    loop {
        let read = usize::try_from(compress.total_in()).unwrap_or(usize::MAX);
        let rest = text.get(read..).unwrap_or_default();
        let status = compress.compress_vec(rest, out, flush);
        let all_in = usize::try_from(compress.total_in()).is_ok_and(|read| read == text.len());
        // Room that is left means that the flush is complete.
        if all_in && out.len() < out.capacity() || !matches!(status, Ok(Status::Ok)) {
            break;
        }
        out.reserve(STEP);
    }
    compress.reset();
    let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
    if spare.len() < MOST_SPARE {
        spare.push(compress);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn gzip_can_be_read_again() -> std::io::Result<()> {
        for count in [300, 5_000, 100_000] {
            let text = (0..count).map(|n: u32| n.to_string()).collect::<Vec<_>>().join(",");
            let Some(packed) = gzip(text.as_bytes()) else { panic!("{count}") };
            let mut decoder = flate2::read::GzDecoder::new(&*packed);
            let mut read = String::new();
            decoder.read_to_string(&mut read)?;
            assert!(read == text && decoder.into_inner().is_empty());
        }
        Ok(())
    }
}
