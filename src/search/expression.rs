//! What is looked for, and how each database says it.

/// A condition on the tokens of a project. Tokens are words, so nothing in them means anything to
/// a database.
#[derive(Debug, Clone)]
pub(super) enum Expression {
    /// A token.
    Token(String),
    /// A token that begins so.
    Start(String),
    /// All of these; at least one.
    All(Vec<Self>),
    /// Any of these; at least one.
    Any(Vec<Self>),
}

impl Expression {
    /// All of these tokens; none of no tokens.
    pub(super) fn all_of(tokens: &[String]) -> Option<Self> {
        let tokens: Vec<_> = tokens.iter().cloned().map(Self::Token).collect();
        (!tokens.is_empty()).then_some(Self::All(tokens))
    }

    /// This and all of these tokens.
    pub(super) fn with(self, tokens: &[String]) -> Self {
        let tokens = tokens.iter().cloned().map(Self::Token);
        Self::All(std::iter::once(self).chain(tokens).collect())
    }

    /// As FTS5 reads it. Source: <https://sqlite.org/fts5.html#full_text_query_syntax>
    pub(super) fn fts5(&self) -> String {
        match self {
            Self::Token(token) => format!("\"{token}\""),
            Self::Start(start) => format!("\"{start}\" *"),
            Self::All(parts) => Self::join(parts, " AND ", Self::fts5),
            Self::Any(parts) => Self::join(parts, " OR ", Self::fts5),
        }
    }

    /// As a `tsquery` is written.
    /// Source: <https://www.postgresql.org/docs/current/datatype-textsearch.html>
    pub(super) fn tsquery(&self) -> String {
        match self {
            Self::Token(token) => format!("'{token}'"),
            Self::Start(start) => format!("'{start}':*"),
            Self::All(parts) => Self::join(parts, " & ", Self::tsquery),
            Self::Any(parts) => Self::join(parts, " | ", Self::tsquery),
        }
    }

    fn join(parts: &[Self], between: &str, write: fn(&Self) -> String) -> String {
        let parts: Vec<_> = parts.iter().map(write).collect();
        format!("({})", parts.join(between))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_read_it() {
        let start = Expression::Start("we".to_owned());
        let any = Expression::Any(vec![start, Expression::Token("é".to_owned())]);
        let whole = any.with(&["a".to_owned()]);
        assert_eq!(whole.fts5(), "((\"we\" * OR \"é\") AND \"a\")");
        assert_eq!(whole.tsquery(), "(('we':* | 'é') & 'a')");
    }
}
