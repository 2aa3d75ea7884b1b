//! Accounts: users, their addresses, passwords, second factors, sessions and API tokens, and who
//! a caller is.
//!
//! Rows: [`user`], [`email`], [`session`], [`device`], [`recovery`], [`link`], [`invitation`],
//! [`token`], [`service`], [`event`], [`throttle`]. Values: [`username`], [`visit`], [`password`], [`totp`].
//! What is done with them, each in one transaction with its event and the mails about it: all
//! others.
//!
//! Whatever changes credentials, or lets in by them, begins with the lock on the account's row
//! ([`user::User::lock`]). So a login that is under way when the password changes either is
//! ended by that change or sees it.

pub mod act;
pub mod addresses;
pub mod administer;
pub mod api_token;
pub mod change_password;
mod checked;
pub mod device;
pub mod email;
pub mod event;
pub mod figures;
mod hasher;
pub mod invitation;
pub mod letters;
pub mod link;
pub mod log_in;
pub mod lookup;
pub mod password;
pub mod profile;
mod prove;
pub mod reading;
pub mod recovery;
pub mod register;
pub mod reset;
pub mod second_factor;
pub mod service;
pub mod session;
pub mod set_up;
pub mod sign_in;
pub mod standing;
pub mod throttle;
pub mod tidy;
pub mod token;
pub mod totp;
mod turn;
pub mod unverify;
pub mod user;
pub mod username;
mod verify;
pub mod visit;

pub use hasher::hashing_time;
pub use sign_in::{Caller, Way};
pub use turn::hashes;
pub use username::Username;
pub use visit::Visit;
