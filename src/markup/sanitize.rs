//! Makes HTML safe.

use std::borrow::Cow;

/// What is before the identifiers of a description, so that none is one of the page's.
const ID_PREFIX: &str = "description-";

/// Keeps what text is made of and nothing that could act, load or pose as a part of the page.
pub(super) fn sanitize(html: &str) -> String {
    ammonia::Builder::default()
        .rm_tags(["img", "map", "area"])
        .add_generic_attributes(["id"])
        .add_tag_attributes("ol", ["type"])
        .add_allowed_classes("aside", ["admonition"])
        .add_allowed_classes("p", ["admonition-title"])
        .link_rel(Some("nofollow noopener noreferrer"))
        .url_schemes(["http", "https", "mailto"].into())
        .id_prefix(Some(ID_PREFIX))
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            // Links within the description lead to its identifiers.
            ("a", "href") => match value.strip_prefix('#') {
                Some(id) if !id.is_empty() && !id.starts_with(ID_PREFIX) => {
                    Some(format!("#{ID_PREFIX}{id}").into())
                }
                _ => Some(value.into()),
            },
            _ => Some(Cow::Borrowed(value)),
        })
        .clean(html)
        .to_string()
}

/// Text as HTML that shows it.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    // An HTML parser takes no line end at the beginning of preformatted text, and knows but one.
    let mut chars = text.trim_start_matches(['\r', '\n']).trim_end().chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\u{a0}' => html.push_str("&nbsp;"),
            '\0' => html.push('\u{fffd}'),
            '\r' => {
                chars.next_if_eq(&'\n');
                html.push('\n');
            }
            c => html.push(c),
        }
    }
    html
}
