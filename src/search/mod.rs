//! Finding projects by words, through the full-text index of the database itself.
//!
//! The index is derived: [`follow`] reads the journal and writes what changed, a moment behind the
//! change and in transactions of its own, so that no upload waits for it. What the databases keep
//! are tokens that are made in `words`, alike for both; what they find is ranked here too. So
//! the same question has the same answer on both, and costs so much and no more however many
//! projects have a word.

mod document;
mod expression;
pub mod follow;
mod index;
pub mod parts;
mod query;
mod rank;
mod state;
mod words;

pub use query::{Found, Hit, LARGEST_PAGE, Order, PAGE, Wanted, find, summaries};
