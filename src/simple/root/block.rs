//! A stretch of the list of all projects, in both forms.

use std::fmt::Write;

use super::piece::Piece;
use crate::packaging::NormalizedName;
use crate::simple::html;

/// Projects of a block. Changing one of them renders and compresses all of its block: about 50 kB
/// in each form, a few milliseconds.
pub(super) const BLOCK: usize = 1_000;

/// A project in the list: name, normalized name and serial (0: not hosted here).
pub(super) type Row = (String, NormalizedName, i64);

/// A stretch of the list. It reaches from its first name to the first name of the next block.
#[derive(Debug)]
pub(super) struct Block {
    /// Its first name when it was made. The names before the first block's belong to that.
    pub(super) first: NormalizedName,
    /// Projects in it.
    pub(super) count: usize,
    /// What stands between the brackets, without a comma at either end.
    pub(super) json: Piece,
    /// The anchors, a line each.
    pub(super) html: Piece,
}

impl Block {
    /// Renders rows; `None` where there are none.
    pub(super) fn of(rows: &[Row], prefix: &str) -> Option<Self> {
        let (_, first, _) = rows.first()?;
        let (mut json, mut html) = (String::new(), String::new());
        for (name, normalized, serial) in rows {
            let comma = if json.is_empty() { "" } else { "," };
            // A name is ASCII letters, digits and `._-`: nothing in it needs escaping in JSON.
            // (Writing to a String does not fail.)
            let _ = write!(json, "{comma}{{\"_last-serial\":{serial},\"name\":\"{name}\"}}");
            html::index_anchor(&mut html, prefix, name, normalized);
        }
        let (json, html) = (Piece::new(json), Piece::new(html));
        Some(Self { first: first.clone(), count: rows.len(), json, html })
    }

    pub(super) fn deflate(&self) {
        self.json.deflate();
        self.html.deflate();
    }
}
