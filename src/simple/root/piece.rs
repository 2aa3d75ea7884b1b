//! Pieces of a text that are compressed apart and still make one valid gzip member together.
//!
//! A deflate stream is a row of blocks (RFC 1951). Each piece is compressed by itself and ended by
//! a flush to a whole byte, so that pieces can stand behind each other in any combination; a gzip
//! member (RFC 1952) around them needs their checksums combined, which costs no look at the bytes.

use std::sync::OnceLock;

use bytes::Bytes;
use crc32fast::Hasher;
use flate2::FlushCompress;

use crate::simple::body::Body;
use crate::simple::compress::{self, GZIP_HEAD, gzip_tail};
use crate::simple::ready::{Representations, core_of};

/// An empty last block with fixed codes: where a deflate stream ends.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// A piece of a text.
#[derive(Debug)]
pub(super) struct Piece {
    text: Bytes,
    deflated: OnceLock<Bytes>,
    checksum: Hasher,
    digest: String,
}

impl Piece {
    pub(super) fn new(text: String) -> Self {
        let mut checksum = Hasher::new();
        checksum.update(text.as_bytes());
        let digest = core_of([text.as_bytes()]);
        Self { text: Bytes::from(text), deflated: OnceLock::new(), checksum, digest }
    }

    /// Compresses it, once.
    pub(super) fn deflate(&self) {
        self.deflated.get_or_init(|| deflate(&self.text));
    }
}

/// The whole that the pieces make in this order; as gzip too where all of them are compressed.
pub(super) fn join(pieces: &[&Piece]) -> Representations {
    let core = core_of(pieces.iter().map(|piece| piece.digest.as_bytes()));
    let texts = pieces.iter().map(|piece| piece.text.clone());
    let whole = Representations::identity(Body::of_pieces(texts), &core);
    let deflated: Option<Vec<Bytes>> =
        pieces.iter().map(|piece| piece.deflated.get().cloned()).collect();
    match deflated {
        Some(deflated) => whole.with_gzip(member(pieces, deflated), &core),
        None => whole,
    }
}

fn member(pieces: &[&Piece], deflated: Vec<Bytes>) -> Body {
    let mut checksum = Hasher::new();
    let mut length = 0;
    for piece in pieces {
        checksum.combine(&piece.checksum);
        length += piece.text.len();
    }
    let mut tail = LAST_BLOCK.to_vec();
    tail.extend_from_slice(&gzip_tail(checksum, length));
    let head = Bytes::from_static(&GZIP_HEAD);
    Body::of_pieces([head].into_iter().chain(deflated).chain([Bytes::from(tail)]))
}

/// Raw deflate of a text, ended at a whole byte and without an end mark.
fn deflate(text: &[u8]) -> Bytes {
    let mut out = Vec::new();
    compress::deflate(text, FlushCompress::Sync, &mut out);
    compress::exact(&out)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::simple::ready::{Encoding, Encodings};

    fn bytes_of(body: &Body) -> Vec<u8> {
        (0..).map_while(|number| body.piece(number)).flatten().collect()
    }

    #[test]
    fn pieces_make_one_gzip_member() -> std::io::Result<()> {
        let long = (0..200_000).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        let texts = ["{\"head\"", "", long.as_str(), ",", "x", &long, "}"];
        let pieces: Vec<_> = texts.iter().map(|text| Piece::new((*text).to_owned())).collect();
        let all: Vec<_> = pieces.iter().collect();
        let gzip = Encodings { gzip: true, zstd: true };
        assert_eq!(join(&all).best(gzip).encoding, Encoding::Identity);
        for piece in &pieces {
            piece.deflate();
        }
        let joined = join(&all);
        let (ready, whole) = (joined.best(gzip), texts.concat());
        assert_eq!(ready.encoding, Encoding::Gzip);
        let packed = bytes_of(&ready.body);
        assert_eq!(packed.len(), ready.body.len());
        let mut decoder = flate2::read::GzDecoder::new(packed.as_slice());
        let mut text = String::new();
        decoder.read_to_string(&mut text)?;
        assert!(text == whole && decoder.into_inner().is_empty());
        assert!(bytes_of(&joined.best(Encodings::default()).body) == whole.as_bytes());
        Ok(())
    }
}
