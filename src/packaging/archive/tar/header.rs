//! The fields of a tar header that all readers must read alike.

use tar::Header;

use super::error::{TarError, shown};

/// Where the numbers of a header stand: name, first byte, bytes (POSIX.1-1988, ustar).
const NUMBERS: [(&str, usize, usize); 7] = [
    ("mode", 100, 8),
    ("uid", 108, 8),
    ("gid", 116, 8),
    (SIZE, 124, 12),
    ("mtime", 136, 12),
    ("devmajor", 329, 8),
    ("devminor", 337, 8),
];
const SIZE: &str = "size";
/// Where the type flag stands.
const TYPE: usize = 156;
/// Where ustar headers have the beginning of long names.
const PREFIX: usize = 345;
/// The first byte of a number in base 256 (GNU tar), positive and negative.
const BINARY: [u8; 2] = [0x80, 0xff];

/// The type flag.
pub(super) fn type_flag(header: &Header) -> u8 {
    header.as_bytes().get(TYPE).copied().unwrap_or_default()
}

/// Checks all numbers, also those that mean nothing here: at a header with a number that it cannot
/// read, Python's reader silently takes the archive to be at its end.
pub(super) fn check_numbers(header: &Header, name: &[u8]) -> Result<(), TarError> {
    let is_bad = |&&(field, start, length): &&(&'static str, usize, usize)| {
        let bytes = header.as_bytes().get(start..start + length).unwrap_or_default();
        !is_number(bytes, field == SIZE)
    };
    match NUMBERS.iter().find(is_bad) {
        Some((field, ..)) => Err(TarError::Number { member: shown(name), field }),
        None => Ok(()),
    }
}

/// A prefix in a header that is not ustar: Python's reader uses it, others do not.
pub(super) fn check_prefix(header: &Header, name: &[u8]) -> Result<(), TarError> {
    let has_prefix = header.as_bytes().get(PREFIX).is_some_and(|&byte| byte != 0);
    if has_prefix && header.as_ustar().is_none() {
        return Err(TarError::Prefix(shown(name)));
    }
    Ok(())
}

fn is_number(field: &[u8], is_size: bool) -> bool {
    /// A size in base 256 has its 64 bits at the end of the field.
    const SIZE_BITS: usize = 8;
    let Some((first, rest)) = field.split_first() else { return false };
    if BINARY.contains(first) {
        let beyond = rest.split_at_checked(rest.len().saturating_sub(SIZE_BITS));
        let fits = beyond.is_some_and(|(beyond, _)| beyond.iter().all(|&byte| byte == 0));
        return !is_size || (*first == 0x80 && fits);
    }
    let text = field.split(|&byte| byte == 0).next().unwrap_or_default();
    text.trim_ascii().iter().all(|digit| (b'0'..=b'7').contains(digit))
}
