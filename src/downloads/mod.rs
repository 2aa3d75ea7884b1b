//! Downloads: how often each file is downloaded on each day, and by whom on a private index.
//!
//! A download is counted in memory ([`tally`]), which takes it a few dozen nanoseconds and asks
//! nobody. A task of each process writes what was counted to the database ([`follow`]),
//! where the numbers of all processes add up. What is read there: [`sums`] and [`single`], the
//! latter for files too ([`export`]).
//!
//! A download is a GET that is answered with a whole file, or with a part of it that begins at its
//! first byte: a download that was interrupted and goes on is still one. HEAD, what the client has
//! already (304), and the metadata beside a wheel are none.

pub mod export;
pub mod follow;
pub mod single;
mod store;
pub mod sums;
pub mod tally;

pub use follow::Follower;
pub use store::{forget, note};
pub use tally::{Pull, Tally};
