//! Directives: their arguments, options and content, and what each makes.

use std::collections::HashMap;

use super::Parser;
use super::block::literal;
use super::cursor::is_blank;
use super::inline;
use super::marks;
use super::tree::{Block, Goal, Inline};

/// What follows the name of a directive.
#[derive(Debug, Default)]
pub(super) struct Directive<'a> {
    pub(super) argument: String,
    pub(super) options: HashMap<String, String>,
    pub(super) content: Vec<&'a str>,
}

impl<'a> Directive<'a> {
    /// Tells argument, options and content apart. A bare directive has only content; where it
    /// takes no argument, text that stands where arguments do is content too.
    pub(super) fn split(lines: &[&'a str], is_bare: bool, has_argument: bool) -> Self {
        if is_bare {
            return Self { content: lines.to_vec(), ..Self::default() };
        }
        let end = lines.iter().position(|line| is_blank(line)).unwrap_or(lines.len());
        let (head, content) = lines.split_at_checked(end).unwrap_or_default();
        let options_at =
            head.iter().position(|line| marks::field(line).is_some()).unwrap_or(head.len());
        let (argument, options) = head.split_at_checked(options_at).unwrap_or_default();
        let mut it = Self { options: options_of(options), ..Self::default() };
        if has_argument {
            it.argument = argument.join("\n").trim().to_owned();
        } else {
            it.content.extend(argument);
        }
        let content = if it.content.is_empty() { skip_blank(content) } else { content };
        it.content.extend(content);
        it
    }

    /// An option that is a number.
    pub(super) fn number(&self, name: &str) -> usize {
        self.options.get(name).and_then(|value| value.trim().parse().ok()).unwrap_or(0)
    }
}

fn skip_blank<'a, 'b>(lines: &'a [&'b str]) -> &'a [&'b str] {
    let blank = lines.iter().take_while(|line| is_blank(line)).count();
    lines.get(blank..).unwrap_or_default()
}

fn options_of(lines: &[&str]) -> HashMap<String, String> {
    let mut options = HashMap::new();
    let mut current: Option<String> = None;
    for line in lines {
        if let Some((name, end)) = marks::field(line) {
            let name = name.to_lowercase();
            options.insert(name.clone(), line.get(end..).unwrap_or_default().to_owned());
            current = Some(name);
        } else if let Some(value) = current.as_ref().and_then(|name| options.get_mut(name)) {
            value.push('\n');
            value.push_str(line.trim());
        }
    }
    options
}

/// The titles of notes of a kind.
fn note_title(name: &str) -> Option<&'static str> {
    Some(match name {
        "attention" => "Attention!",
        "caution" => "Caution!",
        "danger" => "!DANGER!",
        "error" => "Error",
        "hint" => "Hint",
        "important" => "Important",
        "note" => "Note",
        "tip" => "Tip",
        "warning" => "Warning",
        "seealso" => "See also",
        _ => return None,
    })
}

/// How a description says what changed when, in the words of documentation tools.
fn version_title(name: &str) -> Option<&'static str> {
    Some(match name {
        "versionadded" => "New in version",
        "versionchanged" => "Changed in version",
        "deprecated" => "Deprecated since version",
        _ => return None,
    })
}

impl Parser {
    /// What a directive makes. `whole` is the directive as written: shown where it is not known.
    pub(super) fn run(
        &mut self,
        name: &str,
        lines: &[&str],
        is_bare: bool,
        whole: &[&str],
        out: &mut Vec<Block>,
    ) {
        let split = |has_argument| Directive::split(lines, is_bare, has_argument);
        if let Some(title) = note_title(name) {
            if name == "seealso" {
                self.trouble();
            }
            let title = vec![Inline::Text(title.to_owned())];
            return self.aside(title, &split(false), out);
        }
        match name {
            "image" => self.image(&split(true), out),
            "figure" => self.figure(&split(true), out),
            "code" | "code-block" | "sourcecode" => self.code(&split(true), out),
            "parsed-literal" => {
                let text = self.inlines(&split(false).content.join("\n"));
                out.push(Block::Literal(text));
            }
            "math" => out.push(literal(&math(&split(true)))),
            "admonition" | "topic" | "sidebar" => {
                let it = split(true);
                let title = self.inlines(&it.argument);
                self.aside(title, &it, out);
            }
            "rubric" => {
                let text = self.inlines(&split(true).argument);
                out.push(Block::Rubric(text));
            }
            "epigraph" | "highlights" | "pull-quote" => {
                self.quoted(&split(false).content, out);
            }
            "compound" => out.append(&mut self.blocks(&split(false).content, false)),
            "container" | "class" | "rst-class" => {
                out.append(&mut self.blocks(&split(true).content, false));
            }
            "table" => self.titled_table(&split(true), out),
            "list-table" => self.list_table(&split(true), out),
            "csv-table" => self.csv_table(&split(true), out),
            "role" => self.add_role(&split(true).argument),
            "default-role" => self.default_role = split(true).argument,
            // What they add is on the page already, or belongs to no description.
            "contents" | "sectnum" | "section-numbering" | "target-notes" | "header" | "footer"
            | "meta" | "title" => {}
            // What stands elsewhere, or is made for another kind of output.
            "raw" | "include" | "highlight" | "index" => self.trouble(),
            _ => self.unknown(name, &split(true), whole, out),
        }
    }

    fn unknown(&mut self, name: &str, it: &Directive<'_>, whole: &[&str], out: &mut Vec<Block>) {
        self.trouble();
        let Some(title) = version_title(name) else { return out.push(literal(whole)) };
        let mut title = vec![Inline::Text(format!("{title} "))];
        title.extend(self.inlines(&it.argument));
        out.push(Block::Paragraph(title));
        out.append(&mut self.blocks(&it.content, false));
    }

    fn aside(&mut self, title: Vec<Inline>, it: &Directive<'_>, out: &mut Vec<Block>) {
        let body = self.blocks(&it.content, false);
        if body.is_empty() {
            self.trouble();
        }
        out.push(Block::Aside { title, body });
    }

    /// Code. Only its language may be said; what stands there else is code too.
    fn code(&mut self, it: &Directive<'_>, out: &mut Vec<Block>) {
        if it.content.is_empty() || it.argument.contains(char::is_whitespace) {
            self.trouble();
        }
        if it.content.is_empty() {
            let lines: Vec<&str> = it.argument.lines().collect();
            return out.push(literal(&lines));
        }
        out.push(literal(&it.content));
    }

    /// A picture of its own; those that follow each other stay on a line.
    fn image(&mut self, it: &Directive<'_>, out: &mut Vec<Block>) {
        if it.argument.is_empty() || !it.content.is_empty() {
            self.trouble();
        }
        let picture = picture(it, None);
        match out.last_mut() {
            Some(Block::Pictures(row)) => row.extend([Inline::Text(" ".to_owned()), picture]),
            _ => out.push(Block::Pictures(vec![picture])),
        }
    }

    fn figure(&mut self, it: &Directive<'_>, out: &mut Vec<Block>) {
        let picture = picture(it, None);
        out.push(Block::Paragraph(vec![picture]));
        out.append(&mut self.blocks(&it.content, false));
    }

    /// `.. role:: name(base)`: a role of the document's own.
    fn add_role(&mut self, argument: &str) {
        let (name, base) = match argument.split_once('(') {
            Some((name, base)) => (name, base.trim_end_matches(')')),
            None => (argument, ""),
        };
        self.roles.insert(name.trim().to_lowercase(), base.trim().to_lowercase());
    }
}

fn math<'a>(it: &'a Directive<'_>) -> Vec<&'a str> {
    let mut lines: Vec<&str> = it.argument.lines().collect();
    lines.extend(&it.content);
    lines
}

/// The alternative text of a picture, in a link where the picture is one.
pub(super) fn picture(it: &Directive<'_>, name: Option<&str>) -> Inline {
    let uri: String = it.argument.split_whitespace().collect();
    let target = it.options.get("target").map(|it| it.trim()).filter(|it| !it.is_empty());
    let alt = it.options.get("alt").map(String::as_str).or(name).map(inline::unescaped);
    // A link needs a text: at least that of its address.
    let alt = alt.unwrap_or_else(|| match target {
        Some(_) => file_name(&uri).to_owned(),
        None => String::new(),
    });
    let picture = Inline::Picture(alt);
    match target {
        None => picture,
        Some(target) => Inline::Link { text: vec![picture], to: goal(target) },
    }
}

fn file_name(uri: &str) -> &str {
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(uri)
}

/// Where a picture leads: a name (`name_`), or a URI.
fn goal(target: &str) -> Goal {
    if let Some(name) = target.strip_suffix('_') {
        if inline::simple_name(name) == name.len() {
            return Goal::Name(name.to_owned());
        }
        if let Some(name) = name.strip_prefix('`').and_then(|name| name.strip_suffix('`')) {
            return Goal::Name(inline::unescaped(name));
        }
    }
    Goal::Uri(inline::uri_of(target))
}
