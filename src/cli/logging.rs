//! Where log lines go and how they look.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;

use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogFormat;
use crate::http::log_lines::LogLines;
use crate::mail::CONSOLE;

/// Starts logging to standard error. A server says what it does; a command only what is amiss.
pub(super) fn start(format: LogFormat, is_server: bool) {
    let ours = if is_server { Level::INFO } else { Level::WARN };
    let filter = Targets::new()
        .with_default(Level::WARN)
        .with_target("cheeseshop", ours)
        // Mails that go nowhere else are no small talk.
        .with_target(CONSOLE, Level::INFO)
        // What it says at this level about clients that hang up is no news.
        .with_target("actix_http", Level::ERROR)
        // Nor is what it calls an error of its own: requests that are no HTTP. That a file cannot
        // be read while it is sent is logged where it is read.
        .with_target("actix_http::h1", LevelFilter::OFF);
    let registry = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(writer(format));
    // A second start, as tests may do, changes nothing.
    let _ = match format {
        LogFormat::Text => {
            let lines = lines.with_ansi(io::stderr().is_terminal()).with_target(false);
            registry.with(lines).try_init()
        }
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    };
}

/// Standard error without its lock, where the system gives a second handle of it.
fn writer(format: LogFormat) -> BoxMakeWriter {
    match io::stderr().as_fd().try_clone_to_owned() {
        Ok(own) => BoxMakeWriter::new(LogLines::to(File::from(own), format)),
        Err(_) => BoxMakeWriter::new(io::stderr),
    }
}
