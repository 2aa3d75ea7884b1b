//! The part of a domain name that somebody registers.

use url::Host;

/// The longest label and the longest name of the DNS (RFC 1035 section 2.3.4).
const LONGEST_LABEL: usize = 63;
const LONGEST_NAME: usize = 253;

/// The registrable domain of a host or mail domain, in its ASCII form: the public suffix and one
/// label more. `None` for addresses, single labels, public suffixes, and what is no name.
///
/// Only the ICANN section of the public suffix list counts. What its private section lists, such
/// as the sites of a hosting company, lies in a domain that the company holds, and no registry
/// knows more of it. A top-level domain that the list does not have is a suffix itself.
pub(super) fn registrable(name: &str) -> Option<String> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let Host::Domain(name) = Host::parse(name).ok().filter(|_| !name.contains('%'))? else {
        return None;
    };
    let is_label = |label: &str| !label.is_empty() && label.len() <= LONGEST_LABEL;
    if name.len() > LONGEST_NAME || !name.split('.').all(is_label) {
        return None;
    }
    let suffix = suffix(&name)?;
    let head = name.strip_suffix(suffix)?.strip_suffix('.')?;
    let label = head.rsplit('.').next()?;
    Some(format!("{label}.{suffix}"))
}

/// The public suffix by the ICANN section. Where a rule of the private section has the longest
/// match, the one that would have matched without it is that of the name above.
fn suffix(name: &str) -> Option<&str> {
    let mut rest = name;
    loop {
        let found = psl::suffix(rest.as_bytes())?;
        let text = std::str::from_utf8(found.as_bytes()).ok()?;
        if found.typ() != Some(psl::Type::Private) {
            return Some(text);
        }
        (_, rest) = text.split_once('.')?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_label_more_than_the_suffix() {
        for (name, expected) in [
            ("example.com", "example.com"),
            ("Mail.Example.COM.", "example.com"),
            ("a.b.c.example.co.uk", "example.co.uk"),
            ("example.city.kawasaki.jp", "city.kawasaki.jp"),
            ("a.example.kawasaki.jp", "a.example.kawasaki.jp"),
            ("www.ck", "www.ck"),
            ("a.www.ck", "www.ck"),
            ("a.b.example.ck", "b.example.ck"),
            // Not on the list: the rule for all others.
            ("mail.example.nosuchtld", "example.nosuchtld"),
        ] {
            assert_eq!(registrable(name).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn the_private_section_does_not_count() {
        for (name, expected) in [
            ("someone.github.io", "github.io"),
            ("github.io", "github.io"),
            ("x.s3.dualstack.us-east-1.amazonaws.com", "amazonaws.com"),
            ("someone.uk.com", "uk.com"),
            ("a.someone.blogspot.co.uk", "blogspot.co.uk"),
        ] {
            assert_eq!(registrable(name).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn international_names_have_one_form() {
        for (name, expected) in [
            ("post.bücher.example", "xn--bcher-kva.example"),
            ("BÜCHER.de", "xn--bcher-kva.de"),
            ("xn--bcher-kva.de", "xn--bcher-kva.de"),
            ("faß.de", "xn--fa-hia.de"),
            ("ｅｘａｍｐｌｅ.com", "example.com"),
            ("a.食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"),
            ("xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn"),
            ("食狮.中国", "xn--85x722f.xn--fiqs8s"),
        ] {
            assert_eq!(registrable(name).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn what_nobody_registers() {
        let long = format!("{}.com", "a".repeat(64));
        for name in [
            "",
            ".",
            "localhost",
            "com",
            "co.uk",
            "公司.cn",
            "127.0.0.1",
            "[::1]",
            "1.2",
            "a..com",
            ".com",
            "a b.com",
            "a%2ecom",
            &long,
            "xn--.com",
            "example.com..",
        ] {
            assert_eq!(registrable(name), None, "{name}");
        }
    }
}
