//! The only place that prints.
#![expect(clippy::print_stderr, reason = "this is what it is for")]

use std::io::Write;

use serde::Serialize;

use super::Failure;

/// One line of a result.
pub(super) fn line(text: impl std::fmt::Display) {
    // Whoever reads may have read enough, as `head` does.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// A result that is text of its own, with its own end.
pub(super) fn text(bytes: &[u8]) {
    let _ = std::io::stdout().lock().write_all(bytes);
}

/// One line about how things go, or about what went wrong with a part.
pub(super) fn note(text: impl std::fmt::Display) {
    eprintln!("{text}");
}

/// The one line that says why a command failed.
pub(super) fn complain(words: &str) {
    eprintln!("cheeseshop: {}", words.replace('\n', " "));
}

/// A result as JSON.
pub(super) fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::Failed(format!("writing JSON: {error}")))?;
    line(text);
    Ok(())
}

/// A table with a heading, its columns as wide as they need to be.
pub(super) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(heading.get(column).map(|it| it.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let show = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        line(padded.collect::<Vec<_>>().join("  ").trim_end());
    };
    show(&mut heading.into_iter());
    for row in rows {
        show(&mut row.iter().map(String::as_str));
    }
}
