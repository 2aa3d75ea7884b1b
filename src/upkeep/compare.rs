//! What is referred to beside what is stored, a part at a time.

use futures_util::TryStreamExt;

use super::references::Reference;
use crate::error::Result;
use crate::storage::{Part, Storage, Stored};

/// How two lists of blobs differ.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    /// Referred to and there.
    pub(super) there: Vec<(Reference, Stored)>,
    /// Referred to and there with another size.
    pub(super) altered: Vec<(Reference, Stored)>,
    /// Referred to and not there.
    pub(super) missing: Vec<Reference>,
    /// There and not referred to.
    pub(super) surplus: Vec<Stored>,
}

/// Lists a part of the storage and compares. `wanted` was read before, so that what comes
/// meanwhile is there and not missing.
pub(super) async fn compare(
    storage: &Storage,
    part: Part,
    wanted: Vec<Reference>,
) -> Result<Difference> {
    let mut stored: Vec<Stored> = storage.list_part(part).try_collect().await?;
    stored.sort_unstable();
    Ok(merge(wanted, stored))
}

/// Both by digest.
fn merge(wanted: Vec<Reference>, stored: Vec<Stored>) -> Difference {
    let mut found = Difference::default();
    let mut stored = stored.into_iter().peekable();
    for reference in wanted {
        while let Some(surplus) = stored.next_if(|it| it.digest < reference.digest) {
            found.surplus.push(surplus);
        }
        match stored.next_if(|it| it.digest == reference.digest) {
            Some(it) if reference.size.is_none_or(|size| size == it.size) => {
                found.there.push((reference, it));
            }
            Some(it) => found.altered.push((reference, it)),
            None => found.missing.push(reference),
        }
    }
    found.surplus.extend(stored);
    found
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn reference(first: u8, size: Option<u64>) -> Reference {
        Reference { digest: [first; 32], size, sha256: None }
    }

    fn stored(first: u8, size: u64) -> Stored {
        Stored { digest: [first; 32], size, modified: SystemTime::UNIX_EPOCH }
    }

    #[test]
    fn two_sorted_lists_fall_into_four() {
        let wanted = vec![
            reference(1, Some(10)),
            reference(3, Some(30)),
            reference(4, None),
            reference(5, Some(50)),
        ];
        let there = vec![stored(0, 1), stored(1, 10), stored(2, 2), stored(4, 9), stored(5, 51)];
        let found = merge(wanted, [there, vec![stored(7, 7)]].concat());
        let expected = Difference {
            there: vec![
                (reference(1, Some(10)), stored(1, 10)),
                (reference(4, None), stored(4, 9)),
            ],
            altered: vec![(reference(5, Some(50)), stored(5, 51))],
            missing: vec![reference(3, Some(30))],
            surplus: vec![stored(0, 1), stored(2, 2), stored(7, 7)],
        };
        assert_eq!(found, expected);
        assert_eq!(merge(vec![], vec![]), Difference::default());
    }
}
