//! Rendered descriptions, kept for a while.

use std::sync::{Arc, LazyLock};

use moka::sync::Cache;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};
use crate::markup;
use crate::packaging::CoreMetadata;

/// Bytes of HTML that are kept: some thousand descriptions of usual length.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// Longest HTML that is kept, so that a few giants do not push all others out.
const LONGEST: usize = 1024 * 1024;
/// What an entry weighs beside its HTML.
const OVERHEAD: usize = 256;
/// How many are rendered at the same time: hostile ones take a fifth of a second of a core each.
const AT_ONCE: usize = 2;

type Key = [u8; 32];

/// HTML by the digest of what it is made of: so it is never stale, whatever changes in a release.
static RENDERED: LazyLock<Cache<Key, Arc<str>>> = LazyLock::new(|| {
    Cache::builder()
        .max_capacity(MOST_BYTES)
        .weigher(|_: &Key, html: &Arc<str>| {
            u32::try_from(html.len() + OVERHEAD).unwrap_or(u32::MAX)
        })
        .build()
});
static RENDERING: Semaphore = Semaphore::const_new(AT_ONCE);

/// The description of a release as HTML that is safe to stand in a page.
pub(super) async fn html(metadata: &CoreMetadata) -> Result<Arc<str>> {
    let text = metadata.description();
    let content_type = metadata.one("description-content-type");
    let key = key(text, content_type);
    if let Some(html) = RENDERED.get(&key) {
        return Ok(html);
    }
    let failed = |error| Error::internal("rendering a description", error);
    let permit = RENDERING.acquire().await.map_err(|error| failed(error.to_string()))?;
    // Who waited finds what another has made meanwhile.
    if let Some(html) = RENDERED.get(&key) {
        return Ok(html);
    }
    let (text, content_type) = (text.to_owned(), content_type.map(str::to_owned));
    // A long description takes a while: not on the thread that serves everyone. The permit goes
    // along, so that it lasts as long as the work, also where nobody waits for it any more.
    let rendering = move || {
        let html: Arc<str> = reachable(&markup::render(&text, content_type.as_deref())).into();
        if html.len() <= LONGEST {
            RENDERED.insert(key, html.clone());
        }
        drop(permit);
        html
    };
    tokio::task::spawn_blocking(rendering).await.map_err(|error| failed(error.to_string()))
}

/// What is wider than the page scrolls by itself, which must be possible with the keyboard too.
/// No quotes are added: the same characters may stand in the value of an attribute.
fn reachable(html: &str) -> String {
    html.replace("<pre>", "<pre tabindex=0>").replace("<table>", "<table tabindex=0>")
}

fn key(text: &str, content_type: Option<&str>) -> Key {
    let mut digest = Sha256::new();
    digest.update([u8::from(content_type.is_some())]);
    digest.update(Sha256::digest(content_type.unwrap_or_default().as_bytes()));
    digest.update(text.as_bytes());
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_type_counts_and_the_second_time_is_the_same_html() -> Result<()> {
        let metadata = |kind: &str| {
            CoreMetadata::parse(format!("Description-Content-Type: {kind}\n\n*it*\n").as_bytes())
        };
        let first = html(&metadata("text/markdown")).await?;
        assert!(first.contains("<em>it</em>"), "{first}");
        assert!(Arc::ptr_eq(&first, &html(&metadata("text/markdown")).await?));
        assert!(!html(&metadata("text/plain")).await?.contains("<em>"));
        assert!(!html(&CoreMetadata::default()).await?.contains("it"));
        Ok(())
    }
}
