//! The list of all projects, kept ready.
//!
//! It is made of blocks. A change renders and compresses the blocks that it touches and no others,
//! found by the journal: what the list shows is always the state at one serial. Names from
//! elsewhere stand between those of the projects that are hosted here.

mod block;
mod cached;
mod piece;

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use crate::catalog::journal;
use crate::catalog::project::Project;
use crate::db::Conn;
use crate::error::Result;
use crate::packaging::NormalizedName;

use super::elsewhere::{Elsewhere, Names};
use super::ready::Representations;
use super::{API_VERSION, html};
use block::{BLOCK, Block, Row};
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
    names: Names,
    blocks: Vec<Arc<Block>>,
    is_deflated: bool,
}

/// What a list is made of beside the database.
#[derive(Clone, Copy)]
pub(super) struct Of<'a> {
    prefix: &'a str,
    elsewhere: Option<&'a dyn Elsewhere>,
}

/// From one name on, and before another.
type Stretch<'a> = (Option<&'a NormalizedName>, Option<&'a NormalizedName>);

impl Root {
    /// Reads the whole list. It is not compressed yet.
    fn load(c: &mut Conn, of: &Of<'_>) -> Result<Self> {
        let names = of.names(c, &Names::default())?;
        Self::load_with(c, of, names)
    }

    fn load_with(c: &mut Conn, of: &Of<'_>, names: Names) -> Result<Self> {
        let serial = journal::last_serial(c)?;
        let mut blocks = Vec::new();
        let mut from: Option<NormalizedName> = None;
        loop {
            // One row more than fits tells where the next stretch begins.
            let mut rows = Project::list(c, (from.as_ref(), None), Some(BLOCK + 1))?;
            let next = rows.get(BLOCK).map(|(_, name, _)| name.clone());
            rows.truncate(BLOCK);
            let rows = with_names(rows, &names, (from.as_ref(), next.as_ref()));
            let of_rows = |rows: &[Row]| Block::of(rows, of.prefix).map(Arc::new);
            blocks.extend(rows.chunks(BLOCK).filter_map(of_rows));
            from = next;
            if from.is_none() {
                // A list of one block is compressed in no time.
                let is_deflated = blocks.len() <= 1;
                return Ok(Self::of((serial, names), blocks, is_deflated));
            }
        }
    }

    /// The list as it is now, made from an older one. Blocks that nothing touched are shared.
    fn update(&self, c: &mut Conn, of: &Of<'_>) -> Result<Self> {
        let names = of.names(c, &self.names)?;
        let mut changed: BTreeSet<_> = if names.serial == self.names.serial {
            BTreeSet::new()
        } else {
            names.names.symmetric_difference(&self.names.names).cloned().collect()
        };
        let mut serial = self.serial;
        let projects: usize = self.blocks.iter().map(|block| block.count).sum();
        loop {
            if changed.len() > BLOCK.max(projects / MOST_CHANGED) {
                return Self::load_with(c, of, names);
            }
            let (more, last) = journal::changed_since(c, serial, JOURNAL_ROWS)?;
            if last == serial {
                break;
            }
            changed.extend(more);
            serial = last;
        }
        let touched: BTreeSet<_> = changed.iter().map(|name| self.block_of(name)).collect();
        let mut blocks = Vec::with_capacity(self.blocks.len() + 1);
        for (number, block) in self.blocks.iter().enumerate() {
            if touched.contains(&number) {
                blocks.extend(self.reread(c, number, of.prefix, &names)?);
            } else {
                blocks.push(block.clone());
            }
        }
        if self.blocks.is_empty() {
            blocks = self.reread(c, 0, of.prefix, &names)?;
        }
        Ok(Self::of((serial, names), blocks, self.is_deflated))
    }

    /// The number of the block that a name belongs to.
    fn block_of(&self, name: &NormalizedName) -> usize {
        self.blocks.partition_point(|block| block.first <= *name).saturating_sub(1)
    }

    fn reread(
        &self,
        c: &mut Conn,
        number: usize,
        prefix: &str,
        names: &Names,
    ) -> Result<Vec<Arc<Block>>> {
        let from = (number > 0).then(|| self.blocks.get(number)).flatten();
        let to = self.blocks.get(number + 1).map(|block| &block.first);
        let stretch = (from.map(|block| &block.first), to);
        let rows = with_names(Project::list(c, stretch, None)?, names, stretch);
        // A block that has grown too large becomes several.
        let size = if rows.len() > 2 * BLOCK { BLOCK } else { rows.len().max(1) };
        let blocks = rows.chunks(size).filter_map(|rows| Block::of(rows, prefix).map(Arc::new));
        Ok(blocks.collect())
    }

    /// The same list with its blocks compressed.
    fn deflate(&self) -> Self {
        Self::of((self.serial, self.names.clone()), self.blocks.clone(), true)
    }

    /// Whether both show the same state.
    fn is_same(&self, other: &Self) -> bool {
        (self.serial, self.names.serial) == (other.serial, other.names.serial)
    }

    fn of((serial, names): (i64, Names), blocks: Vec<Arc<Block>>, is_deflated: bool) -> Self {
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
        Self { html, json, serial, names, blocks, is_deflated }
    }
}

impl Of<'_> {
    fn names(&self, c: &mut Conn, known: &Names) -> Result<Names> {
        self.elsewhere.map_or_else(|| Ok(Names::default()), |elsewhere| elsewhere.names(c, known))
    }
}

/// Rows of a stretch with the names from elsewhere in it; what is hosted here goes first.
fn with_names(mut rows: Vec<Row>, names: &Names, (from, before): Stretch<'_>) -> Vec<Row> {
    let from = from.map_or(Bound::Unbounded, Bound::Included);
    let before = before.map_or(Bound::Unbounded, Bound::Excluded);
    let hosted = rows.len();
    let found = names.names.range::<NormalizedName, _>((from, before));
    let others: Vec<Row> = found
        .filter(|name| rows.binary_search_by(|(_, known, _)| known.cmp(name)).is_err())
        .map(|name| (name.as_str().to_owned(), name.clone(), 0))
        .collect();
    rows.extend(others);
    if rows.len() > hosted {
        rows.sort_unstable_by(|(_, one, _), (_, other, _)| one.cmp(other));
    }
    rows
}
