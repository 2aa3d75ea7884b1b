//! Text as XML can carry it.
//! Source: <https://www.w3.org/TR/xml/#charsets>

/// Appends text to a document, between tags or in an attribute. Characters that XML cannot carry
/// at all are left out.
pub(super) fn push_text(document: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => document.push_str("&amp;"),
            '<' => document.push_str("&lt;"),
            '>' => document.push_str("&gt;"),
            '"' => document.push_str("&quot;"),
            // Readers take a bare one for the end of a line.
            '\r' => document.push_str("&#13;"),
            c if is_carried(c) => document.push(c),
            _ => {}
        }
    }
}

/// The production `Char`.
pub(super) fn is_carried(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_carry_is_left_out() {
        let mut document = String::new();
        push_text(&mut document, "a<b> & \"c\"\r\n\0\u{1b}\u{fffe}\u{ffff}é😀");
        assert_eq!(document, "a&lt;b&gt; &amp; &quot;c&quot;&#13;\né😀");
    }
}
