//! Memory for pieces of blobs, used again by the same thread: fresh memory would be cleared for each
//! piece, and is in no cache.

use std::cell::RefCell;

use bytes::Bytes;

/// What lies in memory is read in such pieces: small enough to stay in a core's own cache until they are
/// sent.
pub(super) const SMALL: usize = 64 * 1024;
/// What a disk has is read in such ones: large enough that the hop to the blocking pool does not show, small
/// enough that a hundred downloads at a time need little memory.
pub(super) const LARGE: usize = 256 * 1024;
/// Buffers of a length that a thread keeps for the next pieces: what a connection holds while it sends.
const SPARE: usize = 4;

/// The buffers of a thread that nobody uses.
struct Free {
    small: Vec<Vec<u8>>,
    large: Vec<Vec<u8>>,
}

impl Free {
    fn of(&mut self, length: usize) -> &mut Vec<Vec<u8>> {
        if length == LARGE { &mut self.large } else { &mut self.small }
    }
}

thread_local! {
    /// None on threads that never take one: those that read for others only drop what nobody wants.
    static FREE: RefCell<Option<Free>> = const { RefCell::new(None) };
}

/// Memory of one piece. The thread that drops it keeps it.
pub(super) struct Buffer {
    bytes: Vec<u8>,
}

impl Buffer {
    /// A small one.
    pub(super) fn small() -> Self {
        Self::take(SMALL)
    }

    /// One for so many bytes, or for the first of them.
    pub(super) fn fitting(length: u64) -> Self {
        Self::take(if length <= SMALL as u64 { SMALL } else { LARGE })
    }

    fn take(length: usize) -> Self {
        let used = FREE.with_borrow_mut(|free| {
            let free = free.get_or_insert(Free { small: Vec::new(), large: Vec::new() });
            free.of(length).pop()
        });
        Self { bytes: used.unwrap_or_else(|| vec![0; length]) }
    }

    /// As many of its first bytes as there are, at most so many.
    pub(super) fn first(&mut self, length: u64) -> &mut [u8] {
        let length =
            usize::try_from(length).map_or(self.bytes.len(), |it| it.min(self.bytes.len()));
        self.bytes.split_at_mut(length).0
    }

    /// The first bytes, at most all, for as long as anybody holds them.
    pub(super) fn into_bytes(self, length: usize) -> Bytes {
        let length = length.min(self.bytes.len());
        Bytes::from_owner(self).slice(..length)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        // A thread that ends has no list any more.
        let _ = FREE.try_with(|free| {
            let Ok(mut free) = free.try_borrow_mut() else { return };
            let Some(same) = free.as_mut().map(|free| free.of(bytes.len())) else { return };
            if same.len() < SPARE {
                same.push(bytes);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_used_again_once_nobody_holds_it() {
        let mut first = Buffer::small();
        let place = first.bytes.as_ptr();
        first.first(4).copy_from_slice(b"abcd");
        assert_eq!(first.first(u64::MAX).len(), SMALL);
        let held = first.into_bytes(4);
        let second = Buffer::fitting(1);
        assert_ne!(second.bytes.as_ptr(), place);
        assert_eq!(held, "abcd");
        drop(held);
        let large = Buffer::fitting(u64::MAX);
        assert_eq!(large.bytes.len(), LARGE);
        assert_eq!(Buffer::small().bytes.as_ptr(), place);
    }

    #[test]
    fn threads_that_take_none_keep_none() {
        let buffer = Buffer::small();
        let kept = std::thread::spawn(move || {
            drop(buffer);
            FREE.with_borrow(Option::is_some)
        });
        assert_eq!(kept.join().ok(), Some(false));
    }
}
