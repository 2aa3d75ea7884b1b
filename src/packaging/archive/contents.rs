//! Looking into a distribution: which members it has, and what is in one.

use std::io::{Read, Seek};

use super::zip::Archive;
use super::{ArchiveError, tar};
use crate::packaging::Filename;
use crate::packaging::filename::PackageType;

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A symbolic or hard link.
    Link,
}

/// A member that is no folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its path in the archive.
    pub name: String,
    /// Its unpacked size in bytes.
    pub size: u64,
    /// What it is.
    pub kind: Kind,
}

/// The members of a distribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Its members by their paths, folders left out.
    pub items: Vec<Item>,
    /// Whether there are more: the archive is too large to be read to its end for this.
    pub is_cut: bool,
}

impl Contents {
    /// The member of that path.
    pub fn get(&self, name: &str) -> Option<&Item> {
        let at = self.items.binary_search_by(|item| item.name.as_str().cmp(name)).ok()?;
        self.items.get(at)
    }
}

/// The members of the archive `file` that has the name `filename`. Of a ZIP archive only its
/// central directory is read; a tar archive is unpacked as far as that is bearable.
///
/// Blocks on the reader: call it where blocking is allowed.
pub fn contents(file: impl Read + Seek, filename: &Filename) -> Result<Contents, ArchiveError> {
    if is_tar(filename) {
        return Ok(tar::look(file, None, 0)?.0);
    }
    let archive = Archive::open(file)?;
    let mut items: Vec<_> = archive
        .entries()
        .iter()
        .filter(|entry| !entry.is_folder())
        .map(|entry| Item { name: entry.name.to_string(), size: entry.size, kind: Kind::File })
        .collect();
    items.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(Contents { items, is_cut: false })
}

/// The bytes of the regular file `name` in it, of which there are no more than `most`. `None`
/// where there is no such file, or where it is longer, or where a tar archive is too large to be
/// read to its end: a later member of that name would count.
///
/// Blocks on the reader: call it where blocking is allowed.
pub fn member(
    file: impl Read + Seek,
    filename: &Filename,
    name: &str,
    most: u64,
) -> Result<Option<Vec<u8>>, ArchiveError> {
    if is_tar(filename) {
        return Ok(tar::look(file, Some(name), most)?.1);
    }
    match Archive::open(file)?.read(name, most) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(ArchiveError::Missing(_) | ArchiveError::NotAFile(_) | ArchiveError::TooLong(_)) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn is_tar(filename: &Filename) -> bool {
    filename.package_type() == PackageType::Sdist && !filename.is_zip_sdist()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn tar(members: &[(&str, &str)]) -> Vec<u8> {
        let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut tar = ::tar::Builder::new(gzip);
        for (name, text) in members {
            let mut header = ::tar::Header::new_ustar();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            let added = tar.append_data(&mut header, name, text.as_bytes());
            assert!(added.is_ok(), "{name}");
        }
        let done = tar.into_inner().and_then(flate2::write::GzEncoder::finish);
        done.unwrap_or_default()
    }

    #[test]
    fn of_two_members_with_one_name_the_later_counts() {
        let Ok(filename) = Filename::parse_alone("foo-1.0.tar.gz") else { panic!("a good name") };
        let bytes = tar(&[("foo-1.0/b", "first"), ("foo-1.0/a", "a"), ("foo-1.0/b", "2")]);
        let Ok(found) = contents(Cursor::new(&bytes), &filename) else { panic!("a good archive") };
        let names: Vec<_> =
            found.items.iter().map(|item| (item.name.as_str(), item.size)).collect();
        assert_eq!(names, [("foo-1.0/a", 1), ("foo-1.0/b", 1)]);
        assert!(!found.is_cut && found.get("foo-1.0/b").is_some() && found.get("b").is_none());
        let read = |name, most| member(Cursor::new(&bytes), &filename, name, most).ok().flatten();
        assert_eq!(read("foo-1.0/b", 9).as_deref(), Some(&b"2"[..]));
        assert_eq!(read("foo-1.0/b", 0), None);
        assert_eq!(read("foo-1.0/c", 9), None);
    }
}
