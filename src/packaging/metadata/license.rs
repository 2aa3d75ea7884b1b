//! Licence expressions: SPDX identifiers joined by `AND`, `OR` and `WITH`.
//! Sources: <https://packaging.python.org/en/latest/specifications/license-expression/>,
//! <https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/>

use std::collections::HashMap;
use std::sync::LazyLock;

use spdx::identifiers::{EXCEPTIONS, LICENSES};

use super::error::Excerpt;

/// What an identifier begins with that the list of SPDX does not have.
const REFERENCE: &str = "LicenseRef-";

/// Identifiers in lower case, with the spelling of the list.
type Identifiers = HashMap<String, &'static str>;

static LICENSE_IDS: LazyLock<Identifiers> =
    LazyLock::new(|| by_lower_case(LICENSES.iter().map(|license| license.name)));
static EXCEPTION_IDS: LazyLock<Identifiers> =
    LazyLock::new(|| by_lower_case(EXCEPTIONS.iter().map(|exception| exception.name)));

/// Why a text is not a licence expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LicenseError {
    /// Not an identifier of the list.
    #[error("{0} is not an SPDX licence identifier; for other licences, use LicenseRef-{{name}}")]
    License(Excerpt),
    /// Not an exception of the list behind `WITH`.
    #[error("{0} is not an SPDX licence exception")]
    Exception(Excerpt),
    /// `LicenseRef-` with other characters or none.
    #[error("{0} must be LicenseRef- with letters, digits, '.' and '-' behind it")]
    Reference(Excerpt),
    /// A word that has no place where it stands.
    #[error("{0} cannot stand there; identifiers need AND, OR or WITH between them")]
    Word(Excerpt),
    /// Nothing behind the last operator, or no text at all.
    #[error("it ends where an identifier is expected")]
    End,
    /// Brackets that do not fit each other.
    #[error("the brackets do not fit each other")]
    Brackets,
}

/// What may come next in an expression.
#[derive(Clone, Copy, PartialEq)]
enum Expected {
    /// An identifier or an opening bracket.
    License,
    /// An identifier behind `WITH`.
    Exception,
    /// An operator or a closing bracket; `WITH` too.
    AfterLicense,
    /// An operator or a closing bracket.
    AfterTerm,
}

/// The expression in the spelling of the list: identifiers as SPDX writes them, operators in
/// upper case, one blank between words, none inside brackets.
pub(super) fn canonical(expression: &str) -> Result<String, LicenseError> {
    let mut canonical = String::with_capacity(expression.len());
    let (mut expected, mut depth) = (Expected::License, 0_usize);
    for word in words(expression) {
        let (written, next) = read(word, expected)?;
        depth = match word {
            "(" => depth + 1,
            ")" => depth.checked_sub(1).ok_or(LicenseError::Brackets)?,
            _ => depth,
        };
        if !(canonical.is_empty() || canonical.ends_with('(') || word == ")") {
            canonical.push(' ');
        }
        canonical.push_str(&written);
        expected = next;
    }
    match expected {
        Expected::License | Expected::Exception => Err(LicenseError::End),
        _ if depth > 0 => Err(LicenseError::Brackets),
        _ => Ok(canonical),
    }
}

/// The words of an expression; a bracket is a word of its own.
fn words(expression: &str) -> impl Iterator<Item = &str> {
    let pieces = |word| str::split_inclusive(word, ['(', ')']);
    expression.split_whitespace().flat_map(pieces).flat_map(|piece| {
        let bracket = piece.len() - usize::from(piece.ends_with(['(', ')']));
        let (word, bracket) = piece.split_at_checked(bracket).unwrap_or((piece, ""));
        [word, bracket].into_iter().filter(|word| !word.is_empty())
    })
}

fn read(word: &str, expected: Expected) -> Result<(String, Expected), LicenseError> {
    let operator = word.to_ascii_uppercase();
    let is_operator = matches!(operator.as_str(), "AND" | "OR" | "WITH" | "(" | ")");
    match (expected, operator.as_str()) {
        (Expected::License, "(") => Ok((operator, Expected::License)),
        (Expected::License, _) if !is_operator => Ok((license(word)?, Expected::AfterLicense)),
        (Expected::Exception, _) if !is_operator => Ok((exception(word)?, Expected::AfterTerm)),
        (Expected::AfterLicense, "WITH") => Ok((operator, Expected::Exception)),
        (Expected::AfterLicense | Expected::AfterTerm, "AND" | "OR") => {
            Ok((operator, Expected::License))
        }
        (Expected::AfterLicense | Expected::AfterTerm, ")") => Ok((operator, Expected::AfterTerm)),
        _ => Err(LicenseError::Word(word.into())),
    }
}

fn license(word: &str) -> Result<String, LicenseError> {
    if let Some((prefix, reference)) = word.split_at_checked(REFERENCE.len())
        && prefix.eq_ignore_ascii_case(REFERENCE)
    {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let valid = !reference.is_empty() && reference.chars().all(fits);
        return valid
            .then(|| format!("{REFERENCE}{reference}"))
            .ok_or_else(|| LicenseError::Reference(word.into()));
    }
    let (name, later) = word.strip_suffix('+').map_or((word, ""), |name| (name, "+"));
    let known = LICENSE_IDS.get(&name.to_ascii_lowercase());
    known.map(|id| format!("{id}{later}")).ok_or_else(|| LicenseError::License(word.into()))
}

fn exception(word: &str) -> Result<String, LicenseError> {
    let known = EXCEPTION_IDS.get(&word.to_ascii_lowercase());
    known.map(|id| (*id).to_owned()).ok_or_else(|| LicenseError::Exception(word.into()))
}

/// The list also has identifiers such as `GPL-2.0+`; the plus is read apart from them.
fn by_lower_case(names: impl Iterator<Item = &'static str>) -> Identifiers {
    let names = names.filter(|name| !name.ends_with('+'));
    names.map(|name| (name.to_ascii_lowercase(), name)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn expressions_and_their_canonical_form() {
        for (text, expected) in [
            ("MIT", "MIT"),
            ("mit", "MIT"),
            ("MIT AND (apache-2.0 or BSD-2-Clause)", "MIT AND (Apache-2.0 OR BSD-2-Clause)"),
            ("licenseref-Foo.1", "LicenseRef-Foo.1"),
            (
                "GPL-3.0-only with classpath-exception-2.0",
                "GPL-3.0-only WITH Classpath-exception-2.0",
            ),
            ("GPL-2.0+", "GPL-2.0+"),
            ("gpl-2.0", "GPL-2.0"),
            ("0bsd+ Or  zlib", "0BSD+ OR Zlib"),
            ("( (mit) )", "((MIT))"),
            ("(mit)and(isc)", "(MIT) AND (ISC)"),
            ("mit\n or isc", "MIT OR ISC"),
        ] {
            assert_eq!(canonical(text).as_deref(), Ok(expected), "{text}");
        }
        let deep = format!("{}mit{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(canonical(&deep).is_ok());
    }

    #[test]
    fn what_is_not_an_expression() {
        let word = |text: &str| LicenseError::Word(text.into());
        let license = |text: &str| LicenseError::License(text.into());
        let reference = |text: &str| LicenseError::Reference(text.into());
        for (text, error) in [
            ("", LicenseError::End),
            ("  ", LicenseError::End),
            ("(MIT", LicenseError::Brackets),
            ("MIT)", LicenseError::Brackets),
            ("()", word(")")),
            ("(", LicenseError::End),
            ("MIT OR", LicenseError::End),
            ("AND MIT", word("AND")),
            ("MIT ISC", word("ISC")),
            ("MIT (ISC)", word("(")),
            ("MIT/ISC", license("MIT/ISC")),
            ("MIT, ISC", license("MIT,")),
            ("MIT with", LicenseError::End),
            ("MIT WITH MIT", LicenseError::Exception("MIT".into())),
            ("MIT WITH (LLVM-exception)", word("(")),
            ("(MIT) WITH LLVM-exception", word("WITH")),
            ("MIT WITH LLVM-exception WITH LLVM-exception", word("WITH")),
            ("LLVM-exception", license("LLVM-exception")),
            ("LicenseRef-", reference("LicenseRef-")),
            ("LicenseRef-My_Lic", reference("LicenseRef-My_Lic")),
            ("LicenseRef-Foo+", reference("LicenseRef-Foo+")),
            ("DocumentRef-x:LicenseRef-y", license("DocumentRef-x:LicenseRef-y")),
            ("Use-it-after-midnight", license("Use-it-after-midnight")),
            ("BSD", license("BSD")),
            ("Apache 2.0", license("Apache")),
            ("MIT++", license("MIT++")),
            ("ＭＩＴ", license("ＭＩＴ")),
        ] {
            assert_eq!(canonical(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_canonical_form_stays(
            text in "(mit|\\(?isc|gpl-2.0\\+|licenseref-A\\)?)( (and|OR|with|\\() (MIT\\)?|llvm-exception|zlib)){0,4}"
        ) {
            if let Ok(once) = canonical(&text) {
                prop_assert_eq!(canonical(&once), Ok(once));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = canonical(&text);
        }
    }
}
