//! Keeping an index in order for years: what nobody needs any more goes, what should be there is
//! looked for, and everything can be taken elsewhere and back.

pub mod backup;
mod carry;
pub mod check;
mod clean;
mod compare;
pub mod copy;
mod hash;
mod progress;
mod references;
mod text;

pub use clean::{Cleaned, LEFT_OVER_AFTER, clean};
pub use progress::Progress;
