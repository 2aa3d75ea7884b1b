//! The simple repository API: one model of each page, its HTML and JSON, and the cache of ready
//! pages. Source: <https://packaging.python.org/en/latest/specifications/simple-repository-api/>

mod address;
pub mod body;
pub mod cache;
mod compress;
mod confirmed;
mod elsewhere;
pub mod follow;
mod html;
mod json;
mod offered;
mod page;
pub mod ready;
mod rendered;
pub mod root;
mod shown;
mod url;

pub use address::Address;
pub use body::Body;
pub use cache::PageCache;
pub use elsewhere::{Elsewhere, Names};
pub use offered::{Offer, Stored};
pub use page::{PageFile, ProjectPage, SHA256};
pub use ready::{Encodings, Form, Ready, Representations};
pub use rendered::Rendered;
pub use root::Root;
pub use shown::{Shown, Stale};
pub use url::{address_url, file_url};

/// Version of the API that the pages speak, in both forms.
pub const API_VERSION: &str = "1.4";
