//! Writes the tree as HTML.

use super::names::Names;
use super::tree::{Block, Cell, Goal, Inline, Mark, Note, Table};

/// Substitutions within substitutions that are followed.
const DEEPEST: usize = 8;
/// Bytes that substitutions may add to a text, with one for each of them: a few lines that
/// multiply each other could else become gigabytes.
const MOST_SUBSTITUTED: usize = 200_000;
/// The level of the first title: the first heading of the page is its own.
const FIRST_LEVEL: usize = 2;
const LAST_LEVEL: usize = 6;
/// Columns that a line of a line block is indented by at most.
const DEEPEST_LINE: usize = 40;

/// The HTML of the blocks.
pub(super) fn write(blocks: &[Block], names: &Names) -> String {
    let mut writer = Writer {
        names,
        html: String::new(),
        depth: 0,
        budget: MOST_SUBSTITUTED,
        is_in_link: false,
    };
    writer.blocks(blocks);
    writer.html
}

struct Writer<'a> {
    names: &'a Names,
    html: String,
    /// Substitutions that are being written.
    depth: usize,
    /// What substitutions may still add.
    budget: usize,
    is_in_link: bool,
}

impl Writer<'_> {
    fn raw(&mut self, html: &str) {
        self.html.push_str(html);
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.raw("&amp;"),
                '<' => self.raw("&lt;"),
                '>' => self.raw("&gt;"),
                '"' => self.raw("&quot;"),
                c => self.html.push(c),
            }
        }
    }

    fn within(&mut self, tag: &str, inner: impl FnOnce(&mut Self)) {
        self.html.extend(["<", tag, ">"]);
        inner(self);
        self.html.extend(["</", tag, ">"]);
    }

    fn identified(&mut self, tag: &str, id: &str) {
        self.html.extend(["<", tag, " id=\""]);
        self.text(id);
        self.raw("\">");
    }

    fn blocks(&mut self, blocks: &[Block]) {
        let mut is_in_notes = false;
        for block in blocks {
            let is_note = matches!(block, Block::Footnote { .. });
            if is_note != is_in_notes {
                self.raw(if is_note { "<dl>\n" } else { "</dl>\n" });
                is_in_notes = is_note;
            }
            self.block(block);
            self.raw("\n");
        }
        if is_in_notes {
            self.raw("</dl>\n");
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading { level, id, text } => {
                let tag = format!("h{}", (level - 1 + FIRST_LEVEL).min(LAST_LEVEL));
                self.identified(&tag, id);
                self.inlines(text);
                self.html.extend(["</", &tag, ">"]);
            }
            Block::Paragraph(text) | Block::Pictures(text) => {
                self.within("p", |it| it.inlines(text));
            }
            Block::Rubric(text) => {
                self.within("p", |it| it.within("strong", |it| it.inlines(text)));
            }
            Block::Literal(text) => self.within("pre", |it| it.inlines(text)),
            Block::Lines(lines) => self.within("p", |it| it.lines(lines)),
            Block::Quote(body) => self.within("blockquote", |it| it.blocks(body)),
            Block::Bullets(items) => {
                self.within("ul", |it| it.items(items));
            }
            Block::Numbered { start, kind, items } => {
                self.raw(&format!("<ol start=\"{start}\" type=\"{kind}\">"));
                self.items(items);
                self.raw("</ol>");
            }
            Block::Terms(terms) => self.within("dl", |it| {
                for (term, body) in terms {
                    it.within("dt", |it| it.inlines(term));
                    it.within("dd", |it| it.blocks(body));
                }
            }),
            Block::Table(table) => self.within("table", |it| it.table(table)),
            Block::Rule => self.raw("<hr>"),
            Block::Aside { title, body } => {
                self.raw("<aside class=\"admonition\">");
                if !title.is_empty() {
                    self.raw("<p class=\"admonition-title\">");
                    self.inlines(title);
                    self.raw("</p>\n");
                }
                self.blocks(body);
                self.raw("</aside>");
            }
            Block::Footnote { index, body } => {
                let Some(note) = self.names.footnotes.get(*index) else { return };
                self.identified("dt", &note.id);
                self.text(&format!("[{}]", note.label));
                self.raw("</dt>");
                self.within("dd", |it| it.blocks(body));
            }
            Block::Anchor(id) => {
                self.identified("span", id);
                self.raw("</span>");
            }
        }
    }

    fn items(&mut self, items: &[Vec<Block>]) {
        for item in items {
            self.within("li", |it| it.blocks(item));
        }
    }

    fn lines(&mut self, lines: &[(usize, Vec<Inline>)]) {
        for (number, (depth, text)) in lines.iter().enumerate() {
            if number > 0 {
                self.raw("<br>\n");
            }
            for _ in 0..(*depth).min(DEEPEST_LINE) {
                self.raw("&nbsp;");
            }
            self.inlines(text);
        }
    }

    fn table(&mut self, table: &Table) {
        if !table.title.is_empty() {
            self.within("caption", |it| it.inlines(&table.title));
        }
        if !table.head.is_empty() {
            self.within("thead", |it| it.rows(&table.head, usize::MAX));
        }
        self.within("tbody", |it| it.rows(&table.body, table.stubs));
    }

    fn rows(&mut self, rows: &[Vec<Cell>], headings: usize) {
        for row in rows {
            self.raw("<tr>");
            for (number, cell) in row.iter().enumerate() {
                let tag = if number < headings { "th" } else { "td" };
                self.html.extend(["<", tag]);
                for (name, count) in [("rowspan", cell.rows), ("colspan", cell.columns)] {
                    if count > 1 {
                        self.raw(&format!(" {name}=\"{count}\""));
                    }
                }
                self.raw(">");
                self.blocks(&cell.body);
                self.html.extend(["</", tag, ">"]);
            }
            self.raw("</tr>\n");
        }
    }

    fn inlines(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            self.inline(inline);
        }
    }

    fn inline(&mut self, inline: &Inline) {
        match inline {
            Inline::Text(text) | Inline::Picture(text) => self.text(text),
            Inline::Marked(mark, text) => self.within(tag(*mark), |it| it.text(text)),
            Inline::Link { text, to } => self.link(text, to),
            Inline::Anchor { id, text } => {
                self.identified("span", id);
                self.text(text);
                self.raw("</span>");
            }
            Inline::Substitution(name) => self.substitution(name),
            Inline::Footnote(note) => self.note(note),
        }
    }

    /// A link; its text alone where it leads nowhere, or stands in another.
    fn link(&mut self, text: &[Inline], to: &Goal) {
        let Some(uri) = self.names.resolve(to).filter(|_| !self.is_in_link) else {
            return self.inlines(text);
        };
        self.raw("<a href=\"");
        self.text(&uri);
        self.raw("\">");
        self.is_in_link = true;
        self.inlines(text);
        self.is_in_link = false;
        self.raw("</a>");
    }

    fn note(&mut self, note: &Note) {
        let Some(found) = self.names.footnote(note) else {
            return match note {
                Note::Labelled(label) => self.text(&format!("[{label}]")),
                Note::Named(name) => self.text(&format!("[#{name}]")),
                Note::Next(_) => self.raw("[#]"),
                Note::Symbol(_) => self.raw("[*]"),
            };
        };
        let text = [Inline::Text(format!("[{}]", found.label))];
        self.link(&text, &Goal::Uri(format!("#{}", found.id)));
    }

    /// What the name stands for; the name itself where nothing does, or where it is too much.
    fn substitution(&mut self, name: &str) {
        let Some(content) = self.names.substitution(name) else {
            return self.text(&format!("|{name}|"));
        };
        if self.depth >= DEEPEST || self.budget == 0 {
            return self.text(name);
        }
        let before = self.html.len();
        self.depth += 1;
        self.inlines(content);
        self.depth -= 1;
        let added = self.html.len().saturating_sub(before);
        self.budget = self.budget.saturating_sub(added + 1);
    }
}

fn tag(mark: Mark) -> &'static str {
    match mark {
        Mark::Emphasis => "em",
        Mark::Strong => "strong",
        Mark::Code => "code",
        Mark::Sub => "sub",
        Mark::Sup => "sup",
        Mark::Title => "cite",
        Mark::Abbreviation => "abbr",
        Mark::Keys => "kbd",
    }
}
