//! What a search asks for in the address of its page.

use url::form_urlencoded;

use crate::error::{Error, Result};
use crate::packaging::Version;
use crate::search::{LARGEST_PAGE, Order, Wanted};
use crate::time;

/// Longest query in bytes: the longest search, its letters outside ASCII as escapes.
const LONGEST: usize = 16 * 1024;
/// The word of the order by time.
const UPDATED: &str = "updated";

/// The fields as they were sent, so that the form shows them again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) text: String,
    pub(super) classifiers: Vec<String>,
    pub(super) python: String,
    pub(super) since: String,
    pub(super) order: String,
    page: String,
    /// Whether only the results are wanted, to be put into a page that is there.
    pub(super) is_fragment: bool,
}

impl Fields {
    /// Reads a query. Parameters of others are passed over.
    pub(super) fn read(query: &str) -> Result<Self> {
        if query.len() > LONGEST {
            let words = format!("The query of a search has at most {LONGEST} bytes.");
            return Err(Error::invalid("The search is too long", words));
        }
        let mut fields = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            // Blanks at the ends are slips; NUL and its like are no letters.
            let value: String = value.chars().filter(|c| !c.is_control()).collect();
            let value = value.trim().to_owned();
            match &*name {
                "q" => fields.text = value,
                "c" if value.is_empty() || fields.classifiers.contains(&value) => {}
                "c" => fields.classifiers.push(value),
                "python" => fields.python = value,
                "since" => fields.since = value,
                "o" => fields.order = value,
                "page" => fields.page = value,
                "format" => fields.is_fragment = value == "fragment",
                _ => {}
            }
        }
        Ok(fields)
    }

    pub(super) fn wanted(&self) -> Result<Wanted> {
        let python = match self.python.as_str() {
            "" => None,
            text => Some(Version::parse(text).ok_or_else(|| {
                let words = format!("{text:?} is not a Python version; one reads like 3.12.");
                Error::invalid("This is not a Python version", words)
            })?),
        };
        let since = match self.since.as_str() {
            "" => None,
            text => Some(time::parse_day(text).ok_or_else(|| {
                let words = format!("{text:?} is not a day; one reads like 2026-11-21.");
                Error::invalid("This is not a day", words)
            })?),
        };
        let order = match self.order.as_str() {
            "" => Order::Relevance,
            UPDATED => Order::Updated,
            text => {
                let words = format!(
                    "Results come by relevance or, with o={UPDATED}, by time of \
                                     their last update; there is no order {text:?}."
                );
                return Err(Error::invalid("There is no such order", words));
            }
        };
        let (text, classifiers) = (self.text.clone(), self.classifiers.clone());
        Ok(Wanted { text, classifiers, python, since, order })
    }

    /// The page, counted from 1.
    pub(super) fn page(&self) -> Result<usize> {
        if self.page.is_empty() {
            return Ok(1);
        }
        let page = self.page.parse().ok().filter(|page| (1..=LARGEST_PAGE).contains(page));
        page.ok_or_else(|| {
            let words = format!(
                "The pages of a search are numbered from 1 to {LARGEST_PAGE} at most; further \
                 projects are found by more words or filters."
            );
            Error::invalid("There is no such page", words)
        })
    }

    /// The query of another page of the same search.
    pub(super) fn query(&self, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.text);
        for classifier in &self.classifiers {
            query.append_pair("c", classifier);
        }
        let rest = [("python", &self.python), ("since", &self.since), ("o", &self.order)];
        for (name, value) in rest {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        query.finish()
    }

    /// Whether anything but words is asked for.
    pub(super) fn has_filters(&self) -> bool {
        !self.classifiers.is_empty() || !self.python.is_empty() || !self.since.is_empty()
    }

    /// Whether what was updated last comes first.
    pub(super) fn is_by_time(&self) -> bool {
        self.order == UPDATED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_and_written_again() -> Result<()> {
        let query = "q=a+%26+b&c=Topic+%3A%3A+Web&c=B&python=3.12&since=2026-01-02&o=updated";
        let fields = Fields::read(&format!("{query}&page=3&c=&c=B&utm=x"))?;
        assert_eq!(fields.query(1), query);
        assert_eq!(fields.query(2), format!("{query}&page=2"));
        assert_eq!(fields.page()?, 3);
        assert_eq!(fields.wanted()?.classifiers, ["Topic :: Web", "B"]);
        assert!(Fields::read("")?.wanted()?.text.is_empty());
        Ok(())
    }

    #[test]
    fn nonsense_is_refused_in_words() -> Result<()> {
        for bad in ["python=x", "since=x", "o=x", "page=0", "page=-1", "page=26", "page=x"] {
            let fields = Fields::read(bad)?;
            assert!(fields.wanted().is_err() || fields.page().is_err(), "{bad}");
        }
        assert!(Fields::read(&"a".repeat(LONGEST + 1)).is_err());
        assert_eq!(Fields::read("q=%00a%ff%0a")?.text, "a\u{fffd}");
        Ok(())
    }
}
