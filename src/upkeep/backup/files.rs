//! Copying single files that hold secrets.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use crate::error::{Doing, Result};

/// Copies a file to where there is none, readable by its owner only, and flushes it.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    let doing = || format!("copying {} to {}", from.display(), to.display());
    let mut source = File::open(from).doing(doing)?;
    let mut target = create_private(to).doing(doing)?;
    io::copy(&mut source, &mut target).doing(doing)?;
    target.sync_all().doing(doing)
}

/// Makes sure that the names in a folder survive a power cut.
pub(super) fn sync_folder(folder: &Path) -> Result<()> {
    let doing = || format!("flushing the folder {}", folder.display());
    File::open(folder).and_then(|it| it.sync_all()).doing(doing)
}

/// Renames within a folder, which is flushed.
pub(super) fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).doing(|| format!("making {}", to.display()))?;
    sync_folder(to.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        /// For its owner alone.
        const PRIVATE: u32 = 0o600;
        options.mode(PRIVATE);
    }
    options.open(path)
}
