//! What the members of a source distribution must be together.
//! Source: <https://packaging.python.org/en/latest/specifications/source-distribution-format/>

use super::error::{TarError, shown};
use super::member::Member;
use super::path::{self, MemberPath};
use super::tree::{Kind, Tree};
use super::walk::Visitor;
use crate::packaging::{CoreMetadata, Filename};

/// What was seen so far of the distribution that has this file name.
pub(super) struct Rules<'f> {
    filename: &'f Filename,
    top: Option<String>,
    tree: Tree,
    metadata: Option<Vec<u8>>,
}

impl<'f> Rules<'f> {
    /// Nothing seen yet.
    pub(super) fn new(filename: &'f Filename) -> Self {
        Self { filename, top: None, tree: Tree::default(), metadata: None }
    }

    /// Checks what can be said only of the whole archive; the content of `PKG-INFO`.
    pub(super) fn finish(self) -> Result<Vec<u8>, TarError> {
        self.tree.check_links()?;
        let top = self.top.as_deref().unwrap_or(self.filename.stem());
        let Some(metadata) = self.metadata else {
            return Err(TarError::NoPkgInfo(shown(format!("{top}/PKG-INFO").as_bytes())));
        };
        check_licenses(&metadata, top, &self.tree)?;
        Ok(metadata)
    }

    /// All members are in one folder. It may spell name and version in another way than the file
    /// name, as it often does in distributions of older tools; PyPI does not compare them.
    fn check_top(&mut self, member: &Member) -> Result<(), TarError> {
        let top = MemberPath::top_of(&member.path);
        match &self.top {
            None if !is_top(top, self.filename) => {
                let expected = self.filename.stem().to_owned();
                return Err(TarError::Top { found: shown(top.as_bytes()), expected });
            }
            None => self.top = Some(top.to_owned()),
            Some(first) if first != top => {
                let member = shown(member.path.as_bytes());
                return Err(TarError::SecondTop { member, top: shown(first.as_bytes()) });
            }
            Some(_) => {}
        }
        if member.path == top && member.kind != Kind::Folder {
            return Err(TarError::TopNotFolder(shown(top.as_bytes())));
        }
        Ok(())
    }

    fn check_link(&mut self, member: &Member) -> Result<(), TarError> {
        match member.kind {
            Kind::Symlink => {
                self.tree.charge(member.target.len())?;
                path::check_symlink(&member.path, &member.target)
            }
            Kind::HardLink => {
                let target = path::hard_link_target(&member.path, &member.target)?;
                if self.top.as_deref() != Some(MemberPath::top_of(&target)) {
                    return Err(TarError::LinkOutside(shown(member.path.as_bytes())));
                }
                match self.tree.get(&target) {
                    Some(Kind::File | Kind::HardLink) => Ok(()),
                    _ => Err(TarError::LinkDead(shown(member.path.as_bytes()))),
                }
            }
            Kind::File | Kind::Folder => Ok(()),
        }
    }

    fn is_metadata(&self, path: &str) -> bool {
        let inside = self.top.as_ref().and_then(|top| path.strip_prefix(top.as_str()));
        inside == Some("/PKG-INFO")
    }
}

impl Visitor for Rules<'_> {
    /// Only the content of `PKG-INFO` is wanted.
    fn member(&mut self, member: &Member) -> Result<bool, TarError> {
        self.check_top(member)?;
        let is_metadata = self.is_metadata(&member.path);
        if is_metadata && member.kind != Kind::File {
            return Err(TarError::PkgInfoNotFile(shown(member.path.as_bytes())));
        }
        if is_metadata && self.metadata.is_some() {
            return Err(TarError::PkgInfoTwice(shown(member.path.as_bytes())));
        }
        self.check_link(member)?;
        self.tree.add(&member.path, member.kind)?;
        Ok(is_metadata)
    }

    fn content(&mut self, bytes: Vec<u8>) {
        self.metadata = Some(bytes);
    }
}

/// Whether a folder is named after the project and version of the file name.
fn is_top(folder: &str, filename: &Filename) -> bool {
    let parsed = Filename::parse(&format!("{folder}.tar.gz"), filename.name());
    let same =
        |top: &Filename| top.name() == filename.name() && top.version() == filename.version();
    folder == filename.stem() || parsed.as_ref().is_ok_and(same)
}

/// Every `License-File` is there, as a file or as a link (which stays inside).
fn check_licenses(metadata: &[u8], top: &str, tree: &Tree) -> Result<(), TarError> {
    let metadata = CoreMetadata::parse(metadata);
    for license in metadata.license_files() {
        let member = format!("{top}/{license}");
        let found = MemberPath::parse(member.as_bytes()).ok().and_then(|path| tree.get(&path.text));
        if found.is_none_or(|kind| kind == Kind::Folder) {
            let license = shown(license.as_bytes());
            return Err(TarError::License { license, member: shown(member.as_bytes()) });
        }
    }
    Ok(())
}
