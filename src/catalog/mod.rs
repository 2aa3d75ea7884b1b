//! What the index holds: projects, their releases and files, who may change them, and the
//! journal of every change that a reader can see.
//!
//! Whatever changes a project begins with the lock on its row ([`project::Project::locked`]) and
//! ends with the journal, all in one transaction with the mails about it.

pub mod administer;
pub mod classifier;
pub mod elsewhere;
pub mod figures;
pub mod file;
pub mod file_name;
pub mod former;
pub mod invite;
pub mod journal;
pub mod ledger;
mod letters;
pub mod member;
pub mod permission;
pub mod prefix;
pub mod prohibited;
pub mod project;
pub mod ranked;
pub mod release;
pub mod remove;
pub mod role;
pub mod role_invitation;
pub mod status;
pub mod team;
pub mod uploaded;
pub mod yank;
