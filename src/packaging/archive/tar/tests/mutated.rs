//! Broken archives of all kinds do not make the reader panic.

use proptest::prelude::*;

use super::build::{gzip, sound};
use super::{corpus, read};

/// An archive with something of everything: a place for every mutation to do harm.
fn rich() -> Vec<u8> {
    let tar = sound()
        .pax(&[("path", "foo-1.0/東京.py"), ("mtime", "1.5")])
        .file("foo-1.0/x")
        .entry(b'L', "././@LongLink", "foo-1.0/long\0")
        .file("foo-1.0/y")
        .link(b'2', "foo-1.0/l", "a.py")
        .link(b'1', "foo-1.0/h", "foo-1.0/a.py");
    tar.raw(&[0; 1024]).0
}

fn with_byte(mut bytes: Vec<u8>, at: prop::sample::Index, value: u8) -> Vec<u8> {
    let place = at.index(bytes.len());
    if let Some(byte) = bytes.get_mut(place) {
        *byte = value;
    }
    bytes
}

/// Sets the checksums of all blocks that look like headers, so that mutations get past it.
fn sealed(mut tar: Vec<u8>) -> Vec<u8> {
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

proptest! {
    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(read(&bytes).is_err());
        prop_assert!(read(&gzip(&bytes)).is_err());
    }

    #[test]
    fn one_byte_of_the_file_is_another(at: prop::sample::Index, value: u8) {
        let _ = read(&with_byte(gzip(&rich()), at, value));
    }

    #[test]
    fn one_byte_of_the_archive_is_another(at: prop::sample::Index, value: u8) {
        let tar = with_byte(rich(), at, value);
        let _ = read(&gzip(&tar));
        let _ = read(&gzip(&sealed(tar)));
    }

    #[test]
    fn many_bytes_of_the_archive_are_others(
        changes in prop::collection::vec(any::<(prop::sample::Index, u8)>(), 1..20)
    ) {
        let change = |tar, (at, value)| with_byte(tar, at, value);
        let _ = read(&gzip(&sealed(changes.into_iter().fold(rich(), change))));
    }

    #[test]
    fn the_archive_is_cut(at: prop::sample::Index) {
        let tar = rich();
        let cut = tar.get(..at.index(tar.len() - 512)).unwrap_or_default();
        prop_assert!(read(&gzip(cut)).is_err());
        let file = gzip(&tar);
        prop_assert!(read(file.get(..at.index(file.len())).unwrap_or_default()).is_err());
    }

    #[test]
    fn seeds_with_other_bytes(seed: prop::sample::Index, at: prop::sample::Index, value: u8) {
        let seeds = corpus::seeds();
        let _ = read(&with_byte(seed.get(&seeds).clone(), at, value));
    }
}

#[test]
fn the_rich_archive_is_sound() {
    assert!(read(&gzip(&sealed(rich()))).is_ok());
}
