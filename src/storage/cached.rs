//! Reading what the system holds in memory, without waiting for a disk.

use std::fs::File;

use bytes::Bytes;

/// How much is read at once: small enough to stay in a core's own cache until it is sent.
#[cfg(target_os = "linux")]
const PIECE: usize = 64 * 1024;
/// Buffers that each thread keeps for the next pieces: what a connection holds while it sends.
#[cfg(target_os = "linux")]
const SPARE: usize = 4;

/// The next bytes of a file from `at`, at most `length` of them, where they lie in memory. `None`
/// where the disk would have to be asked, or the system cannot tell.
#[cfg(target_os = "linux")]
pub(super) fn read(file: &File, at: u64, length: u64) -> Option<Bytes> {
    use std::io::IoSliceMut;

    use rustix::io::{ReadWriteFlags, preadv2};

    let mut buffer = Buffer::take();
    let wanted = usize::try_from(length).map_or(PIECE, |length| length.min(PIECE));
    let parts = &mut [IoSliceMut::new(buffer.bytes.get_mut(..wanted)?)];
    let count = preadv2(file, parts, at, ReadWriteFlags::NOWAIT).ok()?;
    (count > 0).then(|| Bytes::from_owner(buffer).slice(..count))
}

#[cfg(target_os = "linux")]
thread_local! {
    static FREE: std::cell::RefCell<Vec<Vec<u8>>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// Memory of one piece, used again by the same thread: fresh memory would be cleared for each
/// piece, and is in no cache.
#[cfg(target_os = "linux")]
struct Buffer {
    bytes: Vec<u8>,
}

#[cfg(target_os = "linux")]
impl Buffer {
    fn take() -> Self {
        let used = FREE.with_borrow_mut(Vec::pop);
        Self { bytes: used.unwrap_or_else(|| vec![0; PIECE]) }
    }
}

#[cfg(target_os = "linux")]
impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(target_os = "linux")]
impl Drop for Buffer {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        // A thread that ends has no list any more.
        let _ = FREE.try_with(|free| {
            if let Ok(mut free) = free.try_borrow_mut()
                && free.len() < SPARE
            {
                free.push(bytes);
            }
        });
    }
}

/// No other system has such a call.
#[cfg(not(target_os = "linux"))]
pub(super) fn read(_: &File, _: u64, _: u64) -> Option<Bytes> {
    None
}
