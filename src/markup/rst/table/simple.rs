//! Tables between lines of equals signs.

use super::super::cursor::{Cursor, is_blank};
use super::{Area, Columns, Drawn, stripped};

/// Whether a line is the top of a table: at least two columns of equals signs.
pub(super) fn is_top(line: &str) -> bool {
    is_border(line) && line.trim_end().contains(' ')
}

fn is_border(line: &str) -> bool {
    line.starts_with('=') && line.bytes().all(|b| b == b'=' || b == b' ')
}

fn is_span(line: &str) -> bool {
    line.starts_with('-') && line.bytes().all(|b| b == b'-' || b == b' ')
}

/// Moves behind the table: behind its second border, or the first with a blank line after it.
pub(super) fn isolate(cursor: &mut Cursor<'_>) {
    let top = cursor.line().map_or(0, |line| line.trim_end().len());
    let mut found = 0;
    cursor.skip(1);
    while let Some(line) = cursor.line() {
        if is_border(line) {
            found += 1;
            let is_end = found == 2 || cursor.is_last_of_block();
            if is_end || line.trim_end().len() != top {
                return cursor.skip(1);
            }
        }
        cursor.skip(1);
    }
}

/// From column to column.
type Span = (usize, usize);

fn spans(line: &str) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (at, b) in line.trim_end().bytes().enumerate() {
        match spans.last_mut() {
            _ if b == b' ' => {}
            Some((_, end)) if *end == at => *end = at + 1,
            _ => spans.push((at, at + 1)),
        }
    }
    spans
}

/// The cells of the table; nothing where text is between the columns.
pub(super) fn read<'a>(lines: &[&'a str]) -> Option<Drawn<'a>> {
    let (first, inner) = lines.split_first()?;
    let (last, inner) = inner.split_last()?;
    let width = first.trim_end().len();
    if !is_border(last) || last.trim_end().len() != width {
        return None;
    }
    let columns = spans(first);
    let mut reader = Reader { columns: &columns, rows: Vec::new() };
    let (mut head, mut pending): (usize, Vec<&str>) = (0, Vec::new());
    let is_new_row = |line: &str| {
        let &(start, end) = columns.first()?;
        Some(!is_blank(Columns::of(line).slice(start, Some(end))))
    };
    for line in inner {
        if is_border(line) || is_span(line) {
            if line.trim_end().len() != width && is_border(line) {
                return None;
            }
            reader.row(&std::mem::take(&mut pending), Some(&spans(line)))?;
            if is_border(line) {
                if head > 0 {
                    return None;
                }
                head = reader.rows.len();
            }
        } else if is_new_row(line)? {
            reader.row(&std::mem::take(&mut pending), None)?;
            pending.push(line);
        } else if !pending.is_empty() || !is_blank(line) {
            // Text before the first row of a first column belongs to no row.
            pending.push(line);
        }
    }
    reader.row(&pending, None)?;
    Some(Drawn { rows: reader.rows, head })
}

struct Reader<'a, 'b> {
    columns: &'b [Span],
    rows: Vec<Vec<Area<'a>>>,
}

impl<'a> Reader<'a, '_> {
    /// Adds the row of these lines, its cells as the line below it says.
    fn row(&mut self, lines: &[&'a str], below: Option<&[Span]>) -> Option<()> {
        if lines.iter().all(|line| is_blank(line)) {
            return Some(());
        }
        let spans = below.unwrap_or(self.columns);
        let lines: Vec<Columns<'_>> = lines.iter().map(|line| Columns::of(line)).collect();
        let mut columns = self.columns.iter();
        let mut row = Vec::with_capacity(spans.len());
        for (number, &(start, end)) in spans.iter().enumerate() {
            let &(first, mut reached) = columns.next()?;
            let mut count = 1;
            let is_last = number + 1 == spans.len();
            while reached < end || (is_last && columns.len() > 0) {
                reached = columns.next()?.1;
                count += 1;
            }
            if first != start || (reached != end && !is_last) {
                return None;
            }
            let next = spans.get(number + 1).map(|(start, _)| *start);
            if next.is_some() && lines.iter().any(|line| !is_blank(line.slice(end, next))) {
                return None;
            }
            let end = (!is_last).then_some(end);
            let text = lines.iter().map(|line| line.slice(start, end)).collect();
            row.push(Area { rows: 1, columns: count, lines: stripped(text) });
        }
        self.rows.push(row);
        Some(())
    }
}
