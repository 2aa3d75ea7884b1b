//! Where the server of a data folder is reached. It is told so by a flag perhaps, which commands
//! know nothing of that make links: they look here where `public_url` is not set.

use std::path::Path;

use super::place::PublicUrl;

/// The file in the data folder.
const FILE: &str = "serving";

/// Notes where the server is reached that begins now.
pub fn note(data: &Path, url: &PublicUrl) -> std::io::Result<()> {
    std::fs::write(data.join(FILE), format!("{url}\n"))
}

/// Where the last server was reached.
pub(super) fn noted(data: &Path) -> Option<PublicUrl> {
    PublicUrl::parse(&std::fs::read_to_string(data.join(FILE)).ok()?)
}
