//! Long lists, cut into pages by number.

use serde::Deserialize;

/// Which page, as the address says.
#[derive(Deserialize)]
pub(super) struct Asked {
    page: Option<String>,
}

/// One page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paging {
    /// Its number, from 1.
    pub(super) page: usize,
    /// How many there are, at least 1.
    pub(super) pages: usize,
    size: usize,
}

impl Asked {
    /// The first page.
    pub(super) fn first() -> Self {
        Self { page: None }
    }

    /// The page of a list of so many. What is no number is the first page; what is beyond the last
    /// one is that.
    pub(super) fn of(&self, count: usize, size: usize) -> Paging {
        let pages = count.div_ceil(size).max(1);
        let page = self.page.as_deref().and_then(|text| text.parse().ok()).unwrap_or(1);
        Paging { page: usize::clamp(page, 1, pages), pages, size }
    }
}

impl Paging {
    /// How many entries are left out before it, and how many are on it at most.
    pub(super) fn window(&self) -> (usize, usize) {
        ((self.page - 1) * self.size, self.size)
    }

    /// The same as the database counts.
    pub(super) fn rows(&self) -> (i64, i64) {
        let (offset, size) = self.window();
        (i64::try_from(offset).unwrap_or(i64::MAX), i64::try_from(size).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_is_a_page_that_is_there() {
        for (text, count, page, pages) in [
            (None, 0, 1, 1),
            (Some("1"), 50, 1, 1),
            (Some("2"), 50, 1, 1),
            (Some("2"), 51, 2, 2),
            (Some("0"), 51, 1, 2),
            (Some("-1"), 51, 1, 2),
            (Some("99999999999999999999"), 51, 1, 2),
            (Some("999"), 500, 10, 10),
            (Some("x"), 500, 1, 10),
        ] {
            let asked = Asked { page: text.map(str::to_owned) };
            let paging = asked.of(count, 50);
            assert_eq!((paging.page, paging.pages), (page, pages), "{text:?} of {count}");
        }
        assert_eq!(Asked { page: Some("3".to_owned()) }.of(200, 50).rows(), (100, 50));
    }
}
