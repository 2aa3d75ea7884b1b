//! Every way in which a gzip-compressed tar archive is no source distribution.

use super::limits::{LONGEST_NAME, MOST_MEMBERS, MOST_NAME_BYTES, SHOWN_CHARACTERS};
use crate::packaging::archive::LONGEST_METADATA;

/// What a `.tar.gz` does that it must not. Names of members are already made fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TarError {
    /// Another format, named here.
    #[error("it is {0}, not a gzip-compressed tar archive")]
    Format(&'static str),
    /// The gzip stream ends too early.
    #[error("its gzip stream is cut off")]
    GzipCut,
    /// The gzip stream is broken, or its checksum or length is wrong.
    #[error("its gzip stream is broken ({0})")]
    Gzip(String),
    /// A second gzip stream follows, which not every installer reads.
    #[error("it has a second gzip stream behind the first; some installers read only the first")]
    SecondStream,
    /// Bytes follow that are no gzip stream.
    #[error("it has bytes behind the end of its gzip stream")]
    TrailingBytes,
    /// It unpacks to far more than any honest archive of its size.
    #[error("it unpacks to more than {0} bytes")]
    Bomb(u64),
    /// No tar header where one must be.
    #[error("it has a broken tar header behind {after} ({reason})")]
    Header {
        /// The last member that could be read.
        after: String,
        /// What is wrong.
        reason: String,
    },
    /// The unpacked archive ends inside a member or a header.
    #[error("its tar archive is cut off in or behind {0}")]
    Cut(String),
    /// The two blocks of zeros at the end are missing.
    #[error("its tar archive has no end marker (two blocks of zeros)")]
    NoEnd,
    /// Bytes other than zero behind the end marker.
    #[error("it has data behind the end marker of its tar archive")]
    HiddenData,
    /// Too many members.
    #[error("it has more than {MOST_MEMBERS} members")]
    Members,
    /// All names together take too much memory.
    #[error("the names of its members take more than {MOST_NAME_BYTES} bytes of memory")]
    NameBytes,
    /// An extension header is too long.
    #[error("an extension header behind {after} is longer than {longest} bytes")]
    LongExtension {
        /// The last member that could be read.
        after: String,
        /// As long it may be.
        longest: u64,
    },
    /// A pax header is not a list of well-formed records.
    #[error("a pax header behind {after} is broken ({reason})")]
    Pax {
        /// The last member that could be read.
        after: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A pax header for all members sets what is a member's own.
    #[error("a global pax header behind {after} sets {key:?}, which belongs to single members")]
    Global {
        /// The last member that could be read.
        after: String,
        /// The key of the record.
        key: String,
    },
    /// Two extension headers say the same of one member, or an extension header has no member.
    #[error("the extension headers behind {0} contradict each other or have no member")]
    Extensions(String),
    /// A pax header and the tar header give different sizes.
    #[error("its member {0} has another size in its pax header than in its tar header")]
    Size(String),
    /// A number of a header is no number.
    #[error("its member {member} has no number in the header field {field}")]
    Number {
        /// The member.
        member: String,
        /// The field of the header.
        field: &'static str,
    },
    /// A part of the name stands where only some readers look for it.
    #[error("its member {0} has a name prefix, but no ustar header")]
    Prefix(String),
    /// A folder or link that says it has content.
    #[error("its member {0} is a folder or a link, but has content")]
    Content(String),
    /// A name that ends with a slash (for some readers), but is not that of a folder.
    #[error("its member {0} is not a folder, but its name ends with a slash")]
    Slash(String),
    /// A sparse file.
    #[error("its member {0} is a sparse file, which is not allowed")]
    Sparse(String),
    /// A device, pipe or socket.
    #[error("its member {member} is a {kind}, which is not allowed")]
    Device {
        /// The member.
        member: String,
        /// The kind of the member.
        kind: &'static str,
    },
    /// A type of member that is in no standard.
    #[error("its member {member} is of the unknown type {kind:?}")]
    Type {
        /// The member.
        member: String,
        /// The type flag.
        kind: char,
    },
    /// A name without any part.
    #[error("its member {0} has an empty name")]
    NoName(String),
    /// A very long name.
    #[error("its member {0} has a name of more than {LONGEST_NAME} bytes")]
    LongName(String),
    /// A name in another encoding than UTF-8.
    #[error("its member {0} has a name that is not UTF-8")]
    NotUtf8(String),
    /// A control character (NUL and line ends among them) in a name.
    #[error("its member {0} has a control character in its name")]
    Control(String),
    /// A backslash in a name: another path on Windows.
    #[error("its member {0} has a backslash in its name")]
    Backslash(String),
    /// An absolute name.
    #[error("its member {0} has an absolute name")]
    Absolute(String),
    /// A name with a drive letter.
    #[error("its member {0} has a name with a drive letter")]
    Drive(String),
    /// A name with `..`.
    #[error("its member {0} has \"..\" in its name")]
    Parent(String),
    /// More than one folder at the top.
    #[error("its member {member} is not in its top folder {top}")]
    SecondTop {
        /// The member.
        member: String,
        /// The folder of the members before it.
        top: String,
    },
    /// The top folder belongs to another project or version than the file name.
    #[error("its top folder is {found}, but {expected:?} is expected")]
    Top {
        /// The folder.
        found: String,
        /// Name and version as in the file name.
        expected: String,
    },
    /// The only folder at the top is no folder.
    #[error("its member {0} must be a folder")]
    TopNotFolder(String),
    /// One name for two things of different kinds, or for two links.
    #[error("its member {0} is there twice and not as the same kind of thing")]
    Clash(String),
    /// A file in a folder that is itself a link or a file.
    #[error("its member {0} lies behind a member that is not a folder")]
    Behind(String),
    /// A link whose name equals another name where case is ignored.
    #[error("its link {0} has the name of another member where case is ignored")]
    CaseClash(String),
    /// A link without a target, or with characters in it that no name may have.
    #[error("its link {0} has no valid target")]
    LinkTarget(String),
    /// A link to an absolute path.
    #[error("its link {0} points to an absolute path")]
    LinkAbsolute(String),
    /// A link that leaves the top folder.
    #[error("its link {0} points out of the top folder")]
    LinkOutside(String),
    /// A link down and up again: where it leads depends on other links.
    #[error("its link {0} has \"..\" behind a folder in its target")]
    LinkWinds(String),
    /// A hard link to what is no earlier regular file.
    #[error("its hard link {0} does not point to a file before it in the archive")]
    LinkDead(String),
    /// No metadata.
    #[error("it has no member {0}")]
    NoPkgInfo(String),
    /// Metadata twice.
    #[error("it has the member {0} more than once")]
    PkgInfoTwice(String),
    /// Metadata that is a folder or a link.
    #[error("its member {0} is not a regular file")]
    PkgInfoNotFile(String),
    /// Metadata of absurd length.
    #[error("its member {0} is longer than {LONGEST_METADATA} bytes")]
    PkgInfoLong(String),
    /// A licence file that the metadata names is not there.
    #[error("its metadata names the licence file {license}, but it has no file {member}")]
    License {
        /// As the metadata says it.
        license: String,
        /// Where it must be.
        member: String,
    },
}

/// A name in quotes, fit for one line: what cannot be printed is escaped, what is long is cut.
pub(super) fn shown(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(SHOWN_CHARACTERS).collect();
    let cut = if characters.next().is_some() { "..." } else { "" };
    format!("{start:?}{cut}")
}
