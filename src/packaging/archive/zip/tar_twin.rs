//! Whether a ZIP archive can be read as a tar archive too.

/// Bytes of a tar header.
pub(super) const HEADER: usize = 512;
/// Where its checksum stands: eight bytes that count as blanks.
const CHECKSUM: std::ops::Range<usize> = 148..156;

/// Whether these first bytes of a file are a tar header with the right checksum, which is all
/// that makes a file a tar archive to most readers.
pub(super) fn is_tar_header(bytes: &[u8]) -> bool {
    let Some(header) = bytes.get(..HEADER) else { return false };
    let Some(stated) = header.get(CHECKSUM).and_then(octal) else { return false };
    let byte = |(at, byte): (usize, &u8)| {
        if CHECKSUM.contains(&at) { u32::from(b' ') } else { u32::from(*byte) }
    };
    header.iter().enumerate().map(byte).sum::<u32>() == stated
}

fn octal(field: &[u8]) -> Option<u32> {
    let text = str::from_utf8(field).ok()?;
    u32::from_str_radix(text.trim_matches(['\0', ' ']), 8).ok()
}
