//! One member, put together from its own header and the extension headers before it.

use super::error::{TarError, shown};
use super::path::MemberPath;
use super::pax;
use super::tree::Kind;

/// What the headers before a member say of it.
#[derive(Default)]
pub(super) struct Extensions {
    /// From a pax header.
    pub(super) pax: Option<pax::Records>,
    /// The name from a GNU header.
    pub(super) name: Option<Vec<u8>>,
    /// The target of the link from a GNU header.
    pub(super) target: Option<Vec<u8>>,
}

impl Extensions {
    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.pax.is_none() && self.name.is_none() && self.target.is_none()
    }

    /// Whether a pax and a GNU header give the same thing.
    pub(super) fn contradict(&self) -> bool {
        let Some(pax) = &self.pax else { return false };
        let names = pax.path.is_some() && self.name.is_some();
        names || (pax.linkpath.is_some() && self.target.is_some())
    }

    /// The name of the member, where its own header has `short`.
    pub(super) fn name_or(&mut self, short: &[u8]) -> Vec<u8> {
        let pax = self.pax.as_mut().and_then(|pax| pax.path.take());
        self.name.take().or(pax).unwrap_or_else(|| short.to_vec())
    }

    /// The target of the link, where the member's own header has `short`.
    pub(super) fn target_or(&mut self, short: &[u8]) -> Vec<u8> {
        let pax = self.pax.as_mut().and_then(|pax| pax.linkpath.take());
        self.target.take().or(pax).unwrap_or_else(|| short.to_vec())
    }

    /// Checks what else a pax header says of the member `name`, whose own header says that it
    /// has `size` bytes. Another size is needed only from 8 GiB on.
    pub(super) fn check(&self, name: &[u8], size: u64) -> Result<(), TarError> {
        let Some(pax) = &self.pax else { return Ok(()) };
        if pax.sparse {
            return Err(TarError::Sparse(shown(name)));
        }
        match pax.size {
            Some(other) if other != size => Err(TarError::Size(shown(name))),
            _ => Ok(()),
        }
    }
}

/// A member of a kind that is allowed, with a name that is allowed.
pub(super) struct Member {
    /// Its name.
    pub(super) path: String,
    /// What it is.
    pub(super) kind: Kind,
    /// The target of a link, as written.
    pub(super) target: Vec<u8>,
    /// Bytes of its content.
    pub(super) size: u64,
}

impl Member {
    /// Checks the name `raw`, the type flag and the size of a member. `written` is the name in
    /// its own header, from which some readers tell files and folders of old archives apart.
    pub(super) fn new(
        flag: u8,
        raw: &[u8],
        written: &[u8],
        target: Vec<u8>,
        size: u64,
    ) -> Result<Self, TarError> {
        let path = MemberPath::parse(raw)?;
        let old_folder = flag == 0 && path.slash;
        let kind = if old_folder { Kind::Folder } else { kind(flag, raw)? };
        if (flag == 0 && path.slash != written.ends_with(b"/"))
            || (kind != Kind::Folder && path.slash)
        {
            return Err(TarError::Slash(shown(raw)));
        }
        // Whether content follows here is read differently.
        if kind != Kind::File && size != 0 {
            return Err(TarError::Content(shown(raw)));
        }
        Ok(Self { path: path.text, kind, target, size })
    }
}

/// What a type flag means (POSIX.1-1988 and GNU tar).
fn kind(flag: u8, raw: &[u8]) -> Result<Kind, TarError> {
    let device = |kind| Err(TarError::Device { member: shown(raw), kind });
    match flag {
        // A "contiguous" file is read as any other.
        0 | b'0' | b'7' => Ok(Kind::File),
        b'1' => Ok(Kind::HardLink),
        b'2' => Ok(Kind::Symlink),
        b'5' => Ok(Kind::Folder),
        b'3' => device("character device"),
        b'4' => device("block device"),
        b'6' => device("named pipe"),
        b's' => device("socket"),
        b'S' => Err(TarError::Sparse(shown(raw))),
        other => Err(TarError::Type { member: shown(raw), kind: char::from(other) }),
    }
}
