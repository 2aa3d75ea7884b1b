//! What the index holds: projects, their releases and files, who may change them, and the
//! journal of every change that a reader can see.

pub mod classifier;
pub mod file;
pub mod file_name;
pub mod journal;
pub mod prohibited;
pub mod project;
pub mod ranked;
pub mod release;
pub mod remove;
pub mod role;
pub mod uploaded;
pub mod yank;
