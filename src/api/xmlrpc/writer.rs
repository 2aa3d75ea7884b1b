//! Answers, written as they are made: a list of all projects never exists as values.

use crate::api::xml::push_text;

const HEAD: &str = "<?xml version='1.0' encoding='UTF-8'?>\n<methodResponse>\n";
const TAIL: &str = "</methodResponse>\n";

/// Writes one value, or the content of one that has others inside.
#[derive(Default)]
pub(super) struct Writer(String);

impl Writer {
    /// A number. Those that the standard's 32 bits do not hold are of the type that all readers
    /// of larger ones know.
    pub(super) fn int(&mut self, number: i64) {
        let tag = if i32::try_from(number).is_ok() { "int" } else { "i8" };
        self.value(|out| out.tagged(tag, &number.to_string()));
    }

    /// A text. Characters that XML cannot carry are left out.
    pub(super) fn text(&mut self, text: &str) {
        self.value(|out| out.tagged("string", text));
    }

    /// A text, or nothing.
    pub(super) fn maybe(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.value(|out| out.0.push_str("<nil/>")),
        }
    }

    /// A list of the values that `content` writes.
    pub(super) fn array(&mut self, content: impl FnOnce(&mut Self)) {
        self.value(|out| {
            out.0.push_str("<array><data>\n");
            content(out);
            out.0.push_str("</data></array>");
        });
    }

    /// A structure of the members that `content` writes. Returns what that returns.
    pub(super) fn structure<T>(&mut self, content: impl FnOnce(&mut Self) -> T) -> T {
        self.value(|out| {
            out.0.push_str("<struct>\n");
            let result = content(out);
            out.0.push_str("</struct>");
            result
        })
    }

    /// A member of a structure.
    pub(super) fn member(&mut self, name: &str, value: impl FnOnce(&mut Self)) {
        self.0.push_str("<member>");
        self.tagged("name", name);
        value(self);
        self.0.push_str("</member>\n");
    }

    /// The document that answers with the value.
    pub(super) fn into_answer(self) -> String {
        format!("{HEAD}<params><param>{}</param></params>\n{TAIL}", self.0)
    }

    /// The document that answers with the value as a fault.
    pub(super) fn into_fault(self) -> String {
        format!("{HEAD}<fault>{}</fault>\n{TAIL}", self.0)
    }

    fn value<T>(&mut self, content: impl FnOnce(&mut Self) -> T) -> T {
        self.0.push_str("<value>");
        let result = content(self);
        self.0.push_str("</value>\n");
        result
    }

    fn tagged(&mut self, tag: &str, text: &str) {
        self.0.push('<');
        self.0.push_str(tag);
        self.0.push('>');
        push_text(&mut self.0, text);
        self.0.push_str("</");
        self.0.push_str(tag);
        self.0.push('>');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let mut out = Writer::default();
        out.array(|row| {
            row.int(7);
            row.int(3_000_000_000);
            row.maybe(None);
            row.structure(|members| members.member("a", |value| value.text("<&>\u{1}")));
        });
        let flat = out.0.replace('\n', "");
        assert_eq!(
            flat,
            "<value><array><data><value><int>7</int></value><value><i8>3000000000</i8></value>\
             <value><nil/></value><value><struct><member><name>a</name><value><string>&lt;&amp;&gt;\
             </string></value></member></struct></value></data></array></value>"
        );
    }
}
