//! Accounts: users, their addresses, passwords and API tokens, and who a caller is.

mod checked;
pub mod email;
pub mod password;
pub mod reading;
pub mod sign_in;
pub mod token;
pub mod user;
pub mod username;

pub use sign_in::{Caller, Way};
pub use username::Username;
