//! No bytes make reading panic, and no changed byte that matters goes unnoticed.

use std::io::{Cursor, Read};

use proptest::prelude::*;

use super::wheel::{FILENAME, METADATA, Wheel, verdict};

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(verdict(FILENAME, &bytes).is_err());
    }

    #[test]
    fn no_tail_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0..300_usize) {
        let mut wheel = Wheel::default().zip().bytes();
        wheel.truncate(wheel.len().saturating_sub(cut));
        wheel.extend(bytes);
        let _ = verdict(FILENAME, &wheel);
    }

    #[test]
    fn several_changed_bytes(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut wheel = Wheel::default().zip().bytes();
        for (at, value) in changes {
            let at = at.index(wheel.len());
            if let Some(byte) = wheel.get_mut(at) {
                *byte = value;
            }
        }
        let _ = verdict(FILENAME, &wheel);
    }
}

/// Names and contents as another reader sees them.
fn seen_by_another(bytes: &[u8]) -> zip::result::ZipResult<Vec<(String, Vec<u8>)>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))?;
    let mut seen = Vec::new();
    for at in 0..archive.len() {
        let mut member = archive.by_index(at)?;
        let mut content = Vec::new();
        member.read_to_end(&mut content)?;
        let name = member.name()?.into_owned();
        seen.push((name, content));
    }
    Ok(seen)
}

#[test]
fn every_single_changed_byte() {
    let whole = Wheel::default().zip().bytes();
    let expected = seen_by_another(&whole).ok();
    assert!(expected.is_some());
    let mut taken = 0_usize;
    for at in 0..whole.len() {
        for flip in [1, 0x80, 0xff] {
            let mut changed = whole.clone();
            if let Some(byte) = changed.get_mut(at) {
                *byte ^= flip;
            }
            // What passes has other times, versions or attributes, but no other content.
            if let Ok(metadata) = verdict(FILENAME, &changed) {
                assert_eq!(metadata, METADATA.as_bytes());
                assert_eq!(seen_by_another(&changed).ok(), expected, "byte {at}");
                taken += 1;
            }
        }
    }
    assert!(taken < whole.len(), "{taken} changes were not noticed");
}
