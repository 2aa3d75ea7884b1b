//! Descriptions of projects as safe HTML: Markdown, reStructuredText, or the text as it is.

mod markdown;
mod rst;
mod sanitize;
mod tame;

#[cfg(test)]
mod tests;

use sanitize::sanitize;

/// Longest text in bytes that is rendered; the text itself is shown of what is longer. Twice what
/// people write; the worst of this size takes a fifth of a second, honest text a third of that.
const LONGEST: usize = 256 * 1024;

/// The description of a project as HTML that is safe to stand in a page, for the content type
/// that its metadata names: `text/markdown`, `text/x-rst` or `text/plain`. What names none is
/// reStructuredText where it can be read as such (core metadata, "Description-Content-Type").
///
/// Headings begin with `<h2>`, identifiers with `description-`. No picture is loaded: others would
/// learn who reads here; its alternative text takes its place. What would cost too much, or is of
/// an unknown type, is shown preformatted.
pub fn render(text: &str, content_type: Option<&str>) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let kind = content_type.map(|it| it.split(';').next().unwrap_or_default().trim());
    let html = match kind.filter(|kind| !kind.is_empty()) {
        _ if text.len() > LONGEST => None,
        None => Some(rst::render(text)).filter(|it| it.is_clean).map(|it| it.html),
        Some(kind) if kind.eq_ignore_ascii_case("text/markdown") => Some(markdown::render(text)),
        Some(kind) if kind.eq_ignore_ascii_case("text/x-rst") => Some(rst::render(text).html),
        Some(_) => None,
    };
    html.filter(|html| tame::is_tame(html))
        .map(|html| sanitize(&html))
        .filter(|html| !html.trim().is_empty())
        .unwrap_or_else(|| format!("<pre>{}</pre>", sanitize::escaped(text)))
}
