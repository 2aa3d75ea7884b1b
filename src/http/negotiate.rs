//! Content negotiation by the `Accept` header: q-values and specificity (RFC 9110 section 12.5.1).

use std::cell::RefCell;

use actix_web::http::header::HeaderValue;

use crate::simple;

/// A form in which a page of the simple API can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `text/html`.
    TextHtml,
    /// `application/vnd.pypi.simple.v1+html`.
    Html,
    /// `application/vnd.pypi.simple.v1+json`.
    Json,
}

/// What can be asked for. The order decides between equals: the richest form first.
const OFFERS: [(Form, &str, &str); 5] = [
    (Form::Json, "application", "vnd.pypi.simple.v1+json"),
    (Form::Json, "application", "vnd.pypi.simple.latest+json"),
    (Form::Html, "application", "vnd.pypi.simple.v1+html"),
    (Form::Html, "application", "vnd.pypi.simple.latest+html"),
    (Form::TextHtml, "text", "html"),
];

/// The longest wish that is remembered, in bytes; those of installers are half as long.
const LONGEST_KEPT: usize = 256;

/// What stands for the version in a request for the latest one.
const LATEST: &str = ".latest+";

impl Form {
    /// The form of the page that has this type.
    pub fn form(self) -> simple::Form {
        match self {
            Self::TextHtml | Self::Html => simple::Form::Html,
            Self::Json => simple::Form::Json,
        }
    }

    /// The content type to send. Always that of a concrete version, never `latest`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::TextHtml => "text/html; charset=utf-8",
            Self::Html => "application/vnd.pypi.simple.v1+html",
            Self::Json => "application/vnd.pypi.simple.v1+json",
        }
    }
}

/// The form to answer in: by the query's `format` where that names one, else by `Accept`; HTML
/// where neither helps, as on PyPI: old tools and static mirrors rely on it. Several lines of
/// `Accept` are one list.
pub fn choose<'a>(accept: impl IntoIterator<Item = &'a HeaderValue>, format: Option<&str>) -> Form {
    if let Some(form) = format.and_then(named) {
        return form;
    }
    let mut lines = accept.into_iter();
    match (lines.next(), lines.next()) {
        (None, _) => Form::TextHtml,
        (Some(line), None) => LAST.with_borrow_mut(|last| last.choose(line)),
        (Some(first), Some(second)) => weigh([first, second].into_iter().chain(lines)),
    }
}

thread_local! {
    static LAST: RefCell<Last> =
        const { RefCell::new(Last { line: Vec::new(), form: Form::TextHtml }) };
}

/// The last wish and what came of it: an installer says the same for each of its requests, and
/// most requests come from installers of one kind.
struct Last {
    line: Vec<u8>,
    form: Form,
}

impl Last {
    fn choose(&mut self, line: &HeaderValue) -> Form {
        // (Of no words comes HTML: what is remembered in the beginning is right.)
        if line.as_bytes() == self.line {
            return self.form;
        }
        let form = weigh([line]);
        if line.len() <= LONGEST_KEPT {
            self.line.clear();
            self.line.extend_from_slice(line.as_bytes());
            self.form = form;
        }
        form
    }
}

fn weigh<'a>(accept: impl IntoIterator<Item = &'a HeaderValue>) -> Form {
    let ranges = ranges(accept);
    let mut best: Option<(Form, u16, Specificity)> = None;
    for (form, kind, subtype) in OFFERS {
        let Some((quality, specificity)) = quality_of(&ranges, kind, subtype) else { continue };
        // `latest` is a way of asking and no form of its own that a wildcard could mean.
        if subtype.contains(LATEST) && specificity != Specificity::Exact {
            continue;
        }
        let better = best.is_none_or(|(_, best_quality, best_specificity)| {
            (quality, specificity) > (best_quality, best_specificity)
                // Who takes anything gets what PyPI gives.
                || (quality == best_quality && specificity == Specificity::Any && form == Form::TextHtml)
        });
        if quality > 0 && better {
            best = Some((form, quality, specificity));
        }
    }
    best.map_or(Form::TextHtml, |(form, ..)| form)
}

/// The form that the parameter `format` names. A raw `+` in a query arrives as a blank.
fn named(format: &str) -> Option<Form> {
    let wanted = format.trim().replace(' ', "+").to_ascii_lowercase();
    let is_wanted = |(_, kind, subtype): &&(Form, &str, &str)| {
        wanted.split_once('/') == Some((*kind, *subtype))
    };
    OFFERS.iter().find(is_wanted).map(|(form, ..)| *form)
}

/// Whether `application/json` is named and welcome.
pub fn wants_json(accept: Option<&HeaderValue>) -> bool {
    let named = quality_of(&ranges(accept), "application", "json");
    named.is_some_and(|(quality, how)| quality > 0 && how == Specificity::Exact)
}

/// Whether a person with a browser seems to ask: `text/html` is named and welcome.
pub fn wants_page(accept: Option<&HeaderValue>) -> bool {
    let named = quality_of(&ranges(accept), "text", "html");
    named.is_some_and(|(quality, how)| quality > 0 && how == Specificity::Exact)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Specificity {
    Any,
    Kind,
    Exact,
}

struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// Thousandths.
    quality: u16,
}

/// Ranges that are read at most: more is no wish but an attempt to keep the server busy.
const MOST_RANGES: usize = 64;

fn ranges<'a>(accept: impl IntoIterator<Item = &'a HeaderValue>) -> Vec<Range<'a>> {
    let lines = accept.into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).take(MOST_RANGES).filter_map(range).collect()
}

fn range(text: &str) -> Option<Range<'_>> {
    let mut parts = text.split(';').map(str::trim);
    let (kind, subtype) = parts.next()?.split_once('/')?;
    let mut quality = 1000;
    for parameter in parts {
        match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("q") => {
                quality = parse_quality(value.trim())?;
            }
            _ => {}
        }
    }
    Some(Range { kind, subtype, quality })
}

/// Reads `0` to `1` with at most three decimals, in thousandths.
pub(super) fn parse_quality(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let given = decimals.bytes().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    let thousandths = given * [1000, 100, 10, 1].get(decimals.len())?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

/// The quality of the most specific range that covers the type.
fn quality_of(ranges: &[Range<'_>], kind: &str, subtype: &str) -> Option<(u16, Specificity)> {
    let matching = ranges.iter().filter_map(|range| {
        let is_kind = range.kind.eq_ignore_ascii_case(kind);
        let specificity = match (range.kind, range.subtype) {
            (_, s) if is_kind && s.eq_ignore_ascii_case(subtype) => Specificity::Exact,
            (_, "*") if is_kind => Specificity::Kind,
            ("*", "*") => Specificity::Any,
            _ => return None,
        };
        Some((range.quality, specificity))
    });
    matching.max_by_key(|(quality, specificity)| (*specificity, *quality))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str) -> Form {
        let Ok(value) = HeaderValue::from_str(accept) else { panic!("{accept:?} is no header") };
        choose([&value], None)
    }

    fn each_is_answered(table: &[(String, Form)]) {
        for (accept, expected) in table {
            assert_eq!(chosen(accept), *expected, "{accept}");
        }
    }

    #[test]
    fn accept_headers_of_clients_and_other_wishes() {
        use Form::{Html, Json, TextHtml};
        let v1 = "application/vnd.pypi.simple.v1";
        each_is_answered(&[
            ("*/*".to_owned(), TextHtml),
            (String::new(), TextHtml),
            ("nonsense".to_owned(), TextHtml),
            ("text/plain".to_owned(), TextHtml),
            ("image/png".to_owned(), TextHtml),
            ("application/json".to_owned(), TextHtml),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8".to_owned(),
                TextHtml,
            ),
            (format!("{v1}+json, {v1}+html; q=0.1, text/html; q=0.01"), Json),
            (format!("{v1}+json, {v1}+html;q=0.2, text/html;q=0.01"), Json),
            (format!("{v1}+html, text/html;q=0.01"), Html),
            (format!("text/html, {v1}+json"), Json),
            (format!("text/html, {v1}+json;q=0.9"), TextHtml),
            (format!("{v1}+json;q=0.5, */*;q=0.4"), Json),
            (format!("{v1}+json;q=0, */*"), TextHtml),
            (format!("{v1}+json;q=0, text/html"), TextHtml),
            ("text/html;q=0, */*".to_owned(), Json),
            ("application/*".to_owned(), Json),
            ("APPLICATION/VND.PYPI.SIMPLE.V1+JSON".to_owned(), Json),
            ("application/vnd.pypi.simple.latest+json".to_owned(), Json),
            ("application/vnd.pypi.simple.latest+html".to_owned(), Html),
            ("application/vnd.pypi.simple.v2+json".to_owned(), TextHtml),
            ("text/*".to_owned(), TextHtml),
            (format!("{v1}+json;q=2"), TextHtml),
            (format!("{v1}+json;q=0.1234"), TextHtml),
            (format!("{v1}+json ; Q=1.000"), Json),
            (format!("{v1}+html;q=0.3, {v1}+json;q=0.2"), Html),
        ]);
    }

    #[test]
    fn accept_headers_that_are_odd() {
        use Form::{Html, Json, TextHtml};
        let v1 = "application/vnd.pypi.simple.v1";
        each_is_answered(&[
            // The most specific range decides about a form, whatever others say.
            (format!("*/*, application/*;q=0.5, {v1}+json;q=0.1"), TextHtml),
            ("*/*;q=0.1, application/*;q=0.5, text/*;q=0.4".to_owned(), Json),
            ("application/*;q=0.5, text/*".to_owned(), TextHtml),
            (format!("application/*, {v1}+json;q=0"), Html),
            ("application/*;q=0, */*;q=0.5".to_owned(), TextHtml),
            (format!("text/*, {v1}+html;q=0.999"), TextHtml),
            ("text/*;q=0, application/*;q=0.001".to_owned(), Json),
            // The order means nothing, and the better of two equal ranges counts.
            (format!("{v1}+html, {v1}+json"), Json),
            (format!("{v1}+html, text/html"), Html),
            (format!("{v1}+json;q=0.1, {v1}+json;q=0.9, {v1}+html;q=0.5"), Json),
            (format!("application/vnd.pypi.simple.latest+html, {v1}+json"), Json),
            // Parameters other than q say nothing; what is broken says nothing either.
            (format!("{v1}+json;charset=utf-8;q=0.9, text/html;q=0.8"), Json),
            (format!("{v1}+json;q=0.9;ext=1, text/html;level=1"), TextHtml),
            (format!("{v1}+json;q=, {v1}+html;q=0.1"), Html),
            (format!("{v1}+json;q=-1, {v1}+html;q=0.1"), Html),
            (format!("{v1}+json;q=1.001"), TextHtml),
            (format!("{v1}+json;q=.5, {v1}+html;q=0.1"), Html),
            (format!(",, ;q=1, /, {v1}+json ,"), Json),
            (format!("*, {v1}+json;q=0.1"), Json),
            ("*/html".to_owned(), TextHtml),
            // Names that only look alike.
            (format!("x{v1}+json"), TextHtml),
            (format!("{v1}+jsonx, {v1}+html;q=0.1"), Html),
            ("application/vnd.pypi.simple+json".to_owned(), TextHtml),
            ("text/html, application/json".to_owned(), TextHtml),
        ]);
    }

    #[test]
    fn lines_of_accept_are_one_list() {
        let lines = ["text/html;q=0.5", "application/vnd.pypi.simple.v1+json"];
        let lines = lines.map(HeaderValue::from_static);
        assert_eq!(choose(&lines, None), Form::Json);
        assert_eq!(choose([], None), Form::TextHtml);
    }

    #[test]
    fn no_wish_is_taken_for_another() {
        let json = "application/vnd.pypi.simple.v1+json";
        let long = format!("{json}, {}", "a".repeat(LONGEST_KEPT));
        for _ in 0..2 {
            for (accept, form) in [
                ("", Form::TextHtml),
                (json, Form::Json),
                (&format!("{json};q=0"), Form::TextHtml),
                (&long, Form::Json),
                (&long.replace(json, "text/html"), Form::TextHtml),
                (json, Form::Json),
            ] {
                assert_eq!(chosen(accept), form, "{accept}");
            }
        }
    }

    #[test]
    fn the_format_parameter_wins_where_it_names_a_form() {
        let json = "application/vnd.pypi.simple.v1+json";
        assert_eq!(choose([], Some(json)), Form::Json);
        assert_eq!(choose([], Some(&json.replace('+', " "))), Form::Json);
        assert_eq!(choose([], Some("text/html")), Form::TextHtml);
        assert_eq!(choose([], Some("json")), Form::TextHtml);
    }

    #[test]
    fn json_has_to_be_named() {
        let wants =
            |text: &str| HeaderValue::from_str(text).is_ok_and(|value| wants_json(Some(&value)));
        assert!(wants("application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7"));
        assert!(!wants("*/*"));
        assert!(!wants("application/json;q=0"));
        assert!(!wants_json(None));
    }
}
