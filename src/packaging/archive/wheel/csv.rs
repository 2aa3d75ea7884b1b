//! Lines of comma-separated values, as Python's `csv` module writes and reads them.

/// The rows of a text with their line numbers. A field may be quoted with `"`, which is doubled
/// inside; rows end with `\n`, `\r\n` or `\r`. An error is the number of the line whose quoting is
/// broken.
pub(super) fn rows(text: &str) -> impl Iterator<Item = Result<(usize, Vec<String>), usize>> {
    let mut rest = text;
    let mut line = 0;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        line += 1;
        let begun = line;
        let Some((row, behind)) = row(rest) else {
            rest = "";
            return Some(Err(begun));
        };
        line += row.iter().map(|field| field.matches('\n').count()).sum::<usize>();
        rest = behind;
        Some(Ok((begun, row)))
    })
}

fn row(text: &str) -> Option<(Vec<String>, &str)> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let (field, behind) = field(rest)?;
        fields.push(field);
        if let Some(next) = behind.strip_prefix(',') {
            rest = next;
            continue;
        }
        let end = behind.strip_prefix("\r\n").or_else(|| behind.strip_prefix(['\r', '\n']));
        return match end {
            Some(next) => Some((fields, next)),
            None => behind.is_empty().then_some((fields, "")),
        };
    }
}

fn field(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([',', '\r', '\n', '"']).unwrap_or(text.len());
        let (value, behind) = text.split_at_checked(end)?;
        // A quote inside an unquoted field is read in different ways.
        return (!behind.starts_with('"')).then(|| (value.to_owned(), behind));
    };
    let mut value = String::new();
    loop {
        let (part, behind) = rest.split_once('"')?;
        value.push_str(part);
        let Some(next) = behind.strip_prefix('"') else { return Some((value, behind)) };
        value.push('"');
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_apart() {
        for (text, expected) in [
            ("a,b,c\n", vec![vec!["a", "b", "c"]]),
            ("a,b,c\r\nd,,", vec![vec!["a", "b", "c"], vec!["d", "", ""]]),
            ("\"a,\"\"x\"\"\",b\r\n", vec![vec!["a,\"x\"", "b"]]),
            ("\"a\nb\",c\rd\n", vec![vec!["a\nb", "c"], vec!["d"]]),
            ("\"\"\n", vec![vec![""]]),
            ("\n", vec![vec![""]]),
            ("", vec![]),
        ] {
            let found: Result<Vec<_>, _> = rows(text).map(|row| row.map(|(_, row)| row)).collect();
            let expected = expected
                .into_iter()
                .map(|row: Vec<&str>| row.into_iter().map(str::to_owned).collect())
                .collect::<Vec<Vec<String>>>();
            assert_eq!(found, Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn broken_quotes_are_refused() {
        for text in ["\"a", "a\"b,c", "\"a\"b,c", "x\n\"y"] {
            assert!(rows(text).any(|row| row.is_err()), "{text:?}");
        }
    }
}
