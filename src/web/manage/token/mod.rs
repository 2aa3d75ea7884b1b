//! API tokens on pages: the own ones, and the parts that administrators use for service accounts.

pub(in crate::web) mod form;
pub(in crate::web) mod list;
pub(in crate::web) mod made;
pub(super) mod own;
