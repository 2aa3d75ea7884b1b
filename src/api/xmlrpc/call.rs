//! Reading calls. Every one is hostile until it is read: no entity is ever expanded but the five
//! that XML has, document types are refused, and values stand only so deep in each other.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::fault::Fault;
use crate::api::xml::is_carried;

/// How deep values may stand in each other. The deepest method takes texts in lists in a structure.
const DEEPEST: usize = 16;

/// A value. Types that no method takes are only known to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Int(i64),
    Text(String),
    Array(Vec<Self>),
    Struct(Vec<(String, Self)>),
    Other,
}

/// A call as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) method: String,
    pub(super) params: Vec<Value>,
}

impl Call {
    pub(super) fn read(body: &[u8]) -> Result<Self, Fault> {
        let text = str::from_utf8(body).map_err(|_| Fault::malformed("it is not UTF-8"))?;
        let mut source = Source::new(text);
        source.open("methodCall")?;
        source.open("methodName")?;
        let method = source.text_until_close()?.trim().to_owned();
        let mut params = Vec::new();
        if source.open_or_close("params")? {
            while source.open_or_close("param")? {
                source.open("value")?;
                params.push(source.value(0)?);
                source.close()?;
            }
            source.close()?;
        }
        match source.next_mark()? {
            Mark::End => Ok(Self { method, params }),
            _ => Err(Fault::malformed("something stands behind it")),
        }
    }
}

/// A piece of a document.
enum Mark {
    Open(String),
    Close,
    Text(String),
    End,
}

struct Source<'a>(Reader<&'a [u8]>);

impl<'a> Source<'a> {
    fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
        reader.config_mut().expand_empty_elements = true;
        Self(reader)
    }

    /// The next piece; text comes in any number of them.
    fn next(&mut self) -> Result<Mark, Fault> {
        loop {
            let event =
                self.0.read_event().map_err(|error| Fault::malformed(&error.to_string()))?;
            return Ok(match event {
                Event::Start(tag) => Mark::Open(tag.name().as_ref().to_owned()),
                Event::End(_) => Mark::Close,
                Event::Text(text) => Mark::Text(carried(text.xml10_content().into_owned())?),
                Event::CData(text) => Mark::Text(carried(text.xml10_content().into_owned())?),
                Event::GeneralRef(entity) => Mark::Text(carried(expand(&entity)?)?),
                Event::Eof => Mark::End,
                Event::DocType(_) => return Err(Fault::malformed("it has a document type")),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => continue,
                Event::Empty(_) => return Err(Fault::malformed("an element is empty")),
            });
        }
    }

    /// The next piece that is no blank text.
    fn next_mark(&mut self) -> Result<Mark, Fault> {
        loop {
            match self.next()? {
                Mark::Text(text) if text.trim().is_empty() => {}
                mark => return Ok(mark),
            }
        }
    }

    fn open(&mut self, wanted: &str) -> Result<(), Fault> {
        if self.open_or_close(wanted)? { Ok(()) } else { Err(missing(wanted)) }
    }

    /// Whether the element begins here; if not, the one around it ends here.
    fn open_or_close(&mut self, wanted: &str) -> Result<bool, Fault> {
        match self.next_mark()? {
            Mark::Open(name) if name == wanted => Ok(true),
            Mark::Close => Ok(false),
            _ => Err(missing(wanted)),
        }
    }

    fn close(&mut self) -> Result<(), Fault> {
        match self.next_mark()? {
            Mark::Close => Ok(()),
            _ => Err(Fault::malformed("an element has too much in it")),
        }
    }

    fn text_until_close(&mut self) -> Result<String, Fault> {
        let mut whole = String::new();
        loop {
            match self.next()? {
                Mark::Text(text) => whole.push_str(&text),
                Mark::Close => return Ok(whole),
                _ => return Err(Fault::malformed("an element stands where text belongs")),
            }
        }
    }

    /// What stands in `<value>`, with its end. Without a type it is a text.
    fn value(&mut self, depth: usize) -> Result<Value, Fault> {
        if depth > DEEPEST {
            return Err(Fault::malformed("its values stand too deep in each other"));
        }
        let mut bare = String::new();
        let kind = loop {
            match self.next()? {
                Mark::Text(text) => bare.push_str(&text),
                Mark::Close => return Ok(Value::Text(bare)),
                Mark::Open(kind) if bare.trim().is_empty() => break kind,
                _ => return Err(Fault::malformed("a value has text and a type")),
            }
        };
        let value = match kind.as_str() {
            "array" => self.array(depth)?,
            "struct" => self.members(depth)?,
            "string" => Value::Text(self.text_until_close()?),
            "int" | "i4" | "i8" => {
                let text = self.text_until_close()?;
                text.trim().parse().map_or(Value::Other, Value::Int)
            }
            "boolean" | "double" | "dateTime.iso8601" | "base64" | "nil" => {
                self.text_until_close()?;
                Value::Other
            }
            _ => return Err(Fault::malformed("a value has a type that is not known")),
        };
        self.close()?;
        Ok(value)
    }

    fn array(&mut self, depth: usize) -> Result<Value, Fault> {
        self.open("data")?;
        let mut values = Vec::new();
        while self.open_or_close("value")? {
            values.push(self.value(depth + 1)?);
        }
        self.close()?;
        Ok(Value::Array(values))
    }

    fn members(&mut self, depth: usize) -> Result<Value, Fault> {
        let mut members = Vec::new();
        while self.open_or_close("member")? {
            self.open("name")?;
            let name = self.text_until_close()?;
            self.open("value")?;
            members.push((name, self.value(depth + 1)?));
            self.close()?;
        }
        Ok(Value::Struct(members))
    }
}

fn missing(wanted: &str) -> Fault {
    Fault::malformed(&format!("{wanted} is missing"))
}

fn carried(text: String) -> Result<String, Fault> {
    let is_text = text.chars().all(is_carried);
    is_text.then_some(text).ok_or_else(|| Fault::malformed("it has control characters"))
}

fn expand(entity: &quick_xml::events::BytesRef<'_>) -> Result<String, Fault> {
    let known = match &**entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => entity.resolve_char_ref().ok().flatten(),
    };
    known.map(String::from).ok_or_else(|| Fault::malformed("it has an entity that is not known"))
}

#[cfg(test)]
mod tests;
