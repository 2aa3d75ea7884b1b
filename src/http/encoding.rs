//! Which content encodings a client takes (RFC 9110 section 12.5.3).

use actix_web::http::header::HeaderValue;

use super::negotiate::parse_quality;
use crate::simple::Encodings;

/// Codings that are read at most: more is no wish but an attempt to keep the server busy.
const MOST_CODINGS: usize = 32;

/// What the lines of `Accept-Encoding` take of what is kept ready. Without one: nothing, the page
/// goes as it is. Between those that are taken the smaller one is sent, whatever the client
/// prefers: it can read both.
pub fn taken<'a>(lines: impl IntoIterator<Item = &'a HeaderValue>) -> Encodings {
    let texts = lines.into_iter().filter_map(|line| line.to_str().ok());
    let all = texts.flat_map(|text| text.split(',')).take(MOST_CODINGS).filter_map(coding);
    let (mut gzip, mut zstd, mut others) = (None, None, false);
    for (coding, is_taken) in all {
        if coding.eq_ignore_ascii_case("gzip") {
            gzip.get_or_insert(is_taken);
        } else if coding.eq_ignore_ascii_case("zstd") {
            zstd.get_or_insert(is_taken);
        } else if coding == "*" {
            others |= is_taken;
        }
    }
    Encodings { gzip: gzip.unwrap_or(others), zstd: zstd.unwrap_or(others) }
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
            assert_eq!(taken([&value]), Encodings { gzip, zstd }, "{text}");
        }
        let lines = ["br, gzip;q=0", "zstd"].map(HeaderValue::from_static);
        assert_eq!(taken(&lines), Encodings { gzip: false, zstd: true });
        assert_eq!(taken([]), Encodings::default());
    }
}
