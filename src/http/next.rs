//! Where to go after a login: only ever to a page of this site.

/// The path to go to, if it is one of this site.
pub fn safe(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('/')?;
    // Browsers take a backslash for a slash, and two of them begin the name of a host.
    let is_path = !rest.starts_with(['/', '\\']);
    let is_plain = !text.contains(['\\', '#']) && text.bytes().all(|b| b.is_ascii_graphic());
    (is_path && is_plain && text.len() <= LONGEST).then_some(text)
}

/// Longer ones are no page of ours.
const LONGEST: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site() {
        for good in ["/", "/manage/account/", "/project/foo/?x=1&y=%20"] {
            assert_eq!(safe(good), Some(good));
        }
        for bad in [
            "",
            "x",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/a\\b",
            "https://evil.example/",
            "javascript:alert(1)",
            "/a\tb",
            "/a\nb",
            "/ö",
            "/a b",
        ] {
            assert_eq!(safe(bad), None, "{bad:?}");
        }
    }
}
