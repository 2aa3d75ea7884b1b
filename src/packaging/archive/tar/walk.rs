//! The walk over all headers of a tar archive.

use std::io::{self, Read};

use tar::{Archive, Entry, Header};

use super::error::{TarError, shown};
use super::header::{check_numbers, check_prefix, type_flag};
use super::limits::{LONGEST_EXTENSION, LONGEST_NAME, MOST_MEMBERS};
use super::member::{Extensions, Member};
use super::pax;
use crate::packaging::archive::LONGEST_METADATA;

/// Sees every member of an archive, in its order.
pub(super) trait Visitor {
    /// Takes the next member; whether its content is wanted, which [`Self::content`] then gets.
    fn member(&mut self, member: &Member) -> Result<bool, TarError>;
    /// Takes the content of that member.
    fn content(&mut self, bytes: Vec<u8>);
}

/// Hands every member to the visitor. Extension headers are read here and not by the `tar` crate,
/// which would hold headers of any length in memory and let several for one member pass.
pub(super) fn walk(
    archive: &mut Archive<impl Read>,
    visitor: &mut impl Visitor,
) -> Result<(), TarError> {
    let mut walk = Walk { extensions: Extensions::default(), after: "its beginning".to_owned() };
    let entries = archive.entries().map_err(|error| walk.broken(&error))?.raw(true);
    let mut count: u32 = 0;
    for entry in entries {
        let mut entry = entry.map_err(|error| walk.broken(&error))?;
        count += 1;
        if count > MOST_MEMBERS {
            return Err(TarError::Members);
        }
        if walk.step(&mut entry, visitor)? {
            // The headers of one member count as one with it.
            count -= 1;
        }
    }
    if walk.extensions.is_empty() { Ok(()) } else { Err(TarError::Extensions(walk.after)) }
}

struct Walk {
    /// What the headers before a member say of it.
    extensions: Extensions,
    /// The last member, to be named where no other can.
    after: String,
}

impl Walk {
    /// Takes one header; whether it is one of the few that belong to the next member.
    fn step(
        &mut self,
        entry: &mut Entry<'_, impl Read>,
        visitor: &mut impl Visitor,
    ) -> Result<bool, TarError> {
        let flag = type_flag(entry.header());
        if matches!(flag, b'x' | b'g' | b'L' | b'K') {
            self.check_extension(entry.header())?;
        }
        match flag {
            b'x' => {
                let records = self.pax(entry)?;
                self.extend(|extensions| extensions.pax.replace(records).is_some())?;
            }
            b'L' => {
                let name = self.long_name(entry)?;
                self.extend(|extensions| extensions.name.replace(name).is_some())?;
            }
            b'K' => {
                let name = self.long_name(entry)?;
                self.extend(|extensions| extensions.target.replace(name).is_some())?;
            }
            b'g' => {
                self.global(entry)?;
                return Ok(false);
            }
            flag => {
                self.member(flag, entry, visitor)?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Without the mark of a format that has extension headers, some readers take them for files.
    fn check_extension(&self, header: &Header) -> Result<(), TarError> {
        if header.as_ustar().is_none() && header.as_gnu().is_none() {
            let reason = "an extension header without the mark of its format".to_owned();
            return Err(TarError::Header { after: self.after.clone(), reason });
        }
        check_numbers(header, b"extension header")
    }

    /// Readers differ in what counts where two headers say the same of one member.
    fn extend(&mut self, was_there: impl FnOnce(&mut Extensions) -> bool) -> Result<(), TarError> {
        if was_there(&mut self.extensions) || self.extensions.contradict() {
            return Err(TarError::Extensions(self.after.clone()));
        }
        Ok(())
    }

    fn pax(&self, entry: &mut Entry<'_, impl Read>) -> Result<pax::Records, TarError> {
        let bytes = self.read(entry, LONGEST_EXTENSION)?;
        pax::parse(&bytes).map_err(|reason| TarError::Pax { after: self.after.clone(), reason })
    }

    fn global(&self, entry: &mut Entry<'_, impl Read>) -> Result<(), TarError> {
        let records = self.pax(entry)?;
        if !self.extensions.is_empty() {
            return Err(TarError::Extensions(self.after.clone()));
        }
        match records.own_key() {
            Some(key) => Err(TarError::Global { after: self.after.clone(), key: key.to_owned() }),
            None => Ok(()),
        }
    }

    /// A name from a GNU header, which ends with a NUL.
    fn long_name(&self, entry: &mut Entry<'_, impl Read>) -> Result<Vec<u8>, TarError> {
        let mut name = self.read(entry, LONGEST_NAME as u64 + 1)?;
        if name.last() == Some(&0) {
            name.pop();
        }
        Ok(name)
    }

    fn read(&self, entry: &mut Entry<'_, impl Read>, longest: u64) -> Result<Vec<u8>, TarError> {
        if entry.size() > longest {
            return Err(TarError::LongExtension { after: self.after.clone(), longest });
        }
        self.content(entry)
    }

    fn member(
        &mut self,
        flag: u8,
        entry: &mut Entry<'_, impl Read>,
        visitor: &mut impl Visitor,
    ) -> Result<(), TarError> {
        let mut extensions = std::mem::take(&mut self.extensions);
        let header = entry.header();
        let written = header.path_bytes();
        let raw = extensions.name_or(&written);
        check_prefix(header, &raw)?;
        check_numbers(header, &raw)?;
        extensions.check(&raw, entry.size())?;
        let target = extensions.target_or(header.link_name_bytes().as_deref().unwrap_or_default());
        let member = Member::new(flag, &raw, &written, target, entry.size())?;
        if visitor.member(&member)? {
            visitor.content(self.wanted(&member, entry)?);
        }
        self.after = shown(&raw);
        Ok(())
    }

    fn wanted(
        &self,
        member: &Member,
        entry: &mut Entry<'_, impl Read>,
    ) -> Result<Vec<u8>, TarError> {
        if entry.size() > LONGEST_METADATA {
            return Err(TarError::PkgInfoLong(shown(member.path.as_bytes())));
        }
        self.content(entry)
    }

    /// The whole content of an entry, whose size has been checked before.
    fn content(&self, entry: &mut Entry<'_, impl Read>) -> Result<Vec<u8>, TarError> {
        let size = entry.size();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|error| self.broken(&error))?;
        if bytes.len() as u64 == size { Ok(bytes) } else { Err(TarError::Cut(self.after.clone())) }
    }

    fn broken(&self, error: &io::Error) -> TarError {
        let reason = error.to_string();
        // What the `tar` crate says where content and where a header end too early.
        if reason == "unexpected EOF during skip" || reason == "failed to read entire block" {
            return TarError::Cut(self.after.clone());
        }
        TarError::Header { after: self.after.clone(), reason }
    }
}
