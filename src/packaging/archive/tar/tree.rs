//! The tree of members: what stands where, and whether it can stand there together.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use unicode_normalization::UnicodeNormalization;

use super::error::{TarError, shown};
use super::limits::{BYTES_BESIDE_NAME, MOST_NAME_BYTES};

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A regular file.
    File,
    /// A folder, with a member of its own or only by what is in it.
    Folder,
    /// A symbolic link.
    Symlink,
    /// A hard link to a file.
    HardLink,
}

/// All members so far by their names.
#[derive(Default)]
pub(super) struct Tree {
    members: HashMap<String, Kind>,
    bytes: usize,
    symlinks: usize,
}

impl Tree {
    /// Adds a member and the folders it lies in.
    ///
    /// The same name again is taken for two folders and for two regular files, as PyPI does: the
    /// later file counts for every reader. All other repetitions depend on the order and care of
    /// who unpacks. Names that differ only by case are two files on Linux and taken, too.
    pub(super) fn add(&mut self, path: &str, kind: Kind) -> Result<(), TarError> {
        match self.members.get(path) {
            Some(&before) if before != kind || !matches!(kind, Kind::File | Kind::Folder) => {
                return Err(TarError::Clash(shown(path.as_bytes())));
            }
            Some(_) => return Ok(()),
            None => self.insert(path, kind)?,
        }
        let mut inner = path;
        // Where a folder is known, those around it are known as well.
        while let Some((folder, _)) = inner.rsplit_once('/') {
            match self.members.get(folder) {
                Some(Kind::Folder) => break,
                Some(_) => return Err(TarError::Behind(shown(path.as_bytes()))),
                None => self.insert(folder, Kind::Folder)?,
            }
            inner = folder;
        }
        Ok(())
    }

    /// What stands under this name.
    pub(super) fn get(&self, path: &str) -> Option<Kind> {
        self.members.get(path).copied()
    }

    /// Counts a name of so many bytes that is held while the archive is read.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), TarError> {
        self.bytes = self.bytes.saturating_add(bytes).saturating_add(BYTES_BESIDE_NAME);
        if self.bytes > MOST_NAME_BYTES { Err(TarError::NameBytes) } else { Ok(()) }
    }

    /// Checks that no symbolic link has a second name on file systems that ignore case or
    /// normalise Unicode: a member could be written through it there.
    pub(super) fn check_links(&self) -> Result<(), TarError> {
        if self.symlinks == 0 {
            return Ok(());
        }
        let is_link = |(_, kind): &(&String, &Kind)| **kind == Kind::Symlink;
        let mut links = HashMap::new();
        for (path, _) in self.members.iter().filter(is_link) {
            if links.insert(fold(path), path).is_some() {
                return Err(TarError::CaseClash(shown(path.as_bytes())));
            }
        }
        for path in self.members.keys() {
            if let Some(link) = links.get(&fold(path)).filter(|link| **link != path) {
                return Err(TarError::CaseClash(shown(link.as_bytes())));
            }
        }
        Ok(())
    }

    fn insert(&mut self, path: &str, kind: Kind) -> Result<(), TarError> {
        self.charge(path.len())?;
        self.symlinks += usize::from(kind == Kind::Symlink);
        self.members.insert(path.to_owned(), kind);
        Ok(())
    }
}

/// The same number for all names that some file system takes for the same. A number and not a
/// spelling: some spellings are much longer than what was written.
fn fold(path: &str) -> u64 {
    let upper: String = path.nfd().flat_map(char::to_uppercase).collect();
    let mut hasher = DefaultHasher::new();
    for character in upper.chars().flat_map(char::to_lowercase).nfd() {
        character.hash(&mut hasher);
    }
    hasher.finish()
}
