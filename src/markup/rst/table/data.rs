//! Tables given by directives: a list of lists, or values with commas between.

use super::super::Parser;
use super::super::block::literal;
use super::super::cursor::is_blank;
use super::super::directive::Directive;
use super::super::tree::{Block, Cell, Table};

/// Cells that a table of values may have.
const MOST_CELLS: usize = 50_000;

impl Parser {
    /// `.. table::`: a table with a title.
    pub(in super::super) fn titled_table(&mut self, it: &Directive<'_>, out: &mut Vec<Block>) {
        let title = self.inlines(&it.argument);
        let mut blocks = self.blocks(&it.content, false);
        match blocks.iter_mut().find_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        }) {
            Some(table) => table.title = title,
            None => self.trouble(),
        }
        out.append(&mut blocks);
    }

    /// `.. list-table::`: a list of rows, each a list of cells.
    pub(in super::super) fn list_table(&mut self, it: &Directive<'_>, out: &mut Vec<Block>) {
        let blocks = self.blocks(&it.content, false);
        let mut rows = Vec::new();
        if let [Block::Bullets(items)] = blocks.as_slice() {
            for item in items {
                let [Block::Bullets(cells)] = item.as_slice() else { break };
                rows.push(cells.iter().map(|body| cell(body.clone())).collect::<Vec<_>>());
            }
            if rows.len() == items.len() && rows.iter().all(|row| row.len() == rows_width(&rows)) {
                return self.push_table(it, rows, it.number("header-rows"), out);
            }
        }
        self.trouble();
        out.push(literal(&it.content));
    }

    /// `.. csv-table::`: values with commas between. Files are not read.
    pub(in super::super) fn csv_table(&mut self, it: &Directive<'_>, out: &mut Vec<Block>) {
        if it.options.contains_key("file") || it.options.contains_key("url") {
            return self.trouble();
        }
        let delimiter = match it.options.get("delim").map(String::as_str) {
            Some("tab") => '\t',
            Some("space") => ' ',
            Some(other) => other.chars().next().unwrap_or(','),
            None => ',',
        };
        let quote = it.options.get("quote").and_then(|it| it.chars().next()).unwrap_or('"');
        let header = it.options.get("header").map(String::as_str).unwrap_or_default();
        let mut values = read(header, delimiter, quote);
        let head = values.len() + it.number("header-rows");
        values.append(&mut read(&it.content.join("\n"), delimiter, quote));
        let width = values.iter().map(Vec::len).max().unwrap_or(0);
        if width * values.len() > MOST_CELLS || values.is_empty() {
            self.trouble();
            return out.push(literal(&it.content));
        }
        let mut rows = Vec::with_capacity(values.len());
        for mut row in values {
            row.resize(width, String::new());
            let cells = row.iter().map(|text| {
                let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
                cell(self.blocks(&lines, false))
            });
            rows.push(cells.collect());
        }
        self.push_table(it, rows, head, out);
    }

    fn push_table(
        &mut self,
        it: &Directive<'_>,
        mut rows: Vec<Vec<Cell>>,
        head: usize,
        out: &mut Vec<Block>,
    ) {
        let body = rows.split_off(head.min(rows.len()));
        let title = self.inlines(&it.argument);
        let stubs = it.number("stub-columns");
        out.push(Block::Table(Table { title, head: rows, body, stubs }));
    }
}

fn cell(body: Vec<Block>) -> Cell {
    Cell { rows: 1, columns: 1, body }
}

fn rows_width(rows: &[Vec<Cell>]) -> usize {
    rows.first().map_or(0, Vec::len)
}

/// Rows of values. A value in quotes may have delimiters and line ends in it, and quotes that are
/// doubled.
fn read(text: &str, delimiter: char, quote: char) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut chars = text.chars().peekable();
    let (mut is_quoted, mut is_start) = (false, true);
    while let Some(c) = chars.next() {
        let Some(value) = rows.last_mut().and_then(|row| row.last_mut()) else { break };
        let was_start = std::mem::take(&mut is_start);
        if is_quoted {
            if c != quote {
                value.push(c);
            } else if chars.next_if_eq(&quote).is_some() {
                value.push(quote);
            } else {
                is_quoted = false;
            }
        } else if c == quote && was_start {
            is_quoted = true;
        } else if c == '\n' {
            rows.push(vec![String::new()]);
            is_start = true;
        } else if c == delimiter {
            rows.last_mut().into_iter().for_each(|row| row.push(String::new()));
            is_start = true;
        } else if was_start && c == ' ' {
            // Spaces before a value are no part of it.
            is_start = true;
        } else {
            value.push(c);
        }
    }
    rows.retain(|row| row.len() > 1 || row.iter().any(|value| !is_blank(value)));
    rows
}
