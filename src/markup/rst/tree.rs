//! The document as a tree: what the parser makes and the writer reads.

/// A part that stands on lines of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Block {
    /// A section title; the first kind of title has level 1.
    Heading { level: usize, id: String, text: Vec<Inline> },
    /// Running text.
    Paragraph(Vec<Inline>),
    /// A heading that begins no section.
    Rubric(Vec<Inline>),
    /// Pictures that follow each other.
    Pictures(Vec<Inline>),
    /// Text whose lines and spaces stay as they are.
    Literal(Vec<Inline>),
    /// Lines that stay lines, each with its depth.
    Lines(Vec<(usize, Vec<Inline>)>),
    /// Indented text.
    Quote(Vec<Block>),
    /// An unordered list.
    Bullets(Vec<Vec<Block>>),
    /// An ordered list, its first number, and how HTML names its kind of numbers.
    Numbered { start: u32, kind: &'static str, items: Vec<Vec<Block>> },
    /// Terms with what they mean: definitions, fields, options.
    Terms(Vec<(Vec<Inline>, Vec<Block>)>),
    /// A table.
    Table(Table),
    /// A line across the page.
    Rule,
    /// Text beside the text: a note, a topic, a sidebar.
    Aside { title: Vec<Inline>, body: Vec<Block> },
    /// A footnote or citation by its place among them.
    Footnote { index: usize, body: Vec<Block> },
    /// A place that links can lead to.
    Anchor(String),
}

/// A table: the rows of its head, then those of its body.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Table {
    pub(super) title: Vec<Inline>,
    pub(super) head: Vec<Vec<Cell>>,
    pub(super) body: Vec<Vec<Cell>>,
    /// How many cells at the beginning of each row are headings.
    pub(super) stubs: usize,
}

/// One cell, and how many rows and columns it takes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) body: Vec<Block>,
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Inline {
    Text(String),
    /// Text in one of the elements that mark it.
    Marked(Mark, String),
    /// A link.
    Link {
        text: Vec<Inline>,
        to: Goal,
    },
    /// A place in a line that links can lead to.
    Anchor {
        id: String,
        text: String,
    },
    /// What a substitution definition says.
    Substitution(String),
    /// A picture: its alternative text.
    Picture(String),
    /// The mark of a footnote or citation.
    Footnote(Note),
}

/// How text is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Emphasis,
    Strong,
    Code,
    Sub,
    Sup,
    Title,
    Abbreviation,
    Keys,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Goal {
    Uri(String),
    /// What has that name.
    Name(String),
    /// The anonymous target at that place among them.
    Anonymous(usize),
}

/// Which footnote is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Note {
    /// The one with this label: a number, or the name of a citation.
    Labelled(String),
    /// The one numbered by the renderer that has this name.
    Named(String),
    /// The one numbered by the renderer at this place among those without name.
    Next(usize),
    /// The one with a symbol at this place among them.
    Symbol(usize),
}

/// The text of inlines, as names are made of it.
pub(super) fn text_of(inlines: &[Inline]) -> String {
    let mut text = String::new();
    for inline in inlines {
        match inline {
            Inline::Text(part) | Inline::Marked(_, part) | Inline::Picture(part) => {
                text.push_str(part);
            }
            Inline::Anchor { text: part, .. } | Inline::Substitution(part) => text.push_str(part),
            Inline::Link { text: parts, .. } => text.push_str(&text_of(parts)),
            Inline::Footnote(_) => {}
        }
    }
    text
}
