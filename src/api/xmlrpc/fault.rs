//! Why a call is not answered.

use super::writer::Writer;

/// A fault, with a code that clients tell its kinds apart by.
/// Source: <https://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php>
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    code: i64,
    words: String,
}

const MALFORMED: i64 = -32700;
const UNKNOWN_METHOD: i64 = -32601;
const WRONG_PARAMETERS: i64 = -32602;
const FAILED: i64 = -32500;

impl Fault {
    /// What was sent is no call at all.
    pub(super) fn malformed(why: &str) -> Self {
        Self { code: MALFORMED, words: format!("ParseError: not a well-formed call: {why}") }
    }

    /// No method of that name was ever known.
    pub(super) fn unknown_method() -> Self {
        Self { code: UNKNOWN_METHOD, words: "server error; requested method not found".into() }
    }

    /// The method is known and takes something else.
    pub(super) fn wrong_parameters(takes: &str) -> Self {
        Self { code: WRONG_PARAMETERS, words: format!("client error; this method takes {takes}") }
    }

    /// The method was once known; `instead` reads like "ask the JSON API".
    pub(super) fn dead(instead: &str) -> Self {
        Self { code: FAILED, words: format!("RuntimeError: no longer supported; {instead}") }
    }

    /// The answer that says so.
    pub(super) fn write(&self) -> String {
        let mut value = Writer::default();
        value.structure(|members| {
            members.member("faultCode", |value| value.int(self.code));
            members.member("faultString", |value| value.text(&self.words));
        });
        value.into_fault()
    }

    #[cfg(test)]
    pub(super) fn code(&self) -> i64 {
        self.code
    }
}
