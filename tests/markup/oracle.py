"""Compares HTML of ours with what docutils makes of the same text.

Reads a JSON list of [name, text, html] and writes one of {name, troubles, theirs, ours}: the
messages of docutils, and of both the text and the elements that say what it is, in order.
"""

import io
import json
import sys
from html.parser import HTMLParser

from docutils import nodes
from docutils.core import publish_doctree, publish_from_doctree
from docutils.utils import Reporter

SETTINGS = {
    "doctitle_xform": False,
    "sectsubtitle_xform": False,
    "docinfo_xform": False,
    "sectnum_xform": False,
    "initial_header_level": 2,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 2,
    "halt_level": 5,
    "smart_quotes": False,
    "strip_comments": True,
    "syntax_highlight": "none",
    "toc_backlinks": False,
    "footnote_backlinks": False,
    "cloak_email_addresses": False,
    "embed_stylesheet": False,
    "id_prefix": "description-",
    "_disable_config": True,
}

ELEMENTS = {
    "h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "dl", "dt", "dd", "pre", "table",
    "tr", "td", "th", "blockquote", "hr", "a", "em", "strong", "code", "cite", "sub", "sup",
}
VOID = {"br", "hr", "img", "col", "meta", "link", "input"}


def picture_text(image):
    """Pictures are not shown: their alternative text is, or their name where they are links."""
    if "alt" in image:
        return image["alt"]
    if isinstance(image.parent, nodes.reference):
        uri = image["uri"]
        path = uri.split("?")[0].split("#")[0]
        return next((part for part in reversed(path.split("/")) if part), uri)
    return ""


def without_pictures(document):
    for image in list(document.findall(nodes.image)):
        place = image.parent if isinstance(image.parent, nodes.reference) else image
        text = nodes.Text(picture_text(image))
        is_block = not isinstance(place.parent, nodes.TextElement)
        image.parent.replace(image, text)
        if not is_block:
            continue
        inline = text if place is image else place
        parent = inline.parent
        index = parent.index(inline)
        before = parent[index - 1] if index else None
        if isinstance(before, nodes.paragraph) and before.get("pictures"):
            before += [nodes.Text(" "), inline.deepcopy()]
            parent.remove(inline)
        else:
            row = nodes.paragraph("", "", inline.deepcopy())
            row["pictures"] = 1
            parent.replace(inline, row)


def theirs(text):
    """The HTML, and the messages of trouble."""
    heard = []
    settings = dict(SETTINGS, warning_stream=io.StringIO())
    document = publish_doctree(text, settings_overrides=settings)
    for message in list(document.findall(nodes.system_message)):
        if message["level"] >= Reporter.WARNING_LEVEL:
            heard.append(message.astext())
        message.parent.remove(message)
    document.transform_messages = []
    for topic in list(document.findall(nodes.topic)):
        if "contents" in topic["classes"]:
            topic.parent.remove(topic)
    for kind, other in [(nodes.math, nodes.literal), (nodes.math_block, nodes.literal_block)]:
        for math in list(document.findall(kind)):
            math.parent.replace(math, other("", math.astext()))
    for title in document.findall(nodes.title):
        # It would lead back to the table of contents, which is left out.
        title.attributes.pop("refid", None)
    without_pictures(document)
    for row in document.findall(nodes.paragraph):
        row.attributes.pop("pictures", None)
    html = publish_from_doctree(document, writer="html5", settings_overrides=settings).decode()
    return html.partition("<body>")[2].partition("</body>")[0], heard


class Reader(HTMLParser):
    """The text and the elements that matter, in order."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tokens, self.open, self.text = [], [], ""
        self.in_pre = self.in_lines = 0

    def flush(self):
        text = self.text if self.in_pre else " ".join(self.text.split())
        text = text.replace("\u00a0", " ")
        if text.strip():
            self.tokens.append(text.rstrip("\n") if self.in_pre else text.strip())
        self.text = ""

    def begin(self, name):
        self.flush()
        self.tokens.append(name)

    def as_seen(self, tag, attributes):
        """The element of ours that an element stands for."""
        classes = (attributes.get("class") or "").split()
        if tag == "a":
            href = attributes.get("href")
            if href is None:
                return None
            scheme = href.partition(":")[0].lower() if ":" in href.split("/")[0] else ""
            if scheme not in ("", "http", "https", "mailto"):
                return None
            return "a #" if href.startswith("#") else "a " + href
        if "literal" in classes and tag == "span":
            return "code"
        if "line-block" in classes:
            return "p" if not self.in_lines else None
        if "footnote" in classes or "citation" in classes:
            return "note"
        if "label" in classes and tag == "span":
            return "dt"
        return tag if tag in ELEMENTS else None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        classes = (attributes.get("class") or "").split()
        if tag == "br":
            self.text += "\n"
        if tag == "hr":
            self.begin("<hr>")
        if tag in VOID:
            return
        seen = self.as_seen(tag, attributes)
        if self.in_pre and seen and not seen.startswith("a "):
            seen = None
        if "classifier" in classes:
            self.text += " : "
        if "colon" in classes:
            seen = "drop"
            self.kept = self.text
        if "line-block" in classes:
            self.in_lines += 1
        self.open.append((tag, seen, "line-block" in classes, "rubric" in classes))
        if seen and seen not in ("drop", "note"):
            self.begin(f"<{seen}>")
        if "rubric" in classes:
            self.begin("<strong>")
        if tag == "pre":
            self.in_pre += 1

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        begun, seen, is_lines, is_rubric = self.open.pop()
        assert begun == tag, (begun, tag)
        if is_rubric:
            self.begin("</strong>")
        if seen == "drop":
            self.text = self.kept
        elif seen == "note":
            self.begin("</dd>")
        elif seen:
            self.begin(f"</{seen.split()[0]}>")
            if seen == "dt" and tag == "span":
                self.tokens.append("<dd>")
        if is_lines:
            self.in_lines -= 1
        if tag == "pre":
            self.in_pre -= 1
        if tag == "div":
            self.text += "\n"

    def handle_data(self, data):
        self.text += data


# Lists of footnotes are lists of ours, and none of theirs; list marks say no more than items.
LISTS = {"<ul>", "</ul>", "<ol>", "</ol>", "<dl>", "</dl>"}


def read(html):
    reader = Reader()
    reader.feed(html)
    reader.close()
    reader.flush()
    tokens = []
    for token in reader.tokens:
        if token == "</p>" and tokens[-1:] == ["<p>"]:
            tokens.pop()
        elif token not in LISTS:
            tokens.append(token)
    return tokens


def main():
    found = []
    for name, text, html in json.loads(sys.stdin.buffer.read()):
        rendered, heard = theirs(text)
        found.append(
            {"name": name, "troubles": heard, "theirs": read(rendered), "ours": read(html)}
        )
    sys.stdout.buffer.write(json.dumps(found).encode())


if __name__ == "__main__":
    main()
