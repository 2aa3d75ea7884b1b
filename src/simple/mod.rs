//! The simple repository API: one model of each page, its HTML and JSON, and the cache of ready
//! pages. Source: <https://packaging.python.org/en/latest/specifications/simple-repository-api/>

pub mod cache;
pub mod follow;
mod html;
mod json;
mod page;
mod ready;
mod url;

pub use cache::PageCache;
pub use page::{IndexPage, PageFile, ProjectPage};
pub use ready::{Ready, Rendered};
pub use url::file_url;

/// Version of the API that the pages speak, in both forms.
pub const API_VERSION: &str = "1.4";
