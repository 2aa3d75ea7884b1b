//! Whether HTML is tame enough to be sanitised.
//!
//! An HTML parser opens each formatting element that was left open again in each paragraph that
//! follows, and looks through all open elements at each tag: a hundred kilobytes of open tags
//! become gigabytes of tree. No honest description comes near the limits here.

use std::collections::HashMap;

/// Longest HTML in bytes that is sanitised, which takes about a tenth of a second.
const LONGEST: usize = 1024 * 1024;
/// Elements that may be open at the same time, as far as counting tags can tell.
const DEEPEST: usize = 200;
/// Open elements that are looked at, over all tags: what the parser's work grows with.
const MOST_WORK: usize = 2_000_000;
/// Elements that have no end, or that the next of their kind ends.
const NOT_DEEP: [&str; 19] = [
    "area", "br", "col", "dd", "dt", "hr", "img", "input", "li", "link", "meta", "option", "p",
    "tbody", "td", "th", "thead", "tr", "wbr",
];

/// Whether the HTML is of a size and depth that people write.
pub(super) fn is_tame(html: &str) -> bool {
    if html.len() > LONGEST {
        return false;
    }
    let mut open: HashMap<String, usize> = HashMap::new();
    let (mut depth, mut work) = (0_usize, 0_usize);
    for tag in html.split('<').skip(1) {
        let (is_end, rest) = match tag.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, tag),
        };
        let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        work += depth;
        if name.is_empty() || NOT_DEEP.contains(&name.as_str()) {
            continue;
        }
        let count = open.entry(name).or_default();
        if is_end && *count > 0 {
            *count -= 1;
            depth -= 1;
        } else if !is_end {
            *count += 1;
            depth += 1;
        }
        if depth > DEEPEST || work > MOST_WORK {
            return false;
        }
    }
    work <= MOST_WORK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_tame() {
        assert!(is_tame(&"<p>one<br>two <b>three</b></p>\n".repeat(10_000)));
        assert!(is_tame("<ul><li>a<li>b</ul> 1 < 2 <3 </x>"));
    }

    #[test]
    fn heaps_of_open_tags_are_not() {
        let many = (0..5_000).map(|n| format!("<b a={n}>")).collect::<Vec<_>>().concat();
        assert!(!is_tame(&many));
        assert!(!is_tame(&"<div>".repeat(1_000)));
        assert!(is_tame(&"<p>x".repeat(10_000)));
        assert!(!is_tame(&format!("{}{}", "<b>".repeat(150), "<p>x".repeat(200_000))));
        assert!(!is_tame(&"x".repeat(LONGEST + 1)));
    }
}
