//! The page of a project, rendered from one read of the database.

use std::sync::atomic::{AtomicBool, Ordering};

use super::offered::Offers;
use super::page::ProjectPage;
use super::ready::Representations;
use super::{html, json};
use crate::db::ProjectId;
use crate::error::Result;

/// A page that is larger than this as it is gets compressed after it was first sent: an installer
/// that waits for it waits for nothing else.
const COMPRESSED_AT_ONCE: usize = 256 * 1024;

/// The page of a project in all its representations.
#[derive(Debug)]
pub struct Rendered {
    /// The project.
    pub id: ProjectId,
    /// As HTML.
    pub html: Representations,
    /// As JSON.
    pub json: Representations,
    /// The serial that it shows.
    pub serial: i64,
    /// The files that it offers.
    pub files: Offers,
    /// Whether somebody compresses it.
    is_taken: AtomicBool,
}

impl Rendered {
    /// Renders a page; compresses it, too, unless it is large.
    pub fn project(page: &ProjectPage, prefix: &str) -> Result<Self> {
        let rendered = Self {
            id: page.id,
            html: Representations::of(html::project(page, prefix)?),
            json: Representations::of(json::project(page, prefix)?),
            serial: page.serial,
            files: Offers::of(&page.files),
            is_taken: AtomicBool::new(false),
        };
        if !rendered.is_large() {
            rendered.compress();
        }
        Ok(rendered)
    }

    fn is_large(&self) -> bool {
        self.html.identity_size().max(self.json.identity_size()) > COMPRESSED_AT_ONCE
    }

    /// Whether it is still to be compressed. The first who asks is told so, and does it.
    pub(super) fn is_left_to_compress(&self) -> bool {
        self.is_large() && !self.is_taken.swap(true, Ordering::Relaxed)
    }

    /// Makes the compressed representations, JSON first: that is what installers ask for.
    pub(super) fn compress(&self) {
        self.json.compress();
        self.html.compress();
    }

    /// Bytes that it keeps in memory.
    pub fn size(&self) -> usize {
        self.html.size() + self.json.size() + self.files.size()
    }
}
