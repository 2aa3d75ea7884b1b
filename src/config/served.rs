//! Where the server of a data folder is reached. It is told so by a flag perhaps, which commands
//! know nothing of that make links: they look here where `public_url` is not set.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::place::PublicUrl;

/// The file in the data folder.
const FILE: &str = "serving";

/// The note that a server leaves while it runs.
pub struct Note(PathBuf);

impl Note {
    /// Notes where the server is reached that begins now. Readers see a whole note or none.
    pub fn leave(data: &Path, url: &PublicUrl) -> io::Result<Self> {
        let mut file = NamedTempFile::new_in(data)?;
        writeln!(file, "{url}")?;
        let path = data.join(FILE);
        file.persist(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        // One that stays leads to a server that may be there again.
        let _ = fs::remove_file(&self.0);
    }
}

/// Where the server that runs is reached, or that which was killed.
pub(super) fn noted(data: &Path) -> Option<PublicUrl> {
    PublicUrl::parse(&fs::read_to_string(data.join(FILE)).ok()?)
}
