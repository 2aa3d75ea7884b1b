//! What all routes share: who calls, typed paths, negotiation, replies and errors.

pub mod access_log;
mod arrival;
pub mod auth;
pub mod body;
pub mod cookies;
pub mod cors;
pub mod credentials;
pub mod encoding;
pub mod fresh;
pub mod freshness;
pub mod gate;
pub mod guard;
pub mod log_lines;
pub mod manager;
pub mod negotiate;
pub mod next;
pub mod origin;
pub mod path;
pub mod post;
pub mod prefix;
pub mod range;
pub mod reply;
mod request_line;
pub mod visit;
pub mod visitor;

pub use auth::Uploader;
pub use path::ProjectPath;
