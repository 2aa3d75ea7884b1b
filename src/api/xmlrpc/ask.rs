//! What a call asks for.

use super::call::{Call, Value};
use super::fault::Fault;
use crate::search::parts::Wanted;

/// How many words a search takes, and how many classifiers are looked for at once: each is a
/// condition of its own for the database.
const MOST_WORDS: usize = 20;
/// Longest word of a search in characters, as on the page for it: SQLite takes no endless patterns.
const LONGEST_WORD: usize = 500;

/// A question that can be answered.
#[derive(Debug, Clone)]
pub(super) enum Ask {
    /// Projects by words.
    Search(Wanted),
    /// All projects with their serials.
    Projects,
    /// The last serial of the index.
    LastSerial,
    /// What happened after a serial.
    Changes(i64),
    /// Who has which role in a project.
    RolesOf(String),
    /// Which roles an account has.
    ProjectsOf(String),
    /// The releases that have all these classifiers.
    ReleasesWith(Vec<String>),
}

/// Methods that PyPI once had, and what serves in their place.
const DEAD: [(&str, &str); 14] = [
    ("changed_packages", "ask changelog_since_serial"),
    ("changelog", "ask changelog_since_serial"),
    ("list_packages", "read the simple index at /simple/"),
    ("package_data", "read the JSON API at /pypi/{project}/{version}/json"),
    ("package_hosting_mode", "every file is hosted here"),
    ("package_releases", "read the JSON API at /pypi/{project}/json"),
    ("package_urls", "read the JSON API at /pypi/{project}/{version}/json"),
    ("post_cheesecake_for_release", "there is nothing in its place"),
    ("release_data", "read the JSON API at /pypi/{project}/{version}/json"),
    ("release_downloads", "downloads are not counted"),
    ("release_urls", "read the JSON API at /pypi/{project}/{version}/json"),
    ("system.multicall", "call each method by itself"),
    ("top_packages", "downloads are not counted"),
    ("updated_releases", "ask changelog_since_serial"),
];

impl Ask {
    pub(super) fn new(call: Call) -> Result<Self, Fault> {
        let Call { method, params } = call;
        match method.as_str() {
            "search" => search(params),
            "list_packages_with_serial" => nothing(&params, Self::Projects),
            "changelog_last_serial" => nothing(&params, Self::LastSerial),
            "changelog_since_serial" => match params.as_slice() {
                [Value::Int(serial)] => Ok(Self::Changes(*serial)),
                _ => Err(Fault::wrong_parameters("a serial, which is a whole number")),
            },
            "package_roles" => one_text(params).map(Self::RolesOf),
            "user_packages" => one_text(params).map(Self::ProjectsOf),
            "browse" => browse(params),
            other => match DEAD.iter().find(|(name, _)| *name == other) {
                Some((_, instead)) => Err(Fault::dead(instead)),
                None => Err(Fault::unknown_method()),
            },
        }
    }
}

fn nothing(params: &[Value], ask: Ask) -> Result<Ask, Fault> {
    params.is_empty().then_some(ask).ok_or_else(|| Fault::wrong_parameters("nothing"))
}

fn one_text(params: Vec<Value>) -> Result<String, Fault> {
    match <[Value; 1]>::try_from(params) {
        Ok([Value::Text(text)]) => Ok(text),
        _ => Err(Fault::wrong_parameters("one name")),
    }
}

fn browse(params: Vec<Value>) -> Result<Ask, Fault> {
    let wrong = || Fault::wrong_parameters("a list of one to 20 classifiers");
    let Ok([Value::Array(values)]) = <[Value; 1]>::try_from(params) else { return Err(wrong()) };
    let mut classifiers = texts(values).ok_or_else(wrong)?;
    classifiers.sort_unstable();
    classifiers.dedup();
    if classifiers.is_empty() || classifiers.len() > MOST_WORDS {
        return Err(wrong());
    }
    Ok(Ask::ReleasesWith(classifiers))
}

/// `search({"name": …, "summary": …}, "and" | "or")`, where each field has one text or a list;
/// without an operator all must fit.
fn search(params: Vec<Value>) -> Result<Ask, Fault> {
    let wrong = || {
        Fault::wrong_parameters(
            "a structure with the fields name and summary, each a text or a list of texts, at \
             most 20 in all and of at most 500 characters each, and then \"and\" or \"or\"",
        )
    };
    let mut params = params.into_iter();
    let Some(Value::Struct(fields)) = params.next() else { return Err(wrong()) };
    let mut wanted = Wanted { all: true, ..Wanted::default() };
    match (params.next(), params.next()) {
        (None, _) => {}
        (Some(Value::Text(operator)), None) if operator.eq_ignore_ascii_case("and") => {}
        (Some(Value::Text(operator)), None) if operator.eq_ignore_ascii_case("or") => {
            wanted.all = false;
        }
        _ => return Err(wrong()),
    }
    for (field, value) in fields {
        let parts = match value {
            Value::Text(text) => vec![text],
            Value::Array(values) => texts(values).ok_or_else(wrong)?,
            _ => return Err(wrong()),
        };
        match field.as_str() {
            "name" => wanted.names.extend(parts),
            "summary" => wanted.summaries.extend(parts),
            _ => return Err(wrong()),
        }
    }
    let is_long = |word: &String| word.chars().nth(LONGEST_WORD).is_some();
    let mut words = wanted.names.iter().chain(&wanted.summaries);
    if wanted.names.len() + wanted.summaries.len() > MOST_WORDS || words.any(is_long) {
        return Err(wrong());
    }
    Ok(Ask::Search(wanted))
}

fn texts(values: Vec<Value>) -> Option<Vec<String>> {
    let text = |value| match value {
        Value::Text(text) => Some(text),
        _ => None,
    };
    values.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(method: &str, params: Vec<Value>) -> Option<i64> {
        let call = Call { method: method.to_owned(), params };
        Ask::new(call).err().map(|fault| fault.code())
    }

    fn text() -> Value {
        Value::Text("a".to_owned())
    }

    #[test]
    fn each_method_takes_what_it_takes() {
        let field = |name: &str, value| Value::Struct(vec![(name.to_owned(), value)]);
        let many = Value::Array(vec![text(); MOST_WORDS + 1]);
        let or = || Value::Text("OR".to_owned());
        for (method, params, expected) in [
            ("changelog_last_serial", vec![], None),
            ("changelog_last_serial", vec![Value::Int(1)], Some(-32602)),
            ("changelog_since_serial", vec![Value::Int(1)], None),
            ("changelog_since_serial", vec![text()], Some(-32602)),
            ("changelog_since_serial", vec![], Some(-32602)),
            ("package_roles", vec![text()], None),
            ("package_roles", vec![Value::Other], Some(-32602)),
            ("user_packages", vec![text(), text()], Some(-32602)),
            ("browse", vec![Value::Array(vec![text(), text()])], None),
            ("browse", vec![Value::Array(vec![])], Some(-32602)),
            ("browse", vec![text()], Some(-32602)),
            ("search", vec![field("name", text()), or()], None),
            ("search", vec![field("summary", Value::Array(vec![text()]))], None),
            ("search", vec![Value::Struct(vec![])], None),
            ("search", vec![field("author", text())], Some(-32602)),
            ("search", vec![field("name", Value::Int(1))], Some(-32602)),
            ("search", vec![field("name", many)], Some(-32602)),
            ("search", vec![field("name", text()), text()], Some(-32602)),
            ("search", vec![field("name", text()), or(), or()], Some(-32602)),
            ("search", vec![], Some(-32602)),
            ("release_data", vec![text(), text()], Some(-32500)),
            ("system.multicall", vec![], Some(-32500)),
            ("no.such.method", vec![], Some(-32601)),
        ] {
            assert_eq!(code(method, params.clone()), expected, "{method} {params:?}");
        }
    }
}
