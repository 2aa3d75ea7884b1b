//! Reads arbitrary bytes as a source distribution: as they are, and as the tar archive inside a
//! gzip stream, where mutations get further.

#![no_main]

use std::io::{Cursor, Write};

use cheeseshop::packaging::archive::read_metadata;
use cheeseshop::packaging::{Filename, NormalizedName};
use flate2::Compression;
use flate2::write::GzEncoder;
use libfuzzer_sys::fuzz_target;

/// Every archive has this name.
const NAME: &str = "foo-1.0.tar.gz";

fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    if encoder.write_all(&sealed(bytes)).is_ok()
        && let Ok(packed) = encoder.finish()
    {
        read(&packed);
    }
});

fn read(bytes: &[u8]) {
    let filename =
        NormalizedName::parse("foo").and_then(|project| Filename::parse(NAME, &project).ok());
    if let Some(filename) = filename {
        let _ = read_metadata(Cursor::new(bytes), bytes.len() as u64, &filename);
    }
}

/// Sets the checksum of every block with the mark of a tar header: no mutation would find it.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let mut tar = bytes.to_vec();
    for block in tar.chunks_exact_mut(512).filter(|block| block.get(257..262) == Some(b"ustar")) {
        let sum = |range: std::ops::Range<usize>| -> u32 {
            block.get(range).unwrap_or_default().iter().copied().map(u32::from).sum()
        };
        let text = format!("{:06o}\0 ", sum(0..148) + sum(156..512) + 8 * 32);
        if let Some(place) = block.get_mut(148..156) {
            place.copy_from_slice(text.as_bytes());
        }
    }
    tar
}
