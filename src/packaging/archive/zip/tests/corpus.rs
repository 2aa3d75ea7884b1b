//! The seeds of the fuzz target, read again as an ordinary test.

use std::path::Path;

use super::wheel::{FILENAME, verdict};

#[test]
fn no_seed_makes_it_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/zip");
    let Ok(seeds) = std::fs::read_dir(&folder) else { panic!("no {}", folder.display()) };
    let mut count = 0;
    for seed in seeds.flatten() {
        let Ok(bytes) = std::fs::read(seed.path()) else { panic!("unreadable seed") };
        for filename in [FILENAME, "foo-1.0.zip"] {
            let found = verdict(filename, &bytes);
            let is_good = seed.file_name().to_string_lossy().starts_with("good");
            assert!(!is_good || filename != FILENAME || found.is_ok(), "{seed:?}: {found:?}");
        }
        count += 1;
    }
    assert!(count > 0, "no seeds");
}
