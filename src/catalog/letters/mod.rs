//! The mails about projects, in plain sentences, queued in the transaction of what they are about.

mod invited;
mod news;

pub(super) use invited::invited;
pub(super) use news::{News, tell};
