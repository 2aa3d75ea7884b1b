//! The rules of Python packaging as pure values and functions: names, versions, file names,
//! core metadata, and reading the latter out of archives. Nothing here knows a database, a
//! network or a clock; the only input beside plain text is a reader.

pub mod archive;
pub mod classifier;
pub mod digest;
pub mod filename;
pub mod lock_file;
pub mod metadata;
pub mod name;
pub mod name_rules;
pub mod normal_filename;
pub mod requirements_file;
pub mod specifier;
pub mod tags;
pub mod version;

pub use digest::{Blake2b256, Md5, Sha256};
pub use filename::{Filename, PackageType};
pub use metadata::CoreMetadata;
pub use name::{NormalizedName, ProjectName};
pub use version::Version;
