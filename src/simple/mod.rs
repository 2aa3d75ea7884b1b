//! The simple repository API: one model of each page, its HTML and JSON, and the cache of ready
//! pages. Source: <https://packaging.python.org/en/latest/specifications/simple-repository-api/>

pub mod body;
pub mod cache;
mod compress;
mod confirmed;
pub mod follow;
mod html;
mod json;
mod offered;
mod page;
pub mod ready;
mod rendered;
pub mod root;
mod url;

pub use body::Body;
pub use cache::PageCache;
pub use offered::Offer;
pub use page::{PageFile, ProjectPage};
pub use ready::{Encodings, Form, Ready, Representations};
pub use rendered::Rendered;
pub use root::Root;
pub use url::file_url;

/// Version of the API that the pages speak, in both forms.
pub const API_VERSION: &str = "1.4";
