//! Reading core metadata out of distribution archives without unpacking them to disk.

mod contents;
mod tar;
mod wheel;
mod zip;
mod zip_sdist;

use std::io::{self, Read, Seek};

pub use self::tar::TarError;
use super::Filename;
use super::filename::PackageType;
pub use contents::{Contents, Item, Kind, contents, member};
pub use wheel::WheelError;
pub use zip::{Member, MemberFault, ZipError};

/// Longest `METADATA` or `PKG-INFO` that is read. The largest descriptions on PyPI are a few
/// megabytes; what is more is not meant to be read by anyone.
pub const LONGEST_METADATA: u64 = 16 * 1024 * 1024;

/// Why an archive is not a distribution.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The bytes are no ZIP archive, a broken one, or one that readers take differently.
    #[error("ZIP archive not accepted: {0}")]
    Zip(#[from] ZipError),
    /// The archive is no wheel that installers take.
    #[error(transparent)]
    Wheel(#[from] WheelError),
    /// A member that is not in the top folder of a source distribution.
    #[error("member {member} is not in its only top folder, which must be {top}")]
    OutsideTop {
        /// The member.
        member: Member,
        /// Name and version as in the file name.
        top: Member,
    },
    /// A licence file that the metadata of a source distribution names is not there.
    #[error("its PKG-INFO names the License-File {0}, but there is no member {1}")]
    LicenseFile(Member, Member),
    /// The gzip-compressed tar archive breaks a rule.
    #[error(transparent)]
    Tar(#[from] TarError),
    /// The member with the metadata is not there.
    #[error("it has no member {0}")]
    Missing(String),
    /// The member with the metadata is there more than once.
    #[error("it has the member {0} more than once")]
    Repeated(String),
    /// The member with the metadata is a folder, a link or a device.
    #[error("its member {0} is not a regular file")]
    NotAFile(String),
    /// The metadata, or another member that is read whole, is absurdly long.
    #[error("its member {0} is too long")]
    TooLong(String),
    /// The archive unpacks to far more than any honest one.
    #[error("it unpacks to more than {0} bytes")]
    Bomb(u64),
    /// Reading from our own disk failed: no fault of the archive.
    #[error("reading the spooled file failed")]
    Disk(#[source] io::Error),
}

/// The bytes of `METADATA` or `PKG-INFO` inside the archive `file` of `length` bytes that has
/// the name `filename`. ZIP archives are checked completely, every member unpacked and compared
/// with what is said about it.
///
/// Blocks on the reader: call it where blocking is allowed.
pub fn read_metadata(
    file: impl Read + Seek,
    length: u64,
    filename: &Filename,
) -> Result<Vec<u8>, ArchiveError> {
    match filename.package_type() {
        PackageType::Wheel => wheel::inspect(file, filename.stem()),
        PackageType::Sdist if filename.is_zip_sdist() => zip_sdist::inspect(file, filename.stem()),
        PackageType::Sdist => tar::read_pkg_info(file, length, filename),
    }
}
