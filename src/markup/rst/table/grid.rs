//! Tables that are drawn: `+---+` and `|` around every cell.

use std::collections::{BTreeMap, BTreeSet};

use super::{Area, Columns, Drawn, stripped};

/// Signs that are looked at while cells are traced, for each sign of the table and over all; more
/// than any table needs whose cells are where they seem.
const STEPS_A_SIGN: usize = 16;

/// Whether a line is the upper or lower border: `+---+---+`.
pub(super) fn is_border(line: &str) -> bool {
    is_ruled(line, '-')
}

fn is_ruled(line: &str, sign: char) -> bool {
    let line = line.trim_end();
    line.len() >= 5
        && line
            .strip_prefix(&format!("+{sign}"))
            .is_some_and(|it| it.ends_with(&format!("{sign}+")))
        && line.chars().all(|c| c == '+' || c == sign)
}

/// How many of the lines are the table: up to its lower border, all where it has none.
pub(super) fn length(lines: &[&str]) -> usize {
    let edged = lines.iter().take_while(|line| line.starts_with(['+', '|'])).count();
    let last = lines.iter().take(edged).rposition(|line| is_border(line));
    last.filter(|last| *last > 1).map_or(edged, |last| last + 1)
}

/// The cells of the table; nothing where its lines do not meet.
pub(super) fn read<'a>(lines: &[&'a str]) -> Option<Drawn<'a>> {
    let rows: Vec<Columns<'_>> = lines.iter().map(|line| Columns::of(line.trim_end())).collect();
    let width = rows.first()?.len();
    if rows.iter().any(|row| row.len() != width || !matches!(row.at(width - 1), Some('+' | '|'))) {
        return None;
    }
    let mut rules = lines.iter().enumerate().filter(|(_, line)| is_ruled(line, '='));
    let head = rules.next().map(|(at, _)| at);
    if rules.next().is_some() || head == Some(0) || head == Some(rows.len() - 1) {
        return None;
    }
    let mut tracer = Tracer {
        bottom: rows.len() - 1,
        right: width - 1,
        head,
        steps: rows.len() * width * STEPS_A_SIGN,
        rows: &rows,
        row_lines: BTreeSet::from([0]),
        column_lines: BTreeSet::from([0]),
    };
    let cells = tracer.cells()?;
    let row_at = numbered(&tracer.row_lines);
    let column_at = numbered(&tracer.column_lines);
    let mut drawn: Vec<Vec<Area<'_>>> = Vec::new();
    drawn.resize_with(tracer.row_lines.len() - 1, Vec::new);
    for Traced { top, left, bottom, right } in cells {
        let row = *row_at.get(&top)?;
        let inside = rows.get(top + 1..bottom)?;
        let lines = inside.iter().map(|row| row.slice(left + 1, Some(right))).collect();
        drawn.get_mut(row)?.push(Area {
            rows: row_at.get(&bottom)? - row,
            columns: column_at.get(&right)? - column_at.get(&left)?,
            lines: stripped(lines),
        });
    }
    Some(Drawn { rows: drawn, head: head.and_then(|at| row_at.get(&at).copied()).unwrap_or(0) })
}

fn numbered(lines: &BTreeSet<usize>) -> BTreeMap<usize, usize> {
    lines.iter().enumerate().map(|(number, line)| (*line, number)).collect()
}

#[derive(Debug, Clone, Copy)]
struct Traced {
    top: usize,
    left: usize,
    bottom: usize,
    right: usize,
}

/// Follows the lines around each cell.
struct Tracer<'a, 'b> {
    rows: &'b [Columns<'a>],
    bottom: usize,
    right: usize,
    head: Option<usize>,
    /// Signs that may still be looked at.
    steps: usize,
    row_lines: BTreeSet<usize>,
    column_lines: BTreeSet<usize>,
}

impl Tracer<'_, '_> {
    /// All cells, from top to bottom and left to right.
    fn cells(&mut self) -> Option<Vec<Traced>> {
        let mut done: Vec<usize> = vec![0; self.right];
        let mut corners = BTreeSet::from([(0, 0)]);
        let mut cells = Vec::new();
        while let Some((top, left)) = corners.pop_first() {
            if top == self.bottom || left == self.right || done.get(left)? > &top {
                continue;
            }
            let Some(cell) = self.trace(top, left) else {
                self.steps.checked_sub(1)?;
                continue;
            };
            for seen in done.get_mut(left..cell.right)? {
                if *seen != top {
                    return None;
                }
                *seen = cell.bottom;
            }
            cells.push(cell);
            corners.extend([(top, cell.right), (cell.bottom, left)]);
        }
        done.iter().all(|seen| *seen == self.bottom).then_some(cells)
    }

    fn sign(&mut self, row: usize, column: usize) -> Option<char> {
        self.steps = self.steps.checked_sub(1)?;
        let sign = self.rows.get(row)?.at(column)?;
        // The line under the head is as any other.
        Some(if sign == '=' && self.head == Some(row) { '-' } else { sign })
    }

    fn trace(&mut self, top: usize, left: usize) -> Option<Traced> {
        let mut crossed = Vec::new();
        for right in left + 1..=self.right {
            match self.sign(top, right)? {
                '+' => {
                    crossed.push(right);
                    if let Some(bottom) = self.down(top, left, right) {
                        self.column_lines.extend(crossed);
                        return Some(Traced { top, left, bottom, right });
                    }
                }
                '-' => {}
                _ => return None,
            }
        }
        None
    }

    fn down(&mut self, top: usize, left: usize, right: usize) -> Option<usize> {
        let mut crossed = Vec::new();
        for bottom in top + 1..=self.bottom {
            match self.sign(bottom, right)? {
                '+' => {
                    crossed.push(bottom);
                    if let Some((columns, rows)) = self.back(top, left, bottom, right) {
                        self.row_lines.extend(crossed.into_iter().chain(rows));
                        self.column_lines.extend(columns);
                        return Some(bottom);
                    }
                }
                '|' => {}
                _ => return None,
            }
        }
        None
    }

    /// Along the lower and left side: the lines that are crossed.
    fn back(
        &mut self,
        top: usize,
        left: usize,
        bottom: usize,
        right: usize,
    ) -> Option<(Vec<usize>, Vec<usize>)> {
        let (mut columns, mut rows) = (Vec::new(), Vec::new());
        for column in (left + 1..right).rev() {
            match self.sign(bottom, column)? {
                '+' => columns.push(column),
                '-' => {}
                _ => return None,
            }
        }
        if self.sign(bottom, left)? != '+' {
            return None;
        }
        for row in (top + 1..bottom).rev() {
            match self.sign(row, left)? {
                '+' => rows.push(row),
                '|' => {}
                _ => return None,
            }
        }
        Some((columns, rows))
    }
}
