//! The log lines of requests, gathered and written together.
//!
//! The lines of a busy worker leave in one call of the system for many requests; a worker that has
//! nothing else to do writes each line at once. Only those of requests that lay ready in memory are gathered,
//! of whose cost a write is a good part.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, Write};
use std::sync::OnceLock;

use tracing_subscriber::fmt::MakeWriter;

use super::request_line::RequestLine;
use crate::config::LogFormat;

/// As much as is written at once, unless a single line is longer; some twenty lines. What several
/// write to a pipe is not mixed up as long as none of them writes more (`PIPE_BUF` of pipe(7)).
const MOST: usize = 4096;

/// Where all lines go. A process has one log.
static LOG: OnceLock<(File, LogFormat)> = OnceLock::new();

thread_local! {
    static WAITING: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    /// Whether a task is on its way that writes what waits.
    static IS_SEEN_TO: Cell<bool> = const { Cell::new(false) };
}

/// Makes the writers of the log: lines of requests that lay ready wait until their worker is idle, all others
/// are written at once, after those of their thread that wait.
///
/// A line is one call of the system, without a lock of the process: with one, workers that log at
/// the same time put one another to sleep.
#[derive(Debug, Clone, Copy)]
pub struct LogLines(());

impl LogLines {
    /// Writes to this file from now on, the lines of requests in this form; the first one wins.
    pub fn to(log: File, format: LogFormat) -> Self {
        let _ = LOG.set((log, format));
        Self(())
    }
}

impl MakeWriter<'_> for LogLines {
    type Writer = Line;

    fn make_writer(&self) -> Line {
        Line(())
    }
}

/// Takes one line.
#[derive(Debug)]
pub struct Line(());

impl Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        WAITING.with_borrow_mut(|waiting| {
            if waiting.len() + line.len() > MOST {
                write_out(waiting)?;
            }
            waiting.extend_from_slice(line);
            write_out(waiting)?;
            Ok(line.len())
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the line of a request, and those that wait; one that `can_wait` as soon as this worker looks at
/// its connections and nothing new was answered, or when no more fit into one write. Must be called by a
/// task of a worker.
pub(super) fn request(line: &RequestLine<'_>, can_wait: bool) {
    let Some((_, format)) = LOG.get() else { return };
    WAITING.with_borrow_mut(|waiting| {
        let before = waiting.len();
        line.write(*format, waiting);
        // Where the log takes nothing there is nowhere to say so.
        if waiting.len() > MOST {
            let new = waiting.split_off(before);
            let _ = write_out(waiting);
            waiting.extend_from_slice(&new);
        }
        if !can_wait {
            let _ = write_out(waiting);
        }
    });
    if can_wait && !IS_SEEN_TO.replace(true) {
        let rest = Rest;
        actix_web::rt::spawn(async move {
            let (mut before, mut now) = (0, waiting());
            while now != before {
                // Comes back when all other tasks and all connections had their turn.
                tokio::task::yield_now().await;
                (before, now) = (now, waiting());
            }
            drop(rest);
        });
    }
}

/// How many bytes wait.
fn waiting() -> usize {
    WAITING.with_borrow(Vec::len)
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
    let written = LOG.get().map_or(Ok(()), |(log, _)| (&*log).write_all(waiting));
    waiting.clear();
    written
}
