//! Whatever bytes arrive as a wheel or as a ZIP source distribution, reading them ends with
//! metadata or with a refusal on one line, never with a panic.
#![no_main]

use std::io::Cursor;

use cheeseshop::packaging::Filename;
use cheeseshop::packaging::archive::{ArchiveError, read_metadata};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for name in ["foo-1.0-py3-none-any.whl", "foo-1.0.zip"] {
        let filename = Filename::parse_alone(name).expect("the name is right");
        if let Err(error) = read_metadata(Cursor::new(bytes), bytes.len() as u64, &filename) {
            assert!(!matches!(error, ArchiveError::Disk(_)), "memory has no disk errors");
            assert!(!error.to_string().contains('\n'), "one line");
        }
    }
});
