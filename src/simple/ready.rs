//! Pages as ready bytes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::page::{IndexPage, ProjectPage};
use super::{html, json};
use crate::error::Result;

/// Bytes of the digest that an ETag carries: 128 bits tell any two pages apart.
const ETAG_BYTES: usize = 16;

/// One representation of a page, ready to be sent.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The body. Cloning it copies nothing.
    pub body: Bytes,
    /// Its strong ETag, with the quotes.
    pub etag: String,
}

/// A page in all its representations, rendered from one read of the database.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// As HTML.
    pub html: Ready,
    /// As JSON.
    pub json: Ready,
    /// The serial that it shows.
    pub serial: i64,
}

impl Ready {
    fn new(text: String) -> Self {
        let digest = Sha256::digest(text.as_bytes());
        let short = digest.iter().copied().take(ETAG_BYTES).collect::<Vec<u8>>();
        Self { etag: format!("\"{}\"", URL_SAFE_NO_PAD.encode(short)), body: text.into() }
    }
}

impl Rendered {
    /// Renders the page of a project.
    pub fn project(page: &ProjectPage, prefix: &str) -> Result<Self> {
        Ok(Self {
            html: Ready::new(html::project(page, prefix)?),
            json: Ready::new(json::project(page, prefix)?),
            serial: page.serial,
        })
    }

    /// Renders the list of all projects.
    pub fn index(page: &IndexPage, prefix: &str) -> Result<Self> {
        Ok(Self {
            html: Ready::new(html::index(page, prefix)?),
            json: Ready::new(json::index(page)?),
            serial: page.serial,
        })
    }

    /// Bytes that it keeps in memory.
    pub fn size(&self) -> usize {
        self.html.body.len() + self.json.body.len()
    }
}
