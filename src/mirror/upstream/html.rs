//! Reading the HTML form of a page (PEP 503, 592, 629, 658, 714, 740, 792).
//!
//! The tokenizer is the one of browsers: character references mean what they mean there, and no
//! text makes it fail. There is no tree: anchors count wherever they stand.

use std::cell::RefCell;

use html5ever::Attribute;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use url::Url;

use super::entry::{self, Entry};
use super::error::NotSimple;
use super::json::{is_known_version, status_of};
use crate::mirror::page::UpstreamPage;
use crate::packaging::NormalizedName;

/// How the title of such pages begins since there are any.
const TITLE: &str = "Links for";
/// No title that matters is longer.
const LONGEST_TITLE: usize = 200;

/// Reads the page of a project that came from a URL. Anchors that are malformed, or lead to
/// something else than a file of the project, are left out.
pub(super) fn read(
    text: &[u8],
    project: &NormalizedName,
    url: &Url,
) -> Result<UpstreamPage, NotSimple> {
    let text = String::from_utf8_lossy(text);
    let seen = tokenize(&text);
    if let Some(version) = seen.version.as_deref().filter(|text| !is_known_version(text)) {
        return Err(NotSimple::Version(version.to_owned()));
    }
    let base = seen.base.and_then(|base| url.join(base.trim()).ok());
    let base = base.as_ref().unwrap_or(url);
    let files = seen.entries.into_iter().filter_map(|entry| entry.take(project, base));
    let files = entry::in_order(files.collect());
    let says_so = seen.version.is_some() || seen.title.trim_start().starts_with(TITLE);
    if files.is_empty() && !says_so {
        return Err(NotSimple::OtherHtml);
    }
    Ok(UpstreamPage {
        status: status_of(seen.status.as_deref()),
        status_reason: seen.status_reason.as_deref().and_then(entry::one_line),
        versions: entry::versions(Vec::new(), &files),
        files,
    })
}

fn tokenize(text: &str) -> Seen {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(text));
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

/// What matters of a page.
#[derive(Default)]
struct Seen {
    base: Option<String>,
    version: Option<String>,
    status: Option<String>,
    status_reason: Option<String>,
    title: String,
    is_in_title: bool,
    entries: Vec<Entry>,
}

#[derive(Default)]
struct Sink(RefCell<Seen>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut seen = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => seen.tag(&tag),
            Token::CharacterTokens(text)
                if seen.is_in_title && seen.title.len() < LONGEST_TITLE =>
            {
                seen.title.push_str(&text);
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Seen {
    fn tag(&mut self, tag: &Tag) {
        let name: &str = &tag.name;
        self.is_in_title = name == "title" && tag.kind == TagKind::StartTag;
        if tag.kind == TagKind::EndTag {
            return;
        }
        match name {
            "a" => self.entries.extend(anchor(&tag.attrs)),
            "base" if self.base.is_none() => self.base = value(&tag.attrs, "href"),
            "meta" => self.meta(&tag.attrs),
            _ => {}
        }
    }

    fn meta(&mut self, attributes: &[Attribute]) {
        let name = value(attributes, "name").unwrap_or_default();
        let place = match name.to_ascii_lowercase().as_str() {
            "pypi:repository-version" => &mut self.version,
            "pypi:project-status" => &mut self.status,
            "pypi:project-status-reason" => &mut self.status_reason,
            _ => return,
        };
        if place.is_none() {
            *place = value(attributes, "content");
        }
    }
}

fn anchor(attributes: &[Attribute]) -> Option<Entry> {
    let metadata = ["data-core-metadata", "data-dist-info-metadata"].iter();
    let digests = metadata.filter_map(|name| entry::digest_in(&value(attributes, name)?));
    Some(Entry {
        url: value(attributes, "href")?,
        requires_python: value(attributes, "data-requires-python"),
        yanked: value(attributes, "data-yanked"),
        core_metadata: digests.take(1).collect(),
        provenance: value(attributes, "data-provenance"),
        ..Entry::default()
    })
}

fn value(attributes: &[Attribute], name: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| &*attribute.name.local == name)?;
    Some(found.value.to_string())
}
