//! What can be wrong with the framing and the members of a ZIP archive.

use std::fmt;

/// Longest part of a member's name that a message repeats, in characters.
const SHOWN: usize = 100;

/// The name of a member as messages show it: quoted, on one line, never long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member(String);

impl Member {
    /// Takes the name, or what its bytes look like.
    pub(in crate::packaging) fn new(name: impl AsRef<[u8]>) -> Self {
        let name = String::from_utf8_lossy(name.as_ref());
        let mut shown: String = name.chars().take(SHOWN).collect();
        if shown.len() < name.len() {
            shown.push('…');
        }
        Self(shown)
    }
}

impl From<&str> for Member {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// Why a ZIP archive is not taken: it is broken, it can be read in two ways, or unpacking it
/// could do harm. Record names are those of the ZIP specification (APPNOTE.TXT 6.3.10).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZipError {
    /// Nothing that ends a ZIP archive.
    #[error("it has no end record: it is no ZIP archive, or it is cut off")]
    NoEnd,
    /// The bytes are a tar archive too.
    #[error("it can be read as a tar archive too")]
    AlsoTar,
    /// More bytes than the end record speaks of.
    #[error("{0} bytes stand behind its end")]
    Trailing(u64),
    /// The archive comment is shorter than stated.
    #[error("its comment is cut off")]
    CommentCut,
    /// The archive comment looks like records to a reader that searches for them.
    #[error("its comment contains the signature of a ZIP record")]
    CommentRecord,
    /// More than one disk.
    #[error("it is one part of an archive of several disks")]
    MultiDisk,
    /// The ZIP64 locator does not point right at a ZIP64 end record before it.
    #[error("its ZIP64 locator does not lead to a ZIP64 end record right before it")]
    Locator,
    /// The ZIP64 end record is longer than the fields that every reader knows.
    #[error("its ZIP64 end record has extensible data")]
    ExtensibleData,
    /// The ZIP64 end record and the end record state different values.
    #[error("its ZIP64 end record and its end record disagree about the central directory's {0}")]
    EndsDisagree(&'static str),
    /// The central directory does not end where the end record begins.
    #[error("its central directory does not end where its end record begins")]
    DirectoryPlace,
    /// The central directory is absurdly large.
    #[error("its central directory is longer than {0} bytes")]
    DirectoryTooLong(u64),
    /// A record of another kind in the central directory, or one that is cut off.
    #[error("record {0} of its central directory is broken or of an unknown kind")]
    DirectoryRecord(u64),
    /// The number of records differs from the end record's.
    #[error("its central directory has {found} records, but its end record says {stated}")]
    DirectoryCount {
        /// Walked.
        found: u64,
        /// By the end record.
        stated: u64,
    },
    /// The records do not fill the central directory, or more than it.
    #[error("its central directory is not of the size that its end record says")]
    DirectorySize,
    /// Too many members.
    #[error("it has {found} members; at most {most} are allowed")]
    TooManyMembers {
        /// By the end record.
        found: u64,
        /// Allowed.
        most: u64,
    },
    /// Bytes before the first member.
    #[error("{0} bytes stand before its first member")]
    Prefix(u64),
    /// The file ends too early.
    #[error("it is cut off")]
    Truncated,
    /// Another reader of archives does not see the same in it.
    #[error("not every reader takes it in the same way ({0})")]
    OtherReader(String),
    /// One member is at fault.
    #[error("member {0} {1}")]
    Member(Member, MemberFault),
}

/// What is wrong with one member.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MemberFault {
    /// No name.
    #[error("has an empty name")]
    EmptyName,
    /// The name is not UTF-8.
    #[error("has a name that is not UTF-8")]
    NotUtf8,
    /// Beyond ASCII, but not marked as UTF-8: some readers take code page 437.
    #[error("has a name beyond ASCII that is not marked as UTF-8")]
    NotMarkedUtf8,
    /// A control character, NUL among them.
    #[error("has a control character in its name")]
    Control,
    /// A backslash: a separator on Windows only.
    #[error("has a backslash in its name")]
    Backslash,
    /// An absolute path.
    #[error("has an absolute path")]
    Absolute,
    /// A drive letter.
    #[error("has a drive letter in its name")]
    Drive,
    /// A `..` segment.
    #[error("leaves its folder with \"..\"")]
    Parent,
    /// An empty or `.` segment.
    #[error("has an empty or \".\" segment in its path")]
    Segment,
    /// Twice the same name.
    #[error("is there more than once")]
    Duplicate,
    /// Names that are one to some file systems.
    #[error("and member {0} have the same name to file systems that ignore case or Unicode form")]
    Collision(Member),
    /// A file where another member is or needs a folder.
    #[error("is a file, but member {0} needs a folder there")]
    FileAndFolder(Member),
    /// A comment in the central directory.
    #[error("has a comment in the central directory")]
    Comment,
    /// An encrypted member.
    #[error("is encrypted")]
    Encrypted,
    /// Flag bits that readers take differently.
    #[error("has the unsupported flag bits {0:#06x}")]
    Flags(u16),
    /// Neither stored nor deflated.
    #[error("uses compression method {0}; only stored (0) and deflate (8) are allowed")]
    Method(u16),
    /// A newer version of the format.
    #[error("needs version {0} of the ZIP format, which readers do not know")]
    Version(u16),
    /// On another disk.
    #[error("is on another disk")]
    OtherDisk,
    /// A link, device, pipe or socket.
    #[error("is a symbolic link, a device or another special file (mode {0:o})")]
    Special(u32),
    /// Folder by its attributes but file by its name, or the other way round.
    #[error("is a folder by its name or by its attributes, but not by both")]
    Kind,
    /// A folder with content.
    #[error("is a folder, but has content")]
    FolderContent,
    /// A broken list of extra fields.
    #[error("has broken extra fields")]
    Extra,
    /// An extra field that may be there only once.
    #[error("has the extra field {0:#06x} more than once")]
    RepeatedExtra(u16),
    /// The ZIP64 field is missing, or does not fit the header.
    #[error("has a ZIP64 field that does not fit its header")]
    Zip64,
    /// The Unicode Path field has another name.
    #[error("has another name in its Unicode Path field")]
    UnicodePath,
    /// A stored member with two sizes.
    #[error("is stored, but its packed and unpacked sizes differ")]
    StoredSizes,
    /// No local header at its place.
    #[error("has no local header where the central directory says")]
    NoLocalHeader,
    /// Local and central header disagree.
    #[error("has another {0} in its local header than in the central directory")]
    Mismatch(&'static str),
    /// Two members share bytes.
    #[error("overlaps with what stands behind it")]
    Overlap,
    /// Bytes that belong to no member.
    #[error("is followed by {0} bytes that belong to no member")]
    Gap(u64),
    /// A local header that the central directory does not list.
    #[error("is followed by a member that the central directory does not list")]
    Unlisted,
    /// No data descriptor though the flags promise one, or one with other values.
    #[error("has a data descriptor that is missing or differs from the central directory")]
    Descriptor,
    /// Its end cannot be found without the central directory.
    #[error("is stored with a data descriptor, so that its end is ambiguous")]
    AmbiguousEnd,
    /// A broken deflate stream.
    #[error("has broken compressed data")]
    Deflate,
    /// The deflate stream ends before the packed size.
    #[error("has {0} bytes behind the end of its compressed data")]
    DeflateTrailing(u64),
    /// The deflate stream does not end within the packed size.
    #[error("has compressed data without an end")]
    DeflateCut,
    /// It unpacks to more or less than stated.
    #[error("does not unpack to the {0} bytes that it states")]
    Size(u64),
    /// The checksum is wrong.
    #[error("has a wrong CRC-32 checksum")]
    Crc,
}

impl MemberFault {
    /// The refusal of the archive for this member.
    pub(super) fn of(self, name: impl AsRef<[u8]>) -> ZipError {
        ZipError::Member(Member::new(name), self)
    }
}
