//! The log lines of requests, gathered and written together.
//!
//! A busy worker answers several requests between two looks at its connections. Their lines leave
//! in one call of the system instead of one each; an idle worker writes each line at once.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, Write};
use std::sync::OnceLock;

use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

/// The target of the lines that may wait for others.
pub(super) const REQUESTS: &str = "cheeseshop::request";
/// No more than this waits: what is longer takes a pipe several turns anyway.
const MOST_WAITING: usize = 64 * 1024;

/// Where all lines go. A process has one log.
static LOG: OnceLock<File> = OnceLock::new();

thread_local! {
    static WAITING: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    /// Whether a task is on its way that writes what waits.
    static IS_SEEN_TO: Cell<bool> = const { Cell::new(false) };
}

/// Makes the writers of the log: lines of requests wait for the end of their worker's turn, all
/// others are written at once, after those of their thread that wait.
///
/// A line is one call of the system, without a lock of the process: with one, workers that log at
/// the same time put one another to sleep.
#[derive(Debug, Clone, Copy)]
pub struct LogLines(());

impl LogLines {
    /// Writes to this file from now on; the first one wins.
    pub fn to(log: File) -> Self {
        let _ = LOG.set(log);
        Self(())
    }
}

impl MakeWriter<'_> for LogLines {
    type Writer = Line;

    fn make_writer(&self) -> Line {
        Line { may_wait: false }
    }

    fn make_writer_for(&self, metadata: &Metadata<'_>) -> Line {
        Line { may_wait: metadata.target() == REQUESTS }
    }
}

/// Takes one line.
#[derive(Debug)]
pub struct Line {
    may_wait: bool,
}

impl Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        WAITING.with_borrow_mut(|waiting| {
            waiting.extend_from_slice(line);
            if !self.may_wait || waiting.len() > MOST_WAITING {
                write_out(waiting)?;
            }
            Ok(line.len())
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Has the lines of this thread written as soon as its other tasks have had their turn. Must be
/// called by a task of a worker.
pub(super) fn write_soon() {
    let is_new = WAITING.with_borrow(|waiting| !waiting.is_empty()) && !IS_SEEN_TO.replace(true);
    if is_new {
        let rest = Rest;
        actix_web::rt::spawn(async move { drop(rest) });
    }
}

/// Writes what waits when it is dropped: also where its task never gets a turn, because the
/// server stops.
struct Rest;

impl Drop for Rest {
    fn drop(&mut self) {
        let _ = IS_SEEN_TO.try_with(|it| it.set(false));
        let _ = WAITING.try_with(|it| it.try_borrow_mut().map(|mut it| write_out(&mut it)));
    }
}

fn write_out(waiting: &mut Vec<u8>) -> io::Result<()> {
    let written = LOG.get().map_or(Ok(()), |mut log| log.write_all(waiting));
    waiting.clear();
    written
}
