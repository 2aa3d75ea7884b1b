//! Tables: drawn as a grid, or with lines of equals signs, or given by directives.

mod data;
mod grid;
mod simple;

use super::Parser;
use super::block::literal;
use super::cursor::{Cursor, indent_of, is_blank};
use super::tree::{Block, Cell, Table};

/// A cell as it stands in the text.
#[derive(Debug, PartialEq)]
struct Area<'a> {
    rows: usize,
    columns: usize,
    lines: Vec<&'a str>,
}

/// The rows of a table, and how many of them are its head.
#[derive(Debug, PartialEq)]
struct Drawn<'a> {
    rows: Vec<Vec<Area<'a>>>,
    head: usize,
}

/// Whether a line is the top of a table.
pub(super) fn is_top(line: &str) -> bool {
    grid::is_border(line) || simple::is_top(line)
}

impl Parser {
    /// Whether a table begins here; it is read if so, and shown as it is where it is broken.
    pub(super) fn table(
        &mut self,
        cursor: &mut Cursor<'_>,
        line: &str,
        out: &mut Vec<Block>,
    ) -> bool {
        let start = cursor.place();
        let drawn = if grid::is_border(line) {
            let (lines, is_ended) = cursor.flush_left();
            let length = grid::length(lines);
            if !is_ended || length < lines.len() {
                self.trouble();
            }
            cursor.go_to(start + length);
            grid::read(lines.get(..length).unwrap_or_default())
        } else if simple::is_top(line) {
            simple::isolate(cursor);
            if cursor.line().is_some_and(|line| !is_blank(line)) {
                self.trouble();
            }
            simple::read(cursor.since(start))
        } else {
            return false;
        };
        if let Some(drawn) = drawn {
            let table = self.built(drawn);
            out.push(Block::Table(table));
        } else {
            self.trouble();
            out.push(literal(cursor.since(start)));
        }
        true
    }

    fn built(&mut self, drawn: Drawn<'_>) -> Table {
        let mut table = Table::default();
        for (number, row) in drawn.rows.into_iter().enumerate() {
            let cells = row.into_iter().map(|area| Cell {
                rows: area.rows,
                columns: area.columns,
                body: self.blocks(&area.lines, false),
            });
            let cells = cells.collect();
            if number < drawn.head { table.head.push(cells) } else { table.body.push(cells) }
        }
        table
    }
}

/// A line by columns: where the character of each column begins. A wide character takes two
/// columns, a combining one none.
#[derive(Debug)]
struct Columns<'a> {
    line: &'a str,
    /// Of each column: its character, and its place in the line.
    cells: Vec<(char, usize)>,
}

impl<'a> Columns<'a> {
    fn of(line: &'a str) -> Self {
        let mut cells = Vec::with_capacity(line.len());
        for (at, c) in line.char_indices() {
            match unicode_width::UnicodeWidthChar::width(c).unwrap_or(1) {
                0 => {}
                1 => cells.push((c, at)),
                _ => cells.extend([(c, at), ('\0', at + c.len_utf8())]),
            }
        }
        Self { line, cells }
    }

    fn len(&self) -> usize {
        self.cells.len()
    }

    fn at(&self, column: usize) -> Option<char> {
        self.cells.get(column).map(|(c, _)| *c)
    }

    fn byte(&self, column: usize) -> usize {
        self.cells.get(column).map_or(self.line.len(), |(_, at)| *at)
    }

    /// The text between two columns, or from one to the end.
    fn slice(&self, start: usize, end: Option<usize>) -> &'a str {
        let end = end.map_or(self.line.len(), |end| self.byte(end));
        self.line.get(self.byte(start)..end).unwrap_or_default()
    }
}

/// The lines of a cell, without the indentation that they share.
fn stripped(lines: Vec<&str>) -> Vec<&str> {
    let indent = lines.iter().filter(|line| !is_blank(line)).map(|line| indent_of(line)).min();
    let indent = indent.unwrap_or(0);
    lines.into_iter().map(|line| line.get(indent..).unwrap_or_default().trim_end()).collect()
}
