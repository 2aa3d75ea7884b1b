//! Single downloads as text for other programs: CSV (RFC 4180) and JSON lines.

use serde::Serialize;

use super::single::Download;
use crate::error::{Error, Result};
use crate::time;

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
const LINE_END: &str = "\r\n";

/// The forms of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A line with the names of the columns, then a line a download.
    Csv,
    /// A JSON object a line.
    JsonLines,
}

/// A download as programs read it.
#[derive(Debug, Serialize)]
pub struct Entry<'a> {
    at: String,
    user: &'a str,
    /// The number of the API token, as `token list` shows it; `null`: a password or a session.
    token: Option<i64>,
    token_label: Option<&'a str>,
    ip: Option<&'a str>,
    user_agent: Option<&'a str>,
    project: &'a str,
    version: &'a str,
    file: &'a str,
    sha256: &'a str,
}

impl<'a> From<&'a Download> for Entry<'a> {
    fn from(it: &'a Download) -> Self {
        Self {
            at: time::iso(it.at),
            user: &it.username,
            token: it.token,
            token_label: it.token_label.as_deref(),
            ip: it.ip.as_deref(),
            user_agent: it.agent.as_deref(),
            project: &it.project,
            version: &it.version,
            file: &it.filename,
            sha256: &it.sha256,
        }
    }
}

impl Form {
    /// The form of that name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::JsonLines),
            _ => None,
        }
    }

    /// What comes before the first download.
    pub fn head(self) -> &'static str {
        match self {
            Self::Csv => "at,user,token,token_label,ip,user_agent,project,version,file,sha256\r\n",
            Self::JsonLines => "",
        }
    }

    /// The line of a download, with its end.
    ///
    /// Fails where JSON cannot be written, which does not happen.
    pub fn line(self, download: &Download) -> Result<String> {
        let entry = Entry::from(download);
        match self {
            Self::Csv => Ok(csv(&entry)),
            Self::JsonLines => serde_json::to_string(&entry)
                .map(|line| line + "\n")
                .map_err(|error| Error::internal("writing a download as JSON", error)),
        }
    }
}

fn csv(entry: &Entry<'_>) -> String {
    let token = entry.token.map(|token| token.to_string()).unwrap_or_default();
    let cells = [
        &entry.at,
        entry.user,
        &token,
        entry.token_label.unwrap_or_default(),
        entry.ip.unwrap_or_default(),
        entry.user_agent.unwrap_or_default(),
        entry.project,
        entry.version,
        entry.file,
        entry.sha256,
    ];
    cells.map(cell).join(",") + LINE_END
}

/// A cell that no spreadsheet takes for a formula, in quotes where it needs them.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(FORMULA) { "'" } else { "" };
    if text.contains([',', '"', '\r', '\n']) {
        return format!("\"{guard}{}\"", text.replace('"', "\"\""));
    }
    format!("{guard}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_no_formulas_and_stay_cells() {
        for (text, expected) in [
            ("", ""),
            ("pip/26.0", "pip/26.0"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("\tx", "'\tx"),
            ("a,b", "\"a,b\""),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
            ("a\nb", "\"a\nb\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
