//! Sound and hostile archives.

mod build;
mod corpus;
mod hostile;
mod mutated;
mod pieces;
mod valid;

use std::io::Cursor;

use crate::packaging::archive::{ArchiveError, read_metadata};
use crate::packaging::{Filename, NormalizedName};

/// Reads an archive under the name that all archives of these tests have.
fn read(bytes: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    read_named(bytes, "foo-1.0.tar.gz", "foo")
}

fn read_named(bytes: &[u8], filename: &str, project: &str) -> Result<Vec<u8>, ArchiveError> {
    let Some(project) = NormalizedName::parse(project) else { panic!("{project}") };
    let Ok(filename) = Filename::parse(filename, &project) else { panic!("{filename}") };
    read_metadata(Cursor::new(bytes), bytes.len() as u64, &filename)
}
