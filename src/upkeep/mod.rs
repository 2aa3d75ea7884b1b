//! Keeping an index in order: what nobody needs any more goes.

mod clean;

pub use clean::{Cleaned, LEFT_OVER_AFTER, clean};
