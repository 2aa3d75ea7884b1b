//! HTML as installers read it: by the parser of Python's standard library, which is the one that
//! pip uses. It tells an attribute without a value from one with an empty value.

use std::io::Write;
use std::process::{Command, Stdio};

use serde::Deserialize;

/// Prints the elements in the order of their start tags, as JSON, and fails where tags are not
/// nested well.
const PARSER: &str = r#"
import json, sys
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "input"}

class Parser(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.elements, self.open = [], []
    def handle_decl(self, declaration):
        self.elements.append({"tag": "!" + declaration, "attributes": [], "text": ""})
    def handle_starttag(self, tag, attributes):
        self.elements.append({"tag": tag, "attributes": attributes, "text": ""})
        if tag not in VOID:
            self.open.append(self.elements[-1])
    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag, tag
    def handle_data(self, text):
        if self.open:
            self.open[-1]["text"] += text

parser = Parser()
parser.feed(sys.stdin.buffer.read().decode("utf-8"))
parser.close()
assert not parser.open, parser.open
json.dump(parser.elements, sys.stdout)
"#;

/// An element, or the document type as one whose tag begins with `!`.
#[derive(Debug, Deserialize)]
pub struct Element {
    pub tag: String,
    attributes: Vec<(String, Option<String>)>,
    /// The text in it, without that of elements in it.
    pub text: String,
}

impl Element {
    /// The value of an attribute, which has to have one.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut found = self.attributes.iter().filter(|(known, _)| known == name);
        let (_, value) = found.next()?;
        assert!(found.next().is_none(), "{name} stands twice in {self:?}");
        Some(value.as_deref().unwrap_or_else(|| panic!("{name} has no value in {self:?}")))
    }
}

/// A parsed page.
#[derive(Debug)]
pub struct Html(pub Vec<Element>);

impl Html {
    pub fn parse(text: &str) -> Self {
        let mut python = Command::new(super::prepared("TEST_CLIENTS").join("python"));
        python.args(["-I", "-c", PARSER]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = python.spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "no well-formed page: {text}");
        Self(serde_json::from_slice(&output.stdout).unwrap())
    }

    /// All elements of that name.
    pub fn all(&self, tag: &str) -> Vec<&Element> {
        self.0.iter().filter(|element| element.tag == tag).collect()
    }

    /// What the `<meta>` element of that name says; there is at most one.
    pub fn meta(&self, name: &str) -> Option<&str> {
        let is_named = |element: &&&Element| element.attribute("name") == Some(name);
        let metas = self.all("meta");
        let found: Vec<_> = metas.iter().filter(is_named).collect();
        assert!(found.len() <= 1, "{found:?}");
        found.first().and_then(|element| element.attribute("content"))
    }
}
