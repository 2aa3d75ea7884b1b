//! Conditional and range requests on a file of known size (RFC 9110 sections 13 and 14).

use std::ops::Range;

use actix_web::http::header::{HeaderMap, IF_NONE_MATCH, IF_RANGE, RANGE};

/// What to send.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    /// Nothing: the client has it.
    NotModified,
    /// All of it.
    Whole,
    /// These bytes.
    Bytes(Range<u64>),
    /// Nothing: the range lies outside.
    Unsatisfiable,
}

/// Decides what a request asks of a file of `size` bytes with the strong ETag `etag`.
pub fn asked(headers: &HeaderMap, size: u64, etag: &str) -> Part {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let mut wanted = headers.get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    if wanted.any(|wanted| matches_etag(wanted, etag)) {
        return Part::NotModified;
    }
    let Some(range) = text(RANGE) else { return Part::Whole };
    // Without the current strong ETag a range would be of something else: send it whole.
    if text(IF_RANGE).is_some_and(|wanted| wanted.trim() != etag) {
        return Part::Whole;
    }
    single_range(range, size)
}

/// Whether an `If-None-Match` names the ETag; weak ones compare as strong ones do here.
pub fn matches_etag(wanted: &str, etag: &str) -> bool {
    let one = |tag: &str| {
        let tag = tag.trim();
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
    };
    wanted.split(',').any(one)
}

/// Reads `bytes=a-b`, `bytes=a-` or `bytes=-n`. Several ranges, other units and what cannot be
/// understood are answered with the whole, as the standard allows.
fn single_range(text: &str, size: u64) -> Part {
    let Some((first, last)) = text.trim().strip_prefix("bytes=").and_then(|it| it.split_once('-'))
    else {
        return Part::Whole;
    };
    let number = |text: &str| match text.trim() {
        "" => Some(None),
        digits if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            Some(Some(digits.parse().unwrap_or(u64::MAX)))
        }
        _ => None,
    };
    match (number(first), number(last)) {
        (Some(Some(first)), Some(last)) => {
            let last = last.unwrap_or(u64::MAX);
            if last < first {
                Part::Whole
            } else if first >= size {
                Part::Unsatisfiable
            } else {
                Part::Bytes(first..last.saturating_add(1).min(size))
            }
        }
        (Some(None), Some(Some(0))) => Part::Unsatisfiable,
        (Some(None), Some(Some(_))) if size == 0 => Part::Unsatisfiable,
        (Some(None), Some(Some(count))) => Part::Bytes(size.saturating_sub(count)..size),
        _ => Part::Whole,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn part(pairs: &[(HeaderName, &'static str)]) -> Part {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(name.clone(), HeaderValue::from_static(value));
        }
        asked(&headers, 10, "\"e\"")
    }

    #[test]
    fn ranges() {
        for (text, expected) in [
            ("bytes=0-3", Part::Bytes(0..4)),
            ("bytes=4-", Part::Bytes(4..10)),
            ("bytes=-3", Part::Bytes(7..10)),
            ("bytes=-30", Part::Bytes(0..10)),
            ("bytes=9-99999999999999999999999", Part::Bytes(9..10)),
            ("bytes=10-", Part::Unsatisfiable),
            ("bytes=-0", Part::Unsatisfiable),
            ("bytes=99999999999999999999999-", Part::Unsatisfiable),
            ("bytes=3-2", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("items=0-3", Part::Whole),
            ("", Part::Whole),
        ] {
            assert_eq!(part(&[(RANGE, text)]), expected, "{text}");
        }
    }

    #[test]
    fn conditions() {
        assert_eq!(part(&[(IF_NONE_MATCH, "\"a\", \"e\"")]), Part::NotModified);
        assert_eq!(part(&[(IF_NONE_MATCH, "W/\"e\"")]), Part::NotModified);
        assert_eq!(part(&[(IF_NONE_MATCH, "\"a\"")]), Part::Whole);
        assert_eq!(part(&[(RANGE, "bytes=0-0"), (IF_RANGE, "\"e\"")]), Part::Bytes(0..1));
        assert_eq!(part(&[(RANGE, "bytes=0-0"), (IF_RANGE, "\"a\"")]), Part::Whole);
        assert_eq!(part(&[(RANGE, "bytes=0-0"), (IF_RANGE, "W/\"e\"")]), Part::Whole);
    }
}
