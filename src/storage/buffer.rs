//! Memory for pieces of blobs, used again by the same thread: fresh memory would be cleared for each
//! piece, and is in no cache.

use std::cell::RefCell;

use bytes::Bytes;

/// Buffers that each thread keeps for the next pieces: what a connection holds while it sends.
const SPARE: usize = 4;

thread_local! {
    static FREE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Memory of one piece. The thread that drops it keeps it.
pub(super) struct Buffer {
    bytes: Vec<u8>,
}

impl Buffer {
    /// One of that length, with anything in it.
    pub(super) fn take(length: usize) -> Self {
        let used = FREE.with_borrow_mut(|free| {
            let fitting = free.iter().position(|bytes| bytes.len() == length)?;
            Some(free.swap_remove(fitting))
        });
        Self { bytes: used.unwrap_or_else(|| vec![0; length]) }
    }

    /// The first bytes; `None` where it has not as many.
    pub(super) fn first(&mut self, length: usize) -> Option<&mut [u8]> {
        self.bytes.get_mut(..length)
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
            if let Ok(mut free) = free.try_borrow_mut()
                && free.len() < SPARE
            {
                free.push(bytes);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_used_again_once_nobody_holds_it() {
        let mut first = Buffer::take(8);
        let place = first.bytes.as_ptr();
        first.first(4).unwrap_or_default().copy_from_slice(b"abcd");
        assert!(first.first(9).is_none());
        let held = first.into_bytes(4);
        assert_ne!(Buffer::take(8).bytes.as_ptr(), place);
        assert_eq!(held, "abcd");
        drop(held);
        assert_ne!(Buffer::take(16).bytes.as_ptr(), place);
        let kept: Vec<_> = (0..2).map(|_| Buffer::take(8).into_bytes(8)).collect();
        assert!(kept.iter().any(|bytes| bytes.as_ptr() == place));
    }
}
