//! Folders and files that only their owner looks into.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Makes a folder where it is missing, and those above it that are, without any right for others.
/// What is there already stays as somebody chose it.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        /// For its owner alone.
        const PRIVATE: u32 = 0o700;
        builder.mode(PRIVATE);
    }
    builder.create(folder)
}

/// Makes an empty file where there is none, without any right for others.
pub fn make_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        /// For its owner alone.
        const PRIVATE: u32 = 0o600;
        options.mode(PRIVATE);
    }
    match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}
