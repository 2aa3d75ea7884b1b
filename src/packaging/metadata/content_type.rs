//! Content types of descriptions.
//! Source: <https://packaging.python.org/en/latest/specifications/core-metadata/#description-content-type>

use super::error::Excerpt;

/// The markups that a description can have.
const TYPES: [&str; 3] = ["text/plain", "text/x-rst", "text/markdown"];

/// The only encoding of metadata.
const CHARSET: &str = "utf-8";

/// The dialects of Markdown; the first is meant where none is named.
const VARIANTS: [&str; 2] = ["GFM", "CommonMark"];

/// Why a text is not the content type of a description.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentTypeError {
    /// Another markup.
    #[error("it must be text/plain, text/x-rst or text/markdown")]
    Type,
    /// Not `name=value` behind a `;`.
    #[error("{0} must be a parameter such as charset=UTF-8")]
    Parameter(Excerpt),
    /// Another encoding.
    #[error("the charset can only be UTF-8")]
    Charset,
    /// Another dialect.
    #[error("the variant of Markdown can only be GFM or CommonMark")]
    Variant,
}

/// Checks the content type of a description.
pub(super) fn check(text: &str) -> Result<(), ContentTypeError> {
    let mut parts = text.split(';').map(str::trim);
    let markup = parts.next().unwrap_or_default().to_ascii_lowercase();
    if !TYPES.contains(&markup.as_str()) {
        return Err(ContentTypeError::Type);
    }
    for part in parts.filter(|part| !part.is_empty()) {
        let (name, value) =
            part.split_once('=').ok_or_else(|| ContentTypeError::Parameter(part.into()))?;
        check_parameter(name.trim(), value.trim().trim_matches('"'), markup == "text/markdown")?;
    }
    Ok(())
}

fn check_parameter(name: &str, value: &str, is_markdown: bool) -> Result<(), ContentTypeError> {
    if name.eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case(CHARSET) {
        return Err(ContentTypeError::Charset);
    }
    if is_markdown && name.eq_ignore_ascii_case("variant") && !VARIANTS.contains(&value) {
        return Err(ContentTypeError::Variant);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types() {
        for (text, expected) in [
            ("text/plain", Ok(())),
            ("text/x-rst", Ok(())),
            ("text/markdown", Ok(())),
            ("Text/Markdown; Charset=utf-8; variant=GFM", Ok(())),
            ("text/markdown;charset=\"UTF-8\" ;variant=CommonMark", Ok(())),
            ("text/markdown; charset=UTF-8;", Ok(())),
            ("text/x-rst; variant=anything; x=y", Ok(())),
            ("text/html", Err(ContentTypeError::Type)),
            ("markdown", Err(ContentTypeError::Type)),
            ("text/rst", Err(ContentTypeError::Type)),
            ("", Err(ContentTypeError::Type)),
            ("text/markdown, text/plain", Err(ContentTypeError::Type)),
            ("text/plain; charset=latin-1", Err(ContentTypeError::Charset)),
            ("text/plain; charset", Err(ContentTypeError::Parameter("charset".into()))),
            ("text/markdown; variant=Pandoc", Err(ContentTypeError::Variant)),
            ("text/markdown; variant=gfm", Err(ContentTypeError::Variant)),
        ] {
            assert_eq!(check(text), expected, "{text}");
        }
    }
}
