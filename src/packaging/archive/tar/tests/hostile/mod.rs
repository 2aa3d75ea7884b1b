//! Archives that lie, and what is said about them.

mod extensions;
mod frames;
mod metadata;
mod names;

use super::read;

/// A part of what must be said, and the archive.
type Case = (&'static str, Vec<u8>);

#[test]
fn lies_are_refused_and_named() {
    let all = [
        frames::streams(),
        frames::ends(),
        frames::numbers(),
        frames::shapes(),
        extensions::lengths(),
        extensions::records(),
        extensions::contradictions(),
        extensions::kinds(),
        names::texts(),
        names::places(),
        names::links(),
        metadata::metadata(),
    ];
    for (at, (expected, bytes)) in all.concat().iter().enumerate() {
        let said = match read(bytes) {
            Ok(_) => "taken".to_owned(),
            Err(error) => error.to_string(),
        };
        assert!(said.contains(expected), "{at}: expected {expected:?}, but: {said}");
        assert!(!said.contains('\n') && said.len() < 400, "{said}");
    }
}
