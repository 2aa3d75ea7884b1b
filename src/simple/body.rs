//! The bytes of a representation: in one piece, or in many that are shared with other versions.

use std::sync::Arc;

use bytes::Bytes;

/// A body. Cloning it copies no bytes.
#[derive(Debug, Clone)]
pub enum Body {
    /// In one piece.
    One(Bytes),
    /// In many pieces, in order, with the sum of their lengths.
    Many(Arc<[Bytes]>, usize),
}

impl Body {
    /// A body of many pieces.
    pub fn of_pieces(pieces: impl IntoIterator<Item = Bytes>) -> Self {
        let pieces: Arc<[Bytes]> = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        let length = pieces.iter().map(Bytes::len).sum();
        Self::Many(pieces, length)
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::One(bytes) => bytes.len(),
            Self::Many(_, length) => *length,
        }
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its bytes, where they lie in one piece.
    pub(super) fn whole(&self) -> Option<&Bytes> {
        match self {
            Self::One(bytes) => Some(bytes),
            Self::Many(..) => None,
        }
    }

    /// The piece with that number.
    pub fn piece(&self, number: usize) -> Option<Bytes> {
        match self {
            Self::One(bytes) => (number == 0).then(|| bytes.clone()),
            Self::Many(pieces, _) => pieces.get(number).cloned(),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::One(bytes)
    }
}
