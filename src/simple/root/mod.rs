//! The list of all projects, kept ready.
//!
//! It is made of blocks. A change renders and compresses the blocks that it touches and no others,
//! found by the journal: what the list shows is always the state at one serial.

mod block;
mod cached;
mod piece;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::journal;
use crate::catalog::project::Project;
use crate::db::Conn;
use crate::error::Result;
use crate::packaging::NormalizedName;

use super::ready::Representations;
use super::{API_VERSION, html};
use block::{BLOCK, Block};
pub(super) use cached::CachedRoot;
use piece::Piece;

/// Rows of the journal that are read at once.
const JOURNAL_ROWS: i64 = 10_000;
/// Where more than one in so many projects changed, all is made anew.
const MOST_CHANGED: usize = 4;

/// The list of all projects at one serial.
#[derive(Debug)]
pub struct Root {
    /// As HTML.
    pub html: Representations,
    /// As JSON.
    pub json: Representations,
    /// The last serial of the index when it was read.
    pub serial: i64,
    blocks: Vec<Arc<Block>>,
    is_deflated: bool,
}

impl Root {
    /// Reads the whole list. It is not compressed yet.
    fn load(c: &mut Conn, prefix: &str) -> Result<Self> {
        let serial = journal::last_serial(c)?;
        let mut blocks = Vec::new();
        let mut from = None;
        loop {
            // One row more than fits tells where the next block begins.
            let mut rows = Project::list(c, (from.as_ref(), None), Some(BLOCK + 1))?;
            from = rows.get(BLOCK).map(|(_, name, _)| name.clone());
            rows.truncate(BLOCK);
            blocks.extend(Block::of(&rows, prefix).map(Arc::new));
            if from.is_none() {
                // A list of one block is compressed in no time.
                let is_deflated = blocks.len() <= 1;
                return Ok(Self::of(serial, blocks, is_deflated));
            }
        }
    }

    /// The list as it is now, made from an older one. Blocks that nothing touched are shared.
    fn update(&self, c: &mut Conn, prefix: &str) -> Result<Self> {
        let mut names = BTreeSet::new();
        let mut serial = self.serial;
        let projects: usize = self.blocks.iter().map(|block| block.count).sum();
        loop {
            let (changed, last) = journal::changed_since(c, serial, JOURNAL_ROWS)?;
            names.extend(changed);
            if names.len() > BLOCK.max(projects / MOST_CHANGED) {
                return Self::load(c, prefix);
            }
            if last == serial {
                break;
            }
            serial = last;
        }
        let touched: BTreeSet<_> = names.iter().map(|name| self.block_of(name)).collect();
        let mut blocks = Vec::with_capacity(self.blocks.len() + 1);
        for (number, block) in self.blocks.iter().enumerate() {
            if touched.contains(&number) {
                blocks.extend(self.reread(c, number, prefix)?);
            } else {
                blocks.push(block.clone());
            }
        }
        if self.blocks.is_empty() {
            blocks = self.reread(c, 0, prefix)?;
        }
        Ok(Self::of(serial, blocks, self.is_deflated))
    }

    /// The number of the block that a name belongs to.
    fn block_of(&self, name: &NormalizedName) -> usize {
        self.blocks.partition_point(|block| block.first <= *name).saturating_sub(1)
    }

    fn reread(&self, c: &mut Conn, number: usize, prefix: &str) -> Result<Vec<Arc<Block>>> {
        let from = (number > 0).then(|| self.blocks.get(number)).flatten();
        let to = self.blocks.get(number + 1).map(|block| &block.first);
        let rows = Project::list(c, (from.map(|block| &block.first), to), None)?;
        // A block that has grown too large becomes several.
        let size = if rows.len() > 2 * BLOCK { BLOCK } else { rows.len().max(1) };
        let blocks = rows.chunks(size).filter_map(|rows| Block::of(rows, prefix).map(Arc::new));
        Ok(blocks.collect())
    }

    /// The same list with its blocks compressed.
    fn deflate(&self) -> Self {
        Self::of(self.serial, self.blocks.clone(), true)
    }

    fn of(serial: i64, blocks: Vec<Arc<Block>>, is_deflated: bool) -> Self {
        let meta = format!("{{\"_last-serial\":{serial},\"api-version\":\"{API_VERSION}\"}}");
        let json_head = Piece::new(format!("{{\"meta\":{meta},\"projects\":["));
        let (comma, json_tail) = (Piece::new(",".to_owned()), Piece::new("]}".to_owned()));
        let (html_head, html_tail) = html::index_frame();
        let (html_head, html_tail) = (Piece::new(html_head), Piece::new(html_tail));
        if is_deflated {
            for piece in [&json_head, &comma, &json_tail, &html_head, &html_tail] {
                piece.deflate();
            }
            for block in &blocks {
                block.deflate();
            }
        }
        let mut json = vec![&json_head];
        let mut html = vec![&html_head];
        for (number, block) in blocks.iter().enumerate() {
            if number > 0 {
                json.push(&comma);
            }
            json.push(&block.json);
            html.push(&block.html);
        }
        json.push(&json_tail);
        html.push(&html_tail);
        let (json, html) = (piece::join(&json), piece::join(&html));
        Self { html, json, serial, blocks, is_deflated }
    }
}
