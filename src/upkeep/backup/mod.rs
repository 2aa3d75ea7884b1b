//! A copy of everything, taken while the index serves, and the way back.
//!
//! The database is copied as it is at one moment; the blobs that it refers to never change, so
//! they may come after it. Each backup into the same folder has a snapshot of its own and shares
//! the blobs; what counts as the backup is named by the manifest, which is replaced in one step
//! when everything is there. What belongs to the backup before is removed after that.

mod files;
mod manifest;
mod restore;
mod take;
mod vault;

pub use manifest::{Manifest, Sum, configuration, read as read_manifest};
pub use restore::{Restored, Target, restore};
pub use take::{Source, Taken, backup};
