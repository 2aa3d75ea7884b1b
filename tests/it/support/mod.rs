//! What the tests share.

pub mod bucket;
pub mod database;
pub mod dist;
pub mod dns;
pub mod html;
pub mod http;
pub mod provider;
pub mod relay;
pub mod server;
pub mod smtp;
pub mod upload;
pub mod upstream;

pub use bucket::Store;
pub use database::Backend;
pub use dist::Dist;
pub use dns::DnsServer;
pub use html::Html;
pub use http::{Reply, Request};
pub use provider::{Provider, Said};
pub use server::Server;
pub use smtp::MailServer;
pub use upload::Upload;
pub use upstream::Upstream;

/// Makes two tests of each function, one a database.
macro_rules! on_both {
    ($($(#[$attribute:meta])* $name:ident),+ $(,)?) => {
        mod sqlite {
            $($(#[$attribute])* #[test] fn $name() { super::$name($crate::support::Backend::Sqlite) })+
        }
        mod postgres {
            $($(#[$attribute])* #[test] fn $name() { super::$name($crate::support::Backend::Postgres) })+
        }
    };
}
pub(crate) use on_both;

/// A folder that `tests/run` has prepared.
pub fn prepared(variable: &str) -> std::path::PathBuf {
    match std::env::var_os(variable) {
        Some(path) => path.into(),
        None => panic!("{variable} is not set: run the tests by tests/run"),
    }
}

/// Asks again until the answer is yes. Where it stays no for long, the test has failed.
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !is_so() {
        assert!(begun.elapsed().as_secs() < 20, "still not so: {what}");
        std::thread::yield_now();
    }
}
