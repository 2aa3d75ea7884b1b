//! Which content encodings a client takes (RFC 9110 section 12.5.3).

use actix_web::http::header::HeaderValue;

use super::negotiate::parse_quality;
use crate::simple::Encodings;

/// Codings that are read at most: more is no wish but an attempt to keep the server busy.
const MOST_CODINGS: usize = 32;

/// What the `Accept-Encoding` header takes of what is kept ready. Without a header: nothing, the
/// page goes as it is. Between those that are taken the smaller one is sent, whatever the client
/// prefers: it can read both.
pub fn taken(header: Option<&HeaderValue>) -> Encodings {
    let text = header.and_then(|header| header.to_str().ok()).unwrap_or_default();
    let quality_of = |wanted: &str| {
        let mut of_others = false;
        for (coding, is_taken) in text.split(',').take(MOST_CODINGS).filter_map(coding) {
            if coding.eq_ignore_ascii_case(wanted) {
                return is_taken;
            }
            of_others |= coding == "*" && is_taken;
        }
        of_others
    };
    Encodings { gzip: quality_of("gzip"), zstd: quality_of("zstd") }
}

fn coding(text: &str) -> Option<(&str, bool)> {
    let (coding, parameters) = text.split_once(';').unwrap_or((text, ""));
    let mut is_taken = true;
    for parameter in parameters.split(';') {
        if let Some((name, value)) = parameter.split_once('=')
            && name.trim().eq_ignore_ascii_case("q")
        {
            is_taken = parse_quality(value.trim())? > 0;
        }
    }
    match coding.trim() {
        // RFC 9110 section 8.4.1.3: the same.
        old if old.eq_ignore_ascii_case("x-gzip") => Some(("gzip", is_taken)),
        coding => Some((coding, is_taken)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_send() {
        for (text, gzip, zstd) in [
            ("", false, false),
            ("identity", false, false),
            ("gzip, deflate", true, false),
            ("gzip, deflate, zstd", true, true),
            ("zstd;q=1.0, gzip;q=0.1", true, true),
            ("gzip;q=0", false, false),
            ("gzip;q=0, *", false, true),
            ("*", true, true),
            ("*;q=0", false, false),
            ("GZip", true, false),
            ("x-gzip", true, false),
            ("gzip;q=nonsense", false, false),
            ("gzip ; q=0.5", true, false),
            ("br", false, false),
        ] {
            let Ok(value) = HeaderValue::from_str(text) else { panic!("{text:?}") };
            assert_eq!(taken(Some(&value)), Encodings { gzip, zstd }, "{text}");
        }
        assert_eq!(taken(None), Encodings::default());
    }
}
