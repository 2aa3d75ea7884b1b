//! Addresses that stand in the text: of pages, and of mails.

use super::chars::{Char, is_after_end, is_before_start};

/// Longest address that is seen as one.
const LONGEST_URI: usize = 2_000;
/// Longest parts of a mail address that are looked at.
const LONGEST_MAIL: usize = 254;
/// The schemes that a link may have here.
const SCHEMES: [&str; 3] = ["https", "http", "mailto"];

/// The next address: where it begins, its length, and the scheme that it lacks.
pub(super) fn find(chars: &[Char]) -> Option<(usize, usize, &'static str)> {
    chars.iter().enumerate().filter(|(_, it)| !it.is_escaped).find_map(|(at, it)| match it.c {
        ':' => page(chars, at).map(|(start, length)| (start, length, "")),
        '@' => mail(chars, at).map(|(start, length)| (start, length, "mailto:")),
        _ => None,
    })
}

/// A page, by the colon behind its scheme.
fn page(chars: &[Char], colon: usize) -> Option<(usize, usize)> {
    let before = chars.get(..colon)?;
    let start = SCHEMES.iter().find_map(|scheme| {
        let start = colon.checked_sub(scheme.len())?;
        let written = before.get(start..)?;
        let is_same =
            written.iter().zip(scheme.chars()).all(|(it, c)| it.c.eq_ignore_ascii_case(&c));
        (is_same && may_start(before, start)).then_some(start)
    })?;
    let rest = chars.get(colon + 1..)?;
    let most = rest.iter().take(LONGEST_URI).take_while(|it| is_uri(it.c)).count();
    let slashes = rest.iter().take(2).take_while(|it| it.c == '/').count();
    let length = last_end(rest, most).filter(|length| *length > slashes)?;
    Some((start, colon + 1 + length - start))
}

/// The longest address of at most that many characters that ends as one.
fn last_end(rest: &[Char], most: usize) -> Option<usize> {
    (1..=most).rev().find(|length| {
        let last = rest.get(length - 1).map(|it| it.c);
        let next = rest.get(*length);
        let is_end = last.is_some_and(is_last) || next.is_some_and(|it| it.c == '>');
        is_end && is_after_end(next)
    })
}

/// A mail address, by its sign in the middle.
fn mail(chars: &[Char], at: usize) -> Option<(usize, usize)> {
    let before = chars.get(..at)?;
    let name = before.iter().rev().take(LONGEST_MAIL).take_while(|it| is_mail(it.c)).count();
    // The name may begin at any of the characters, the first that may be one is taken.
    let start = (at - name..at).find(|start| {
        may_start(before, *start) && before.get(*start).is_some_and(|it| it.c != '.')
    })?;
    let rest = chars.get(at + 1..)?;
    let most = rest.iter().take(LONGEST_MAIL).take_while(|it| is_mail(it.c)).count();
    let length = last_end(rest, most)?;
    if rest.first().is_some_and(|it| it.c == '.') || length < 2 {
        return None;
    }
    Some((start, at + 1 + length - start))
}

fn may_start(before: &[Char], start: usize) -> bool {
    match start.checked_sub(1).and_then(|at| before.get(at)) {
        Some(it) => is_before_start(it.c),
        None => true,
    }
}

fn is_uri(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.!~*'()[];/:@&=+$,%?#".contains(c)
}

fn is_last(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_~*/=+".contains(c)
}

fn is_mail(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_!~*'{|}/#?^`&=+$%.".contains(c)
}
