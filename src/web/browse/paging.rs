//! Long lists, page by page.

use std::ops::Range;

use url::form_urlencoded;

use crate::error::{Error, Result};

/// Where a page of a list stands among the others.
pub(super) struct Paging {
    /// The number of this page, from 1 on.
    pub(super) page: usize,
    /// How many there are.
    pub(super) pages: usize,
    /// Entries on a full page.
    size: usize,
    /// Entries of the whole list.
    pub(super) count: usize,
}

impl Paging {
    /// The page that `?page=` asks for of a list of `count` entries, `size` on each.
    pub(super) fn of(query: &str, count: usize, size: usize) -> Result<Self> {
        let page = asked(query)?;
        let pages = count.div_ceil(size).max(1);
        if page > pages {
            return Err(Error::not_found(format!("This list has no page {page}.")));
        }
        Ok(Self { page, pages, size, count })
    }

    /// Which entries are on it.
    pub(super) fn range(&self) -> Range<usize> {
        let start = (self.page - 1) * self.size;
        start..self.count.min(start + self.size)
    }

    /// Those entries of the whole list.
    pub(super) fn cut<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        all.get(self.range()).unwrap_or_default()
    }

    /// The page before.
    pub(super) fn before(&self) -> Option<usize> {
        (self.page > 1).then(|| self.page - 1)
    }

    /// The page after.
    pub(super) fn after(&self) -> Option<usize> {
        (self.page < self.pages).then(|| self.page + 1)
    }
}

/// The number of the page that a query asks for.
pub(super) fn asked(query: &str) -> Result<usize> {
    let Some(text) = parameter(query, "page") else { return Ok(1) };
    let page = text.parse().ok().filter(|page| *page > 0);
    page.ok_or_else(|| Error::not_found("This list has no such page."))
}

/// The first parameter of that name in a query.
pub(super) fn parameter(query: &str, wanted: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_the_pages_it_needs() {
        let range = |query, count| Paging::of(query, count, 10).ok().map(|it| it.range());
        assert_eq!(range("", 0), Some(0..0));
        assert_eq!(range("page=1", 10), Some(0..10));
        assert_eq!(range("page=2", 10), None);
        assert_eq!(range("x=1&page=2", 11), Some(10..11));
        for bad in ["page=0", "page=", "page=-1", "page=x", "page=99999999999999999999999"] {
            assert_eq!(range(bad, 100), None, "{bad}");
        }
    }
}
