//! What can be wrong with a wheel whose ZIP archive is in order.

use super::super::zip::Member;

/// Why a ZIP archive is not a wheel that installers take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WheelError {
    /// A `.dist-info` folder that does not fit the file name.
    #[error("it has {found}, but its only .dist-info folder must be {expected}")]
    OtherDistInfo {
        /// There.
        found: Member,
        /// By the file name.
        expected: Member,
    },
    /// `WHEEL` without its version, or with two.
    #[error("its WHEEL must have the field Wheel-Version exactly once")]
    NoWheelVersion,
    /// A major version of the wheel format that installers refuse.
    #[error("its WHEEL has Wheel-Version {0}; installers know 1.x only")]
    WheelVersion(Member),
    /// `RECORD` is not UTF-8.
    #[error("its RECORD is not UTF-8")]
    RecordNotUtf8,
    /// A broken line in `RECORD`.
    #[error("line {0} of its RECORD must be: name, digest, size, separated by commas")]
    RecordLine(usize),
    /// A member that `RECORD` lists twice.
    #[error("its RECORD lists {0} more than once")]
    RecordRepeated(Member),
    /// A member that `RECORD` lists but that is not there.
    #[error("its RECORD lists {0}, which is not in the archive")]
    RecordAbsent(Member),
    /// A member that `RECORD` does not list.
    #[error("its RECORD does not list member {0}")]
    RecordMissing(Member),
    /// No digest for a member that needs one.
    #[error("its RECORD gives no digest for {0}")]
    NoDigest(Member),
    /// A digest for a member that can have none.
    #[error("its RECORD gives a digest for {0}, which must have none there")]
    OwnDigest(Member),
    /// A digest of a kind that is not allowed.
    #[error("its RECORD gives a {1} digest for {0}; sha256, sha384 and sha512 are allowed")]
    DigestKind(Member, Member),
    /// A digest that is not of the right form.
    #[error("its RECORD gives a digest for {0} that is not URL-safe base64 without padding")]
    DigestForm(Member),
    /// A size that is not a number.
    #[error("its RECORD gives a size for {0} that is not a number")]
    SizeForm(Member),
    /// A size that is not the member's.
    #[error("its RECORD gives the size {stated} for {name}, which has {found} bytes")]
    Size {
        /// The member.
        name: Member,
        /// By `RECORD`.
        stated: u64,
        /// Unpacked.
        found: u64,
    },
    /// A digest that is not the member's.
    #[error("the digest that its RECORD gives for {0} does not match")]
    Digest(Member),
    /// `entry_points.txt` is not UTF-8.
    #[error("its entry_points.txt is not UTF-8")]
    EntryPointsNotUtf8,
    /// A broken line in `entry_points.txt`.
    #[error("line {0} of its entry_points.txt is neither [section] nor name = value")]
    EntryPointsLine(usize),
    /// A script twice.
    #[error("its entry_points.txt has {0} more than once")]
    EntryPointRepeated(Member),
    /// The name of a script that could lead out of the scripts folder.
    #[error("its entry_points.txt names a script {0}; only letters, digits, _ . - may be in it")]
    ScriptName(Member),
    /// A licence file that the metadata names is not there.
    #[error("its METADATA names the License-File {0}, but there is no member {1}")]
    LicenseFile(Member, Member),
}
