//! Reading what the system holds in memory, without waiting for a disk.

use std::fs::File;

use bytes::Bytes;

#[cfg(target_os = "linux")]
use super::buffer::Buffer;

/// The next bytes of a file from `at`, at most `length` of them, where they lie in memory. `None`
/// where the disk would have to be asked, or the system cannot tell.
#[cfg(target_os = "linux")]
pub(super) fn read(file: &File, at: u64, length: u64) -> Option<Bytes> {
    use std::io::IoSliceMut;

    use rustix::io::{ReadWriteFlags, preadv2};

    let mut buffer = Buffer::small();
    let parts = &mut [IoSliceMut::new(buffer.first(length))];
    let count = preadv2(file, parts, at, ReadWriteFlags::NOWAIT).ok()?;
    (count > 0).then(|| buffer.into_bytes(count))
}

/// No other system has such a call.
#[cfg(not(target_os = "linux"))]
pub(super) fn read(_: &File, _: u64, _: u64) -> Option<Bytes> {
    None
}
