//! Descriptions: Markdown rendered and sanitised, all else as the text that it is.

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, format_html, parse_document};

use super::tame::is_tame;

/// Longest Markdown that is rendered; the text itself is shown of what is longer.
const LONGEST_MARKDOWN: usize = 1024 * 1024;

/// The description as safe HTML.
pub(super) fn render(text: &str, content_type: Option<&str>) -> String {
    let kind = content_type.and_then(|it| it.split(';').next()).unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("text/markdown") {
        let html = if text.len() <= LONGEST_MARKDOWN { markdown(text) } else { String::new() };
        if !html.is_empty() && is_tame(&html) {
            return sanitize(&html);
        }
    }
    if text.trim().is_empty() {
        return String::new();
    }
    format!("<pre>{}</pre>", ammonia::clean_text(text))
}

/// Markdown as GitHub understands it. Pictures from elsewhere would tell others who reads here;
/// their alternative text takes their place.
fn markdown(text: &str) -> String {
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
    html
}

/// Keeps what text is made of and nothing that could act, load or pose as a part of the page.
fn sanitize(html: &str) -> String {
    ammonia::Builder::default()
        .rm_tags(["img", "map", "area"])
        .link_rel(Some("nofollow noopener noreferrer"))
        .url_schemes(["http", "https", "mailto"].into())
        .id_prefix(Some("description-"))
        .clean(html)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_is_rendered_and_made_safe() {
        let text = "# Hi\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) **b** \
                    [![badge](https://e.org/b.svg)](https://e.org) <a onclick=x href=https://e.org>y</a>\n\n\
                    |a|\n|-|\n|1|\n";
        let html = render(text, Some("text/markdown; charset=UTF-8; variant=GFM"));
        for kept in ["<h1>Hi</h1>", "<strong>b</strong>", "badge", "<td>1</td>", "https://e.org"] {
            assert!(html.contains(kept), "{kept} is not in {html}");
        }
        for gone in ["<script", "javascript:", "onclick", "<img", "b.svg"] {
            assert!(!html.contains(gone), "{gone} is in {html}");
        }
    }

    #[test]
    fn what_would_cost_too_much_is_shown_as_text() {
        let open = (0..5_000).map(|n| format!("<b a={n}>")).collect::<Vec<_>>().concat();
        let html =
            render(&format!("<p>{open}</p>{}", "<p>x</p>".repeat(5_000)), Some("text/markdown"));
        assert!(html.starts_with("<pre>&lt;p&gt;"));
    }

    #[test]
    fn other_texts_are_shown_as_they_are() {
        assert_eq!(render("a <b>\n", Some("text/x-rst")), "<pre>a&#32;&lt;b&gt;&#10;</pre>");
        assert_eq!(render(" \n", None), "");
    }
}
