//! Feeds as RSS 2.0.
//! Source: <https://www.rssboard.org/rss-specification>

use super::xml::push_text;
use crate::time::{self, Time};

/// A feed.
pub(super) struct Channel {
    pub(super) title: String,
    /// The page that it is about.
    pub(super) link: String,
    /// Where it is read itself.
    pub(super) own_url: String,
    /// Newest first.
    pub(super) items: Vec<Item>,
}

/// One thing that is new.
pub(super) struct Item {
    pub(super) title: String,
    /// Its page, which also identifies it.
    pub(super) link: String,
    pub(super) description: String,
    pub(super) published: Time,
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel>\n";
const TAIL: &str = "</channel>\n</rss>\n";

impl Channel {
    /// The document.
    pub(super) fn write(&self) -> String {
        let mut document = String::from(HEAD);
        element(&mut document, "title", &self.title);
        element(&mut document, "link", &self.link);
        element(&mut document, "description", &self.title);
        element(&mut document, "language", "en");
        document.push_str("<atom:link rel=\"self\" type=\"application/rss+xml\" href=\"");
        push_text(&mut document, &self.own_url);
        document.push_str("\"/>\n");
        for item in &self.items {
            item.write(&mut document);
        }
        document.push_str(TAIL);
        document
    }
}

impl Item {
    fn write(&self, document: &mut String) {
        document.push_str("<item>\n");
        element(document, "title", &self.title);
        element(document, "link", &self.link);
        element(document, "guid", &self.link);
        element(document, "description", &self.description);
        element(document, "pubDate", &time::rfc822(self.published));
        document.push_str("</item>\n");
    }
}

fn element(document: &mut String, name: &str, text: &str) {
    document.push('<');
    document.push_str(name);
    document.push('>');
    push_text(document, text);
    document.push_str("</");
    document.push_str(name);
    document.push_str(">\n");
}
