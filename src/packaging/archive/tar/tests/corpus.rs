//! The seeds of the fuzz target and what it found, run as ordinary tests.

use std::fs;
use std::path::Path;

use super::read;

/// Longest seed in bytes: the folder is part of the repository.
const LONGEST: usize = 2048;

/// All seeds.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/tar");
    let Ok(entries) = fs::read_dir(&folder) else { panic!("{} is missing", folder.display()) };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.iter().filter_map(|path| fs::read(path).ok()).collect()
}

#[test]
fn seeds_do_not_make_it_panic() {
    let seeds = seeds();
    let taken = seeds.iter().filter(|seed| read(seed).is_ok()).count();
    assert!(seeds.iter().all(|seed| seed.len() <= LONGEST));
    assert!(taken > 0 && taken < seeds.len(), "{taken} of {}", seeds.len());
}
