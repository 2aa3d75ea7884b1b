//! Dependency specifiers: `name[extra]>=1; marker` and `name @ URL ; marker`.
//! Source: <https://packaging.python.org/en/latest/specifications/dependency-specifiers/>

use super::cursor::{Cursor, is_blank};
use super::error::Excerpt;
use super::marker::{self, MarkerError};
use crate::packaging::specifier::is_specifier;

/// Why a text is not a dependency specifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequirementError {
    /// It does not begin with a project name.
    #[error("it must begin with the name of a project")]
    Name,
    /// Something else than names and commas in the brackets, or no end of them.
    #[error("the extras in [...] must be names with commas between them")]
    Extras,
    /// No URL behind the `@`.
    #[error("a URL must follow the @")]
    Url,
    /// A URL may hold a `;`, so only a blank ends it.
    #[error("a blank must stand between the URL and the ;")]
    BlankBeforeMarker,
    /// An operator or a version is missing or does not fit the other.
    #[error("{0} is not a version specifier such as >=1.0")]
    Specifier(Excerpt),
    /// The bracket around the version specifiers has no end.
    #[error("a ) is missing behind the version specifiers")]
    Parenthesis,
    /// Something that has no place there.
    #[error("{0} is left over; a marker must begin with a ;")]
    Rest(Excerpt),
    /// The condition behind the `;`.
    #[error("in the marker, {0}")]
    Marker(#[from] MarkerError),
}

/// A dependency specifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement<'a> {
    /// The name of the project, as written.
    pub name: &'a str,
    /// The URL of a direct reference.
    pub url: Option<&'a str>,
    /// The version specifier set, as written; empty: any version.
    pub versions: &'a str,
}

impl<'a> Requirement<'a> {
    /// Reads a dependency specifier; everything in it is checked.
    pub fn parse(text: &'a str) -> Result<Self, RequirementError> {
        let mut cursor = Cursor::new(text);
        cursor.blanks();
        let name = name(&mut cursor).ok_or(RequirementError::Name)?;
        cursor.blanks();
        if cursor.eat('[') {
            extras(&mut cursor).ok_or(RequirementError::Extras)?;
        }
        cursor.blanks();
        let (url, versions) = if cursor.eat('@') {
            (Some(url(&mut cursor)?), "")
        } else {
            (None, specifiers(&mut cursor)?)
        };
        if cursor.eat(';') {
            marker::check(&mut cursor)?;
        } else if !cursor.is_at_end() {
            return Err(RequirementError::Rest(cursor.rest().into()));
        }
        Ok(Self { name, url, versions })
    }
}

/// A name of a project or an extra. That an underscore may be its end is against the
/// specification, but was always taken.
fn name<'a>(cursor: &mut Cursor<'a>) -> Option<&'a str> {
    let word = cursor.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    let begins = word.starts_with(|c: char| c.is_ascii_alphanumeric());
    let ends = word.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    (begins && ends).then_some(word)
}

/// What stands between `[` and `]`, which may be nothing.
fn extras(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.blanks();
    if cursor.eat(']') {
        return Some(());
    }
    loop {
        name(cursor)?;
        cursor.blanks();
        if cursor.eat(']') {
            return Some(());
        }
        cursor.eat(',').then_some(())?;
        cursor.blanks();
    }
}

fn url<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, RequirementError> {
    cursor.blanks();
    let url = cursor.take_while(|c| !is_blank(c));
    cursor.blanks();
    let is_marker_next = cursor.is_at_end() || cursor.rest().starts_with(';');
    match url {
        "" => Err(RequirementError::Url),
        url if url.contains(';') && !is_marker_next => Err(RequirementError::BlankBeforeMarker),
        url => Ok(url),
    }
}

/// Version specifiers with commas between them, with or without a bracket around them. A comma
/// may be the last of it.
fn specifiers<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, RequirementError> {
    let in_brackets = cursor.eat('(');
    let all = cursor.take_while(|c| c != ';' && c != ')').trim_matches(is_blank);
    if in_brackets && !cursor.eat(')') {
        return Err(RequirementError::Parenthesis);
    }
    cursor.blanks();
    if all.is_empty() {
        return Ok(all);
    }
    let all = all.strip_suffix(',').unwrap_or(all);
    match all.split(',').find(|part| !is_specifier(part)) {
        Some(bad) => Err(RequirementError::Specifier(bad.trim().into())),
        None => Ok(all),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn requirements_that_are_taken() {
        for (text, name, url) in [
            ("a", "a", None),
            ("A.B-c_d", "A.B-c_d", None),
            ("a>=1,", "a", None),
            ("a (>=1)", "a", None),
            ("a (>=1,<2,)", "a", None),
            ("a ()", "a", None),
            ("a[]", "a", None),
            ("a[b]", "a", None),
            ("a [ b , c-d ] >= 1 , < 2", "a", None),
            ("a===foo", "a", None),
            ("a==1+l", "a", None),
            ("a~=1.0; python_version<'3'", "a", None),
            ("a>=1\n  ; os_name=='a'", "a", None),
            ("a;extra=='x'", "a", None),
            ("a @ https://e.com/a.whl", "a", Some("https://e.com/a.whl")),
            ("a@https://e.com/a.whl", "a", Some("https://e.com/a.whl")),
            ("a[b] @ file:///c", "a", Some("file:///c")),
            ("a @ git+https://x/y ; os_name=='a'", "a", Some("git+https://x/y")),
            ("a @ https://x/y;z ; os_name=='a'", "a", Some("https://x/y;z")),
        ] {
            let parsed = Requirement::parse(text).map(|it| (it.name, it.url));
            assert_eq!(parsed, Ok((name, url)), "{text}");
        }
    }

    #[test]
    fn versions_stand_apart_from_what_is_around_them() {
        for (text, versions) in [
            ("a", ""),
            ("a @ https://x/y", ""),
            ("a>=1, <2 ; os_name=='a'", ">=1, <2"),
            ("a[b] (~=1.0,)", "~=1.0"),
        ] {
            let parsed = Requirement::parse(text).map(|it| it.versions);
            assert_eq!(parsed, Ok(versions), "{text}");
        }
    }

    #[test]
    fn requirements_that_are_refused() {
        let specifier = |text: &str| RequirementError::Specifier(text.into());
        for (text, error) in [
            ("", RequirementError::Name),
            (">=1", RequirementError::Name),
            ("-a", RequirementError::Name),
            ("a-", RequirementError::Name),
            ("é", RequirementError::Name),
            ("https://e.com/a.whl", specifier("://e.com/a.whl")),
            ("a~=1", specifier("~=1")),
            ("a>=1.*", specifier(">=1.*")),
            ("a>=1+l", specifier(">=1+l")),
            ("a >=1 <2", specifier(">=1 <2")),
            ("a==1.0.dev1.*", specifier("==1.0.dev1.*")),
            ("a 1.0", specifier("1.0")),
            ("a>=1,,<2", specifier("")),
            ("a,", specifier("")),
            ("a b", specifier("b")),
            ("a>=1 # comment", specifier(">=1 # comment")),
            ("a(>=1", RequirementError::Parenthesis),
            ("a(>=1) b", RequirementError::Rest("b".into())),
            ("a>=1)", RequirementError::Rest(")".into())),
            ("a[b", RequirementError::Extras),
            ("a[b,]", RequirementError::Extras),
            ("a[b c]", RequirementError::Extras),
            ("a[-]", RequirementError::Extras),
            ("a @", RequirementError::Url),
            ("a @ u v", RequirementError::Rest("v".into())),
            ("a @ git+https://x/y; os_name=='a'", RequirementError::BlankBeforeMarker),
            ("a;", MarkerError::Value(String::new().as_str().into()).into()),
            ("a;foo=='b'", MarkerError::Value("foo".into()).into()),
            ("a; 'dev' in dependency_groups", MarkerError::LockFile("dependency_groups").into()),
            ("a; 'x' in extras", MarkerError::LockFile("extras").into()),
        ] {
            assert_eq!(Requirement::parse(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = Requirement::parse(&text);
        }

        #[test]
        fn no_near_miss_makes_it_panic(
            text in "a ?(\\[[a-z,]{0,4}\\])?[@(]? ?[<>=~!]{0,3}[0-9.*]{0,4},?\\)? ?(; ?[a-z_'=() ]{0,20})?"
        ) {
            let _ = Requirement::parse(&text);
        }
    }
}
