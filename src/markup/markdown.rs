//! Markdown as GitHub understands it.

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, format_html, parse_document};

/// The HTML of a text, not sanitised. Headings are one level lower, that the page's own stays the
/// only first one; the alternative text of pictures takes their place.
pub(super) fn render(text: &str) -> String {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    // Raw HTML is common in descriptions; it is sanitised with the rest.
    options.render.r#unsafe = true;
    let arena = Arena::new();
    let document = parse_document(&arena, text, &options);
    let pictures: Vec<_> = document
        .descendants()
        .filter(|node| matches!(node.data.borrow().value, NodeValue::Image(_)))
        .collect();
    for picture in pictures {
        while let Some(child) = picture.first_child() {
            picture.insert_before(child);
        }
        picture.detach();
    }
    let mut html = String::new();
    // Writing to a String does not fail.
    let _ = format_html(document, &options, &mut html);
    lowered(&html)
}

/// With `<h2>` for `<h1>` and so on. It reads tags, not the tree: headings may be raw HTML, and
/// what is no tag after all is sanitised as any text.
fn lowered(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut parts = html.split('<');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push('<');
        let (slash, tag) = match part.strip_prefix('/') {
            Some(tag) => ("/", tag),
            None => ("", part),
        };
        let mut chars = tag.chars();
        let name = (chars.next(), chars.next().and_then(|c| c.to_digit(10)), chars.next());
        if let (Some('h' | 'H'), Some(level @ 1..=5), Some(' ' | '>' | '/' | '\t' | '\n')) = name {
            out.extend([slash, "h", &(level + 1).to_string()]);
            out.push_str(tag.get("h1".len()..).unwrap_or_default());
        } else {
            out.push_str(part);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_one_level_lower() {
        for (text, html) in [
            ("# a\n\n## b\n\n###### c\n", "<h2>a</h2>\n<h3>b</h3>\n<h6>c</h6>\n"),
            ("<H1 align=center>a</H1>\n\n<h12>\n", "<h2 align=center>a</h2>\n<h12>\n"),
            ("1 < h1 <h6>", "<p>1 &lt; h1 <h6></p>\n"),
        ] {
            assert_eq!(render(text), html);
        }
    }

    #[test]
    fn pictures_are_their_alternative_text() {
        let badge = "[![*a* badge](https://e.org/b.svg)](https://e.org)";
        assert_eq!(render(badge), "<p><a href=\"https://e.org\"><em>a</em> badge</a></p>\n");
    }
}
